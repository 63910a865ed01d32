"""Taking in: real downloads, real pictures; bad sources end a job at no cost and leave nothing behind."""

import asyncio
import hashlib
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from domain.entries import EntryKind
from domain.errors import Reason
from domain.images import Role
from domain.job import Status
from domain.limits import DAY, MIB
from jobs.delivery.ports import MessengerTrouble, Oversize, RungBroken
from jobs.prepare import Preparer
from pictures.kept import Exhausted
from pictures.known import Known
from storage.files import Vanished
from tests.jobs.harness import SAMPLES, Harness, losing
from tests.pictures.material import PNG_SIGNATURE, chunk, encoded, header, oriented, photo
from tests.storage.rows import an_image

CAT = (SAMPLES / "cat.jpg").read_bytes()
CAT_SHA = hashlib.sha256(CAT).hexdigest()
BOMB = PNG_SIGNATURE + header(30_000, 30_000) + chunk(b"IDAT", zlib.compress(bytes(4_000))) + chunk(b"IEND")
BAD_FILES = [
    (b"This is a text file.", Reason.NOT_AN_IMAGE),
    (b"%PDF-1.7" + bytes(40), Reason.WRONG_TYPE),
    (b"\0\0\0\x18ftypisom" + bytes(12), Reason.VIDEO),
    (CAT[: len(CAT) // 2], Reason.TRUNCATED),
    (BOMB, Reason.TOO_MANY_PIXELS),
    (b"", Reason.SOURCE_UNREACHABLE),
    (404, Reason.SOURCE_GONE),
    (403, Reason.SOURCE_GONE),
    (500, Reason.SOURCE_UNREACHABLE),
    (302, Reason.URL_NOT_ALLOWED),
]


async def asked_for(harness: Harness, *names: str, job_id: str = "i1") -> None:
    """Accept a job whose sources lie on the CDN."""
    card = {"card_id": 77, "card_channel_id": 5}
    await harness.put(job_id, token="t", token_expires_at=harness.clock.now() + DAY, **card)
    await harness.add(
        *(
            an_image(
                job_id=job_id,
                position=place,
                name=name,
                url=harness.cdn.url(name),
                url_expires_at=harness.clock.now() + DAY,
            )
            for place, name in enumerate(names, 1)
        )
    )


def preparer(harness: Harness) -> Preparer:
    return harness.parts.preparer


async def test_sources_are_fetched_looked_at_and_kept_with_one_contact_sheet(harness: Harness) -> None:
    await asked_for(harness, "cat.jpg", "coffee.jpg")
    prepared = await preparer(harness).prepare("i1")
    assert prepared is not None
    assert prepared.sources_ready
    first, second = await harness.images(Role.SOURCE)
    assert (first.sha256, first.media_type, first.size) == (CAT_SHA, "image/jpeg", len(CAT))
    assert harness.parts.files.path(CAT_SHA).read_bytes() == CAT
    assert (second.width or 0) > 0
    (sheet,) = await harness.images(Role.SHEET)
    assert harness.parts.files.has(sheet.sha256 or "")
    assert harness.incoming() == []
    assert harness.messenger.brought == [], "their own addresses are still good"


async def test_taking_in_again_after_a_crash_fetches_nothing_again(harness: Harness) -> None:
    await asked_for(harness, "cat.jpg")
    await preparer(harness).prepare("i1")
    sheet = await harness.images(Role.SHEET)
    assert await preparer(harness).prepare("i1") is not None
    assert harness.cdn.asked == ["cat.jpg"]
    assert await harness.images(Role.SHEET) == sheet


@pytest.mark.parametrize(("bad", "reason"), BAD_FILES, ids=lambda value: str(value)[:20])
async def test_a_bad_source_ends_the_job_and_leaves_nothing(
    harness: Harness, bad: bytes | int, reason: Reason
) -> None:
    harness.cdn.files["bad.png"] = bad
    await asked_for(harness, "cat.jpg", "bad.png", "coffee.jpg")
    assert await preparer(harness).prepare("i1") is None
    job = await harness.job()
    assert (job.status, job.failure, job.card.token) == (Status.FAILED, reason, None)
    assert [kind for kind, _, _ in await harness.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]
    ((told, refusal),) = harness.messenger.refused
    assert (told, refusal.reason, refusal.values["name"]) == ("i1", reason, "bad.png")
    assert harness.incoming() == []
    assert all(image.url is None for image in await harness.images(Role.SOURCE))


async def test_a_file_that_is_too_large_is_cut_off(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assembly.product.MAX_SOURCE_BYTES", 1_000)
    await asked_for(harness, "cat.jpg")
    assert await preparer(harness).prepare("i1") is None
    ((_, refusal),) = harness.messenger.refused
    assert (refusal.reason, refusal.values["limit_mb"]) == (Reason.TOO_LARGE, 50)
    assert harness.incoming() == []


async def test_a_full_disk_ends_the_job_in_a_sentence(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(harness.parts.files, "keep", full)
    await asked_for(harness, "cat.jpg")
    assert await preparer(harness).prepare("i1") is None
    assert (await harness.job()).failure is Reason.STORAGE_FULL
    assert harness.incoming() == []


async def test_a_disk_that_takes_no_thumbnail_ends_the_job_in_a_sentence(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_given: object, **_values: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(harness.parts.outside.pictures, "inspect", full)
    await asked_for(harness, "cat.jpg", "coffee.jpg")
    assert await preparer(harness).prepare("i1") is None
    assert (await harness.job()).failure is Reason.STORAGE_FULL
    assert harness.incoming() == []


async def test_what_cannot_be_said_privately_is_said_on_the_card(harness: Harness) -> None:
    harness.cdn.files["bad.png"] = 404
    harness.messenger.refusals_reach = False
    await asked_for(harness, "bad.png")
    await preparer(harness).prepare("i1")
    await _at_rest(harness)
    ((_, view, _),) = harness.messenger.brought
    assert (view.job.status, view.job.failure) == (Status.FAILED, Reason.SOURCE_GONE)
    assert (await harness.job()).card.token is None


async def test_a_job_that_was_cancelled_meanwhile_is_left_alone(harness: Harness) -> None:
    await asked_for(harness, "cat.jpg")
    await harness.database.run(
        lambda tx: tx.execute("UPDATE jobs SET status = 'cancelled' WHERE id = 'i1'").fetchall()
    )
    assert await preparer(harness).prepare("i1") is None
    assert harness.cdn.asked == []


async def kept_source(harness: Harness, *, data: bytes = CAT, **values: object) -> None:
    """Ask for a reroll: its source is kept from the job before."""
    sha256 = hashlib.sha256(data).hexdigest()
    harness.keep(data, sha256)
    await harness.put(card_id=77, card_channel_id=5, **values)
    await harness.add(an_image(sha256=sha256, media_type="image/jpeg", size=len(data)))


async def test_kept_sources_are_published_on_the_card_for_the_provider(harness: Harness) -> None:
    await kept_source(harness)
    assert await preparer(harness).prepare("i1") is not None
    ((_, view, names),) = harness.messenger.brought
    assert names == view.published == ("source-1.jpg",)
    (source,) = await harness.images(Role.SOURCE)
    assert (source.attached, source.sha256) == ("source-1.jpg", CAT_SHA)
    assert source.url_expires_at == 0x70000000 * 1000
    assert harness.cdn.asked == []
    assert harness.parts.files.has(CAT_SHA)


async def test_a_kept_source_above_discords_limit_is_published_smaller(harness: Harness) -> None:
    big = encoded(photo(size=(900, 700)), "PNG")
    assert len(big) > MIB // 2
    await kept_source(harness, data=big, attachment_limit=MIB // 2)
    assert await preparer(harness).prepare("i1") is not None
    assert harness.incoming() == []
    assert harness.parts.files.path(hashlib.sha256(big).hexdigest()).read_bytes() == big


async def test_a_disk_that_takes_no_copy_for_the_card_ends_the_job_in_a_sentence(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_path: object, out: Path, **_values: object) -> None:
        await asyncio.to_thread(out.write_bytes, b"the beginning of a copy")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(harness.parts.outside.pictures, "publish", full)
    await kept_source(harness)
    assert await preparer(harness).prepare("i1") is None
    assert (await harness.job()).failure is Reason.STORAGE_FULL
    assert harness.incoming() == []


@pytest.mark.parametrize("error", [RungBroken(), Oversize(), MessengerTrouble()])
async def test_sources_that_cannot_be_published_end_the_job(
    harness: Harness, error: RungBroken | Oversize | MessengerTrouble
) -> None:
    await kept_source(harness, attachment_limit=MIB // 8)
    harness.messenger.script = {"message": [error] * 9, "channel": [error] * 9}
    assert await preparer(harness).prepare("i1") is None
    assert (await harness.job()).failure is Reason.SOURCE_UNREACHABLE
    assert harness.incoming() == []


async def test_sources_that_are_no_longer_kept_end_the_job(harness: Harness) -> None:
    await kept_source(harness)
    harness.parts.files.drop(CAT_SHA)
    assert await preparer(harness).prepare("i1") is None
    assert (await harness.job()).failure is Reason.SOURCES_NOT_KEPT


async def test_addresses_that_end_soon_are_replaced_and_fresh_ones_kept(harness: Harness) -> None:
    await kept_source(harness)
    (image,) = await harness.images(Role.SOURCE)
    fresh = replace(image, url="https://cdn/a", url_expires_at=harness.clock.now() + DAY)
    job = await harness.job()
    assert await harness.parts.publisher.publish(job, [fresh]) == ("https://cdn/a",)
    stale = replace(image, url="https://cdn/a", url_expires_at=harness.clock.now() + 60_000)
    (published,) = await harness.parts.publisher.publish(job, [stale])
    assert "source-1.jpg" in published


async def test_thirty_two_jobs_at_most_are_taken_in_side_by_side(harness: Harness) -> None:
    arriving, most = 0, 0
    all_in = asyncio.Event()

    async def slow(url: str, path: object) -> None:
        nonlocal arriving, most
        arriving += 1
        most = max(most, arriving)
        if arriving == 32:
            all_in.set()
        await all_in.wait()
        arriving -= 1
        raise OSError("enough")

    worker = harness.parts.preparer
    worker._fetch_source = slow  # type: ignore[assignment]
    for number in range(40):
        await harness.put(f"i{number}", member_id=number + 1)
        await harness.add(an_image(f"i{number}", url="https://cdn/a"))
    await asyncio.gather(*(worker.prepare(f"i{number}") for number in range(40)))
    assert most == 32


async def _at_rest(harness: Harness) -> None:
    """Let whatever was spawned come to its end."""
    while harness.parts.tasks._free:
        await asyncio.wait(set(harness.parts.tasks._free))


async def test_a_source_whose_file_went_just_before_its_row_is_fetched_again(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another job with the same source was deleted in between."""
    await asked_for(harness, "cat.jpg")
    with monkeypatch.context() as patch:
        patch.setattr(harness.parts.files, "keep", losing(harness.parts.files))
        with pytest.raises(Vanished):
            await preparer(harness).prepare("i1")
    assert not (await harness.job()).sources_ready
    assert await preparer(harness).prepare("i1") is not None
    assert (await harness.job()).sources_ready


async def test_a_file_that_was_the_end_of_a_process_is_never_decoded_again(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0

    async def dies(*_request: object, **_whose: object) -> None:
        nonlocal asked
        asked += 1
        raise Exhausted(lethal=asked > 1)

    monkeypatch.setattr("pictures.turns.Turns.ask", dies)
    for number, decoded in ((1, 1), (2, 2), (3, 2)):
        # What is only remembered in memory is forgotten here, as it is by another process.
        harness.parts.outside.pictures._known = Known()
        await asked_for(harness, "cat.jpg", job_id=f"i{number}")
        assert await preparer(harness).prepare(f"i{number}") is None
        assert asked == decoded, "slow is not lethal; lethal once is enough"
    assert [refusal.reason for _, refusal in harness.messenger.refused] == [Reason.TOO_HARD] * 3


async def test_a_source_that_is_not_in_its_normal_form_is_kept_and_published_in_it(harness: Harness) -> None:
    exif = oriented(6)
    exif[0x010F] = "a camera"
    harness.cdn.files["sideways.jpg"] = encoded(photo("coffee", (300, 200)), "JPEG", exif=exif)
    await asked_for(harness, "cat.jpg", "sideways.jpg")
    assert await preparer(harness).prepare("i1") is not None
    clean, turned = await harness.images(Role.SOURCE)
    assert clean.url == harness.cdn.url("cat.jpg"), "what is in it already goes by its own address"
    assert (turned.width, turned.height, turned.attached) == (200, 300, "source-2.jpg")
    assert b"a camera" not in harness.parts.files.path(turned.sha256 or "").read_bytes()
    assert (turned.url or "").split("?")[0].endswith("source-2.jpg")


async def test_discord_that_finds_sources_too_large_gets_smaller_ones(harness: Harness) -> None:
    await kept_source(harness)
    harness.messenger.script = {"message": [Oversize()]}
    assert await preparer(harness).prepare("i1") is not None
    (published,) = await harness.images(Role.SOURCE)
    assert published.attached == "source-1.jpg"
