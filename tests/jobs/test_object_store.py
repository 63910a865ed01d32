"""Jobs whose files are in an object store, which speaks S3 over HTTP and sometimes does not."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from accounts import ledger
from domain.entries import EntryKind
from domain.errors import Reason, Refusal
from domain.images import Role
from domain.job import Kind, Status
from domain.limits import DAY
from storage import job_rows, unnamed
from storage.files import Files, Unreachable
from storage.kept import files_at
from storage.place import require_place
from tests.jobs.harness import Harness, opened, until
from tests.jobs.test_submitter import submissions, submit
from tests.pictures.material import encoded, photo
from tests.storage.rows import an_image
from tests.storage.s3_standin import BUCKET, S3Standin, s3_standin

RESULT = encoded(photo(size=(40, 30)), "PNG")
RESULT_SHA = hashlib.sha256(RESULT).hexdigest()
DENIED = (403, "AccessDenied")


@pytest.fixture
def store() -> Iterator[S3Standin]:
    with s3_standin() as standin:
        yield standin


def files_of(store: S3Standin, folder: Path) -> Files:
    made = files_at(f"s3://{BUCKET}/bot", folder, alone=False, s3=store.options, copies=10**6)
    made.prepare()
    return made


@pytest.fixture
async def stored(tmp_path: Path, store: S3Standin) -> AsyncIterator[Harness]:
    async with opened(tmp_path, files=files_of(store, tmp_path)) as made:
        yield made


async def asked_for(harness: Harness) -> None:
    await harness.put(token="t", token_expires_at=harness.clock.now() + DAY, card_id=77, card_channel_id=5)
    url, ends = harness.cdn.url("cat.jpg"), harness.clock.now() + DAY
    await harness.add(an_image(name="cat.jpg", url=url, url_expires_at=ends))


async def finished(harness: Harness, store: S3Standin, elsewhere: Path) -> None:
    """A job whose result another host has kept and charged."""
    now = harness.clock.now()
    job = {"provider_job_id": "p1", "submitted_at": now, "completed_at": now, "card_id": 77}
    await harness.put(status=Status.DELIVERING, card_channel_id=5, **job)
    await harness.database.run(_charge)
    other = files_of(store, elsewhere)
    arrived = other.new_path()
    arrived.write_bytes(RESULT)
    other.keep(arrived, RESULT_SHA)
    await harness.add(
        an_image(role=Role.RESULT, name="darkroom-i1-1.png", sha256=RESULT_SHA, size=len(RESULT))
    )


def _charge(tx: Any) -> None:
    job = job_rows.get(tx, "i1")
    assert job is not None
    ledger.charge(tx, job, amount=4_000, images=1, at=job.created_at)


async def test_sources_are_kept_in_the_store_before_a_row_names_them(
    stored: Harness, store: S3Standin
) -> None:
    await asked_for(stored)
    prepared = await stored.parts.preparer.prepare("i1")
    assert prepared is not None
    assert prepared.sources_ready
    named = {image.sha256 for role in (Role.SOURCE, Role.SHEET) for image in await stored.images(role)}
    assert {key.rpartition("/")[2] for key in store.objects} == named


async def test_a_store_that_refuses_costs_a_member_nothing_and_the_owner_is_told(
    stored: Harness, store: S3Standin
) -> None:
    store.fault = DENIED
    await asked_for(stored)
    assert await stored.parts.preparer.prepare("i1") is None
    assert (await stored.job()).failure is Reason.STORAGE_FULL
    assert [kind for kind, _, _ in await stored.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]
    ((key, said),) = stored.operator.warned
    assert key == "files_unreachable"
    assert said["problem"] == "The store of FILES_URL fails: 403 Forbidden, AccessDenied."


async def test_what_another_host_has_kept_is_delivered(
    stored: Harness, store: S3Standin, tmp_path: Path
) -> None:
    await finished(stored, store, tmp_path / "elsewhere")
    await stored.parts.life.run("i1")
    assert (await stored.job()).status is Status.DONE
    assert stored.messenger.brought[-1][2] == ("darkroom-i1-1.png",)


@pytest.mark.parametrize("fault", [DENIED, (404, "NoSuchBucket"), (404, "NoSuchKey")], ids=str)
async def test_a_result_that_cannot_be_read_is_waited_for_and_not_taken_for_lost(
    stored: Harness, store: S3Standin, tmp_path: Path, fault: tuple[int, str]
) -> None:
    await finished(stored, store, tmp_path / "elsewhere")
    store.fault = fault
    living = asyncio.create_task(stored.parts.life.run("i1"))
    with stored.clock.standing(after=1):
        await until(lambda: len(stored.clock.slept) >= 2, what="two tries")
        assert (await stored.job()).status is Status.DELIVERING
        store.fault = None
    await asyncio.wait_for(living, 60)
    assert (await stored.job()).status is Status.DONE
    assert EntryKind.REFUND not in {kind for kind, _, _ in await stored.entries()}


async def test_results_of_a_place_that_is_away_are_waited_for(
    stored: Harness, store: S3Standin, tmp_path: Path
) -> None:
    await require_place(stored.database, stored.parts.files, where="FILES_URL", decides=True)
    await finished(stored, store, tmp_path / "elsewhere")
    kept = dict(store.objects)
    store.objects.clear()
    living = asyncio.create_task(stored.parts.life.run("i1"))
    with stored.clock.standing(after=1):
        await until(lambda: len(stored.clock.slept) >= 2, what="two tries")
        assert (await stored.job()).status is Status.DELIVERING
        store.objects.update(kept)
    await asyncio.wait_for(living, 60)
    assert (await stored.job()).status is Status.DONE


async def test_so_are_kept_sources(stored: Harness, store: S3Standin) -> None:
    await require_place(stored.database, stored.parts.files, where="FILES_URL", decides=True)
    stored.keep(RESULT, RESULT_SHA)
    await stored.put(token="t", token_expires_at=stored.clock.now() + DAY, card_id=77, card_channel_id=5)
    await stored.add(an_image(sha256=RESULT_SHA, media_type="image/png", size=len(RESULT)))
    kept = dict(store.objects)
    store.objects.clear()
    with pytest.raises(Unreachable):
        await stored.parts.preparer.prepare("i1")
    assert (await stored.job()).status is Status.QUEUED
    assert [key for key, _ in stored.operator.warned] == ["files_unreachable"]
    store.objects.update(kept)
    assert await stored.parts.preparer.prepare("i1") is not None


async def test_files_of_another_place_are_not_deleted_as_nobodys(
    stored: Harness, store: S3Standin, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = stored.parts.files
    await require_place(stored.database, files, where="FILES_URL", decides=True)
    files.name_place("of-another-one")
    monkeypatch.setattr(files, "arrived_before", lambda _: {RESULT_SHA})
    with pytest.raises(Unreachable):
        await stored.parts.leaving.retention.sweep()
    assert not await stored.database.read(unnamed.marked)


async def test_a_result_that_the_store_lists_no_more_is_given_back(
    stored: Harness, store: S3Standin, tmp_path: Path
) -> None:
    await finished(stored, store, tmp_path / "elsewhere")
    store.objects.clear()
    await stored.parts.life.run("i1")
    assert ((await stored.job()).status, (await stored.job()).failure) == (Status.FAILED, Reason.RESULT_GONE)
    assert [kind for kind, _, _ in await stored.entries()][-1] == EntryKind.REFUND


async def test_nothing_is_sent_while_the_store_does_not_say_that_it_is_ours(
    stored: Harness, store: S3Standin
) -> None:
    await require_place(stored.database, stored.parts.files, where="FILES_URL", decides=True)
    kind = {"kind": Kind.GENERATE, "model": "gpt-image-1-5", "secret": None}
    await stored.put(card_id=77, card_channel_id=5, **kind)
    store.fault = DENIED
    with pytest.raises(Unreachable, match="AccessDenied"):
        await submit(stored)
    assert (await stored.job()).status is Status.QUEUED
    assert submissions(stored) == []
    assert [key for key, _ in stored.operator.warned] == ["files_unreachable"]
    store.fault = None
    assert await submit(stored) is not None


async def test_whoever_asks_for_results_meanwhile_is_told_in_a_sentence(
    stored: Harness, store: S3Standin, tmp_path: Path
) -> None:
    await finished(stored, store, tmp_path / "elsewhere")
    results = await stored.parts.archive.results("i1")
    store.fault = DENIED
    with pytest.raises(Refusal) as caught:
        await stored.parts.archive.results("i1")
    assert caught.value.reason is Reason.STORAGE_FULL
    with pytest.raises(Refusal) as caught:
        await stored.parts.packer.pack_private(results, member_id=1, limit=10**7)
    assert caught.value.reason is Reason.STORAGE_FULL
