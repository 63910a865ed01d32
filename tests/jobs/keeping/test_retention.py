"""Retention: the oldest delivered files go first, nothing undelivered ever, and only when nobody needs them."""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from domain.job import OPEN, Status
from domain.limits import DAY, HOUR
from jobs.keeping.retention import Retention
from storage import facts, images, job_rows, unnamed
from storage.files import Vanished
from tests.clock import FakeClock
from tests.jobs.harness import Harness
from tests.storage.rows import NOON, an_image, put_job


def retention(
    harness: Harness, *, days: int = 30, limit: int = 10**9, at_work: Callable[[], bool] = lambda: True
) -> Retention:
    return Retention(
        database=harness.database,
        clock=harness.clock,
        files=harness.parts.files,
        still_at_work=at_work,
        days=days,
        limit=limit,
    )


def sha(name: str) -> str:
    return name.encode().ljust(32, b"\0").hex()


async def keep(harness: Harness, name: str, *, size: int = 100, age: float = 7_200.0) -> str:
    """Keep a file that arrived some seconds ago."""
    harness.keep(b"x" * size, sha(name))
    at = time.time() - age
    os.utime(harness.parts.files.path(sha(name)), (at, at))
    return sha(name)


async def job_with(
    harness: Harness, name: str, *, days: float = 0.0, job_id: str | None = None, **values: object
) -> None:
    given = {"status": Status.DONE, "ended_at": NOON - round(days * DAY), **values}
    await harness.database.run(put_job, job_id or name, **given)  # type: ignore[arg-type]
    await harness.add(an_image(job_id or name, sha256=await keep(harness, name)))


def kept(harness: Harness) -> set[str]:
    return {bytes.fromhex(name).rstrip(b"\0").decode() for name in harness.parts.files.sizes()}


async def swept(harness: Harness, **limits: int) -> None:
    """Sweep, and look again when the hour of what was marked is over."""
    worker = retention(harness, **limits)
    before = kept(harness)
    await worker.sweep()
    assert kept(harness) == before
    harness.clock.jump(HOUR + 1)
    await worker.drop_marked()


async def test_a_file_that_is_named_again_within_its_hour_stays(harness: Harness) -> None:
    await job_with(harness, "old", days=31)
    worker = retention(harness)
    await worker.sweep()
    await harness.add(an_image("old", sha256=sha("old")))
    harness.clock.jump(HOUR + 1)
    await worker.drop_marked()
    assert kept(harness) == {"old"}


async def test_a_file_that_is_going_counts_as_gone_for_whoever_would_name_it(harness: Harness) -> None:
    await keep(harness, "stray")
    await harness.database.run(unnamed.mark, [sha("stray")], at=0)
    await harness.database.run(harness.parts.files.must_have, [sha("stray")])
    await harness.database.run(unnamed.mark, [sha("stray")], at=0)
    await harness.database.run(unnamed.go, before=1)
    with pytest.raises(Vanished):
        await harness.database.run(harness.parts.files.must_have, [sha("stray")])


async def test_a_process_that_may_be_followed_by_another_deletes_nothing_more(harness: Harness) -> None:
    """Whoever works by now may have fetched the same file again, and named it."""
    names = [await keep(harness, name) for name in ("first", "second", "third")]
    await harness.database.run(unnamed.mark, names, at=0)
    turns = iter([True, False])
    await retention(harness, at_work=lambda: next(turns)).drop_marked()
    assert len(kept(harness)) == 2
    await retention(harness).drop_marked()
    assert kept(harness) == set()
    assert await harness.database.read(unnamed.marked) == set()


async def test_what_is_older_than_allowed_goes_an_hour_later(harness: Harness) -> None:
    await job_with(harness, "old", days=31)
    await job_with(harness, "new", days=29)
    await swept(harness)
    assert kept(harness) == {"new"}


@pytest.mark.parametrize("status", sorted(OPEN))
async def test_nothing_of_an_open_job_goes_however_old_and_large(harness: Harness, status: Status) -> None:
    await job_with(harness, "open", days=400, status=status, created_at=0)
    await swept(harness, limit=0)
    assert kept(harness) == {"open"}


async def test_nothing_that_waits_for_its_member_goes(harness: Harness) -> None:
    await job_with(harness, "waiting", days=400, collected=0)
    await swept(harness, limit=0)
    assert kept(harness) == {"waiting"}


async def test_when_the_disk_is_full_the_oldest_go_until_it_is_not(harness: Harness) -> None:
    for day in range(60):
        await job_with(harness, f"day{day}", days=day / 10)
    await swept(harness, limit=2_500)
    left = {int(name.removeprefix("day")) for name in kept(harness)}
    assert sum(harness.parts.files.sizes().values()) <= 2_500
    assert left == set(range(len(left))), "the newest stay"
    assert len(left) > 0


async def test_a_source_that_is_used_elsewhere_stays(harness: Harness) -> None:
    await job_with(harness, "shared", days=400)
    await harness.database.run(put_job, "other", status=Status.DONE, ended_at=NOON)
    await harness.add(an_image("other", sha256=sha("shared")))
    await swept(harness)
    assert kept(harness) == {"shared"}


async def test_a_file_that_has_just_arrived_and_is_not_named_yet_stays(harness: Harness) -> None:
    await keep(harness, "arriving", age=60.0)
    await keep(harness, "stray", age=3_700.0)
    await swept(harness)
    assert kept(harness) == {"arriving"}


async def test_tokens_that_are_of_no_more_use_are_wiped_with_a_sweep(harness: Harness) -> None:
    await harness.put(token="t", token_expires_at=harness.clock.now() - 1)
    await swept(harness)
    assert (await harness.job()).card.token is None


async def test_what_is_forgotten_keeps_its_row(harness: Harness) -> None:
    await job_with(harness, "old", days=31)
    await swept(harness)
    (image,) = await harness.images(an_image().role, "old")
    assert (image.sha256, image.url, image.name) == (None, None, "cat.png")


async def test_a_sweep_that_fails_is_told_and_the_next_one_comes(
    harness: Harness, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, sweeps = FakeClock(), 0
    worker = retention(replace(harness, clock=clock), days=1, limit=1)

    async def failing() -> None:
        nonlocal sweeps
        sweeps += 1
        raise PermissionError(Path("files"))

    async def nothing() -> None:
        pass

    monkeypatch.setattr(worker, "sweep", failing)
    monkeypatch.setattr(worker, "drop_marked", nothing)
    running = asyncio.create_task(worker.run())
    await clock.advance(7_300.0)
    running.cancel()
    assert sweeps == 3
    assert "The sweep of kept files failed." in caplog.text


async def test_words_names_and_durations_go_with_time_but_not_of_what_nobody_has_yet(
    harness: Harness,
) -> None:
    await job_with(harness, "old", days=31, created_at=NOON - 32 * DAY)
    await job_with(harness, "waiting", days=31, created_at=NOON - 32 * DAY, collected=0)
    await job_with(harness, "new", days=29, created_at=NOON - 32 * DAY)
    await harness.database.run(put_job, "failed", status=Status.FAILED, created_at=0, ended_at=1)
    for at in (NOON - 31 * DAY, NOON - 29 * DAY):
        took = facts.Took(model="m", quality="high", count=1, low=1, high=2, at=at)
        await harness.database.run(facts.add_duration, took)
    await retention(harness).sweep()
    rows = {job_id: await harness.database.read(job_rows.get, job_id) for job_id in ("old", "new", "failed")}
    assert {job_id: job.prompt if job else None for job_id, job in rows.items()} == {
        "old": "",
        "new": "Make it blue",
        "failed": "",
    }
    waiting = await harness.database.read(job_rows.get, "waiting")
    assert waiting is not None
    assert waiting.prompt == "Make it blue"
    assert [each.name for each in await harness.database.read(images.of_job, "old")] == [""]
    assert len(await harness.database.read(facts.durations, limit=9)) == 1
    log = harness.database.path.with_name("darkroom.db-wal")
    assert not log.exists() or log.stat().st_size == 0
