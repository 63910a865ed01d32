"""Retention: the oldest delivered files go first, nothing undelivered ever, and only when nobody needs them."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from domain.job import OPEN, Status
from domain.limits import DAY, HOUR
from jobs.files import Vanished
from jobs.retention import Retention
from storage import unnamed
from tests.clock import FakeClock
from tests.jobs.kit import Kit
from tests.storage.rows import NOON, an_image, put_job


def retention(kit: Kit, *, days: int = 30, limit: int = 10**9) -> Retention:
    return Retention(database=kit.database, clock=kit.clock, files=kit.tools.files, days=days, limit=limit)


def sha(name: str) -> str:
    return name.encode().ljust(32, b"\0").hex()


async def keep(kit: Kit, name: str, *, size: int = 100, age: float = 7_200.0) -> str:
    """Keep a file that arrived some seconds ago."""
    kit.keep(b"x" * size, sha(name))
    at = time.time() - age
    os.utime(kit.tools.files.path(sha(name)), (at, at))
    return sha(name)


async def job_with(
    kit: Kit, name: str, *, days: float = 0.0, job_id: str | None = None, **values: object
) -> None:
    given = {"status": Status.DONE, "ended_at": NOON - round(days * DAY), **values}
    await kit.database.run(put_job, job_id or name, **given)  # type: ignore[arg-type]
    await kit.add(an_image(job_id or name, sha256=await keep(kit, name)))


def kept(kit: Kit) -> set[str]:
    return {bytes.fromhex(name).rstrip(b"\0").decode() for name in kit.tools.files.sizes()}


async def swept(kit: Kit, **limits: int) -> None:
    """Sweep, and look again when the hour of what was marked is over."""
    worker = retention(kit, **limits)
    before = kept(kit)
    await worker.sweep()
    assert kept(kit) == before
    kit.clock.jump(HOUR + 1)
    await worker.drop_marked()


async def test_a_file_that_is_named_again_within_its_hour_stays(kit: Kit) -> None:
    await job_with(kit, "old", days=31)
    worker = retention(kit)
    await worker.sweep()
    await kit.add(an_image("old", sha256=sha("old")))
    kit.clock.jump(HOUR + 1)
    await worker.drop_marked()
    assert kept(kit) == {"old"}


async def test_a_file_that_is_going_counts_as_gone_for_whoever_would_name_it(kit: Kit) -> None:
    await keep(kit, "stray")
    await kit.database.run(unnamed.mark, [sha("stray")], at=0)
    await kit.database.run(kit.tools.files.must_have, [sha("stray")])
    await kit.database.run(unnamed.mark, [sha("stray")], at=0)
    await kit.database.run(unnamed.go, before=1)
    with pytest.raises(Vanished):
        await kit.database.run(kit.tools.files.must_have, [sha("stray")])


async def test_what_is_older_than_allowed_goes_an_hour_later(kit: Kit) -> None:
    await job_with(kit, "old", days=31)
    await job_with(kit, "new", days=29)
    await swept(kit)
    assert kept(kit) == {"new"}


@pytest.mark.parametrize("status", sorted(OPEN))
async def test_nothing_of_an_open_job_goes_however_old_and_large(kit: Kit, status: Status) -> None:
    await job_with(kit, "open", days=400, status=status, created_at=0)
    await swept(kit, limit=0)
    assert kept(kit) == {"open"}


async def test_nothing_that_waits_for_its_member_goes(kit: Kit) -> None:
    await job_with(kit, "waiting", days=400, collected=0)
    await swept(kit, limit=0)
    assert kept(kit) == {"waiting"}


async def test_when_the_disk_is_full_the_oldest_go_until_it_is_not(kit: Kit) -> None:
    for day in range(60):
        await job_with(kit, f"day{day}", days=day / 10)
    await swept(kit, limit=2_500)
    left = {int(name.removeprefix("day")) for name in kept(kit)}
    assert sum(kit.tools.files.sizes().values()) <= 2_500
    assert left == set(range(len(left))), "the newest stay"
    assert len(left) > 0


async def test_a_source_that_is_used_elsewhere_stays(kit: Kit) -> None:
    await job_with(kit, "shared", days=400)
    await kit.database.run(put_job, "other", status=Status.DONE, ended_at=NOON)
    await kit.add(an_image("other", sha256=sha("shared")))
    await swept(kit)
    assert kept(kit) == {"shared"}


async def test_a_file_that_has_just_arrived_and_is_not_named_yet_stays(kit: Kit) -> None:
    await keep(kit, "arriving", age=60.0)
    await keep(kit, "stray", age=3_700.0)
    await swept(kit)
    assert kept(kit) == {"arriving"}


async def test_tokens_that_are_of_no_more_use_are_wiped_with_a_sweep(kit: Kit) -> None:
    await kit.put(token="t", token_expires_at=kit.clock.now() - 1)
    await swept(kit)
    assert (await kit.job()).token is None


async def test_what_is_forgotten_keeps_its_row(kit: Kit) -> None:
    await job_with(kit, "old", days=31)
    await swept(kit)
    (image,) = await kit.images(an_image().role, "old")
    assert (image.sha256, image.url, image.name) == (None, None, "cat.png")


async def test_a_sweep_that_fails_is_told_and_the_next_one_comes(
    kit: Kit, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, sweeps = FakeClock(), 0
    worker = Retention(database=kit.database, clock=clock, files=kit.tools.files, days=1, limit=1)

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
