"""Jobs whose files are on a volume that is unmounted at work: an empty folder is where it was."""

import asyncio
import errno
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Reason, Refusal
from domain.images import Role
from domain.job import Kind, Status
from domain.limits import DAY, MINUTE
from storage.files import Files, Unreachable
from tests.jobs.asking.test_fetcher import completed, fetch
from tests.jobs.harness import LONG, Harness, opened, until
from tests.jobs.test_submitter import CARD, submissions, submit
from tests.pictures.material import encoded, photo
from tests.storage.rows import an_image

CAT = encoded(photo(size=(40, 30)), "JPEG")
CAT_SHA = hashlib.sha256(CAT).hexdigest()
GENERATED: dict[str, Any] = {**CARD, "kind": Kind.GENERATE, "model": "gpt-image-1-5", "secret": None}


class Volume:
    """What is mounted, and goes."""

    def __init__(self, mount: Path) -> None:
        self.mount = mount
        self._elsewhere = mount.with_name("unmounted")

    def unmount(self) -> None:
        self.mount.rename(self._elsewhere)
        self.mount.mkdir()

    def mount_again(self) -> None:
        assert list(self.mount.iterdir()) == [], "nothing is made where the volume is going to hide it"
        self.mount.rename(self.mount.with_name("what was under it"))
        self._elsewhere.rename(self.mount)


@pytest.fixture
def volume(tmp_path: Path) -> Volume:
    return Volume(tmp_path / "mount")


@pytest.fixture
async def shared(tmp_path: Path, volume: Volume) -> AsyncIterator[Harness]:
    files = Files(volume.mount, alone=False, named=True)
    async with opened(tmp_path, files=files, named=True) as made:
        yield made


async def rerolled(harness: Harness) -> None:
    """A queued job whose source is kept from the one before."""
    harness.keep(CAT, CAT_SHA)
    await harness.put(token="t", token_expires_at=harness.clock.now() + DAY, card_id=77, card_channel_id=5)
    await harness.add(an_image(name="cat.jpg", sha256=CAT_SHA, media_type="image/jpeg", size=len(CAT)))


def warned(harness: Harness) -> set[str]:
    return {key for key, _ in harness.operator.warned}


async def test_a_queued_job_whose_source_is_away_waits_for_it_and_the_owner_is_told(
    shared: Harness, volume: Volume
) -> None:
    await rerolled(shared)
    volume.unmount()
    # Whatever a step of a job raises is waited out, and the step done again (``jobs/life.py``).
    with pytest.raises(Unreachable, match="is its volume mounted"):
        await shared.parts.preparer.prepare("i1")
    assert (await shared.job()).status is Status.QUEUED
    assert warned(shared) == {"files_unreachable"}
    volume.mount_again()
    prepared = await shared.parts.preparer.prepare("i1")
    assert prepared is not None
    assert prepared.sources_ready


async def test_so_does_one_whose_source_goes_while_it_is_put_on_the_card(
    shared: Harness, volume: Volume
) -> None:
    await rerolled(shared)
    volume.unmount()
    with pytest.raises(Unreachable, match="is its volume mounted"):
        await shared.parts.publisher.publish(await shared.job(), await shared.images(Role.SOURCE))
    assert (await shared.job()).status is Status.QUEUED
    assert warned(shared) == {"files_unreachable"}


async def test_what_is_asked_of_past_jobs_meanwhile_is_not_called_gone(
    shared: Harness, volume: Volume
) -> None:
    await rerolled(shared)
    volume.unmount()
    with pytest.raises(Refusal) as caught:
        await shared.parts.archive.sources("i1")
    assert caught.value.reason is Reason.STORAGE_FULL
    volume.mount_again()
    assert [image.sha256 for image in await shared.parts.archive.sources("i1")] == [CAT_SHA]
    shared.parts.files.drop(CAT_SHA)
    with pytest.raises(Refusal) as caught:
        await shared.parts.archive.sources("i1")
    assert caught.value.reason is Reason.SOURCES_NOT_KEPT


async def test_a_result_that_comes_meanwhile_waits_at_the_provider(shared: Harness, volume: Volume) -> None:
    job, reply = await completed(shared)
    volume.unmount()
    fetching = asyncio.create_task(fetch(shared, job, reply))
    with shared.clock.standing(after=1):
        await until(lambda: len(shared.clock.slept) == 2, what="two tries")
        assert warned(shared) == {"files_unreachable"}
        assert (await shared.job()).status is Status.RUNNING
        volume.mount_again()
    assert await asyncio.wait_for(fetching, LONG) == ["i1 2"]
    (result,) = await shared.images(Role.RESULT)
    assert (volume.mount / "files" / str(result.sha256)[:2] / str(result.sha256)).is_file()


async def test_what_needs_no_file_is_not_sent_while_there_is_no_place_for_its_result(
    shared: Harness, volume: Volume
) -> None:
    await shared.put(**GENERATED)
    volume.unmount()
    for _ in range(2):
        with pytest.raises(Unreachable, match="not where they were"):
            await submit(shared)
    assert (await shared.job()).status is Status.QUEUED
    assert submissions(shared) == []
    assert warned(shared) == {"files_unreachable"}
    volume.mount_again()
    assert await submit(shared) is not None
    assert len(submissions(shared)) == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
async def test_nothing_is_sent_while_the_last_result_could_not_be_kept(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    job, reply = await completed(harness)
    before, files = len(submissions(harness)), harness.parts.files
    await harness.put("i2", **GENERATED)
    with monkeypatch.context() as patched:
        for way in ("keep", "require_writable"):
            patched.setattr(files, way, _says(number))
        assert await fetch(harness, job, reply) == []
        for _ in range(2):
            with pytest.raises(OSError, match=os.strerror(number)):
                await submit(harness, "i2")
    assert (await harness.job("i2")).status is Status.QUEUED
    assert len(submissions(harness)) == before
    assert warned(harness) == {"storage_full"}
    assert await submit(harness, "i2") is not None
    assert len(submissions(harness)) == before + 1


async def test_one_result_that_cannot_be_kept_holds_up_no_other_job(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, reply = await completed(harness)
    await harness.put("i2", **GENERATED)
    monkeypatch.setattr(harness.parts.files, "keep", _says(errno.EFBIG))
    assert await fetch(harness, job, reply) == []
    assert await submit(harness, "i2") is not None


async def test_once_a_result_could_be_kept_nothing_is_tried_any_more(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, reply = await completed(harness)
    await harness.put("i2", **GENERATED)
    monkeypatch.setattr(harness.parts.files, "keep", _once(_says(errno.ENOSPC), harness.parts.files.keep))
    assert await fetch(harness, job, reply) == ["i1 2"]
    monkeypatch.setattr(harness.parts.files, "require_writable", _says(errno.ENOSPC))
    assert await submit(harness, "i2") is not None


async def test_a_new_source_costs_its_member_nothing(shared: Harness, volume: Volume) -> None:
    ends = shared.clock.now() + 60 * MINUTE
    await shared.put(token="t", token_expires_at=ends, card_id=77, card_channel_id=5)
    await shared.add(an_image(name="cat.jpg", url=shared.cdn.url("cat.jpg"), url_expires_at=ends))
    volume.unmount()
    assert await shared.parts.preparer.prepare("i1") is None
    assert (await shared.job()).failure is Reason.STORAGE_FULL
    volume.mount_again()


def _says(number: int) -> Callable[..., None]:
    def say(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return say


def _once(first: Callable[..., Any], then: Callable[..., Any]) -> Callable[..., Any]:
    ways = chain((first,), repeat(then))
    return lambda *given: next(ways)(*given)
