"""SIGTERM and SIGINT: nothing new is taken, what is between "sent" and "stored" ends, the rest waits."""

import asyncio
import signal
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.member import Member
from tests.e2e.messages import text_of
from tests.e2e.world import World, until
from tests.faults.fast_world import MANY, PAID, Case, FastWorld, ask_for, open_fast
from tests.storage.rows import verify_file

BUSY = "Darkroom is restarting. Try again in a minute. You were not charged."


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own_world(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[FastWorld]:
    """A world whose bot is stopped and started again by each test; it runs when a test begins and ends."""
    async with open_fast(tmp_path_factory.mktemp("stopping"), **MANY) as world:
        yield world
        await world.rest()


@pytest_asyncio.fixture(loop_scope="session")
async def bea(own_world: FastWorld) -> AsyncGenerator[Member]:
    async with Member.at(own_world.discord.origin, await own_world.join()) as member:
        yield member


async def ended(world: World, number: signal.Signals) -> float:
    """Send the bot a signal; return the seconds that it took to end, with status 0."""
    assert world.process is not None
    began = time.monotonic()
    world.process.send_signal(number)
    assert await asyncio.wait_for(world.process.wait(), 40) == 0
    return time.monotonic() - began


async def test_a_submission_under_way_is_waited_for_and_nothing_is_parked(
    own_world: FastWorld, bea: Member, small: Path
) -> None:
    world = own_world
    world.switch(script=[{"method": "POST", "path": "/run", "delay": 1.0}])
    [case] = await ask_for(bea, ["under way when the bot stops"], small)
    await until(lambda: bool(world.bodies(case.prompt)), what=lambda: "the submission")
    assert world.job(case.card)["status"] == "submitting"
    ending = asyncio.create_task(ended(world, signal.SIGTERM))
    await world.logged("Stopping: open jobs go on at the next start.")
    refused = await bea.edit("asked of a bot that stops", small)
    assert refused.get("only_you")
    assert text_of(refused) == BUSY
    assert await ending < 5.0
    assert world.job(case.card)["status"] == "running", "its answer was not waited for"
    assert len(world.jobs_of(bea)) == 1
    await world.start_bot()
    done = await bea.sees(case.card, "Done · 4 credits")
    assert world.results_on(done) == await world.provider_results(case.prompt)
    assert world.entries(case.card) == PAID
    assert len(world.bodies(case.prompt)) == 1


async def test_everything_but_a_submission_is_left_to_the_next_start(
    own_world: FastWorld, bea: Member, small: Path
) -> None:
    """A download that hangs, a job that runs, an upload that hangs: none of them holds it."""
    world = own_world
    # The provider's own download, which may come after a card says Running, would hang as well.
    world.switch(next=["stuck", "stuck"], fetch_sources=False)
    running, uploading = await ask_for(bea, ["it only runs", "it hangs in its upload"], small)
    for case in (running, uploading):
        await bea.sees(case.card, "Running")
    card = f"/messages/{uploading.card['id']}$"
    world.faults(cdn_delay=60.0, script=[{"method": "PATCH", "path": card, "delay": 60.0}])
    [fetching] = await ask_for(bea, ["it hangs in its download"], small)
    await world.finish(world.job_at_provider(uploading.prompt)["id"])
    await world.status(uploading.card, "delivering")
    assert await ended(world, signal.SIGINT) < 5.0
    cases = {"running": running, "delivering": uploading, "queued": fetching}
    assert {status: world.job(case.card)["status"] for status, case in cases.items()} == {
        status: status for status in cases
    }
    world.faults(cdn_delay=0.0, script=[])
    await world.start_bot()
    await world.finish()
    await all_paid_once(world, bea, [running, uploading, fetching])


async def all_paid_once(world: World, member: Member, cases: list[Case]) -> None:
    for case in cases:
        done = await member.sees(case.card, "Done · 4 credits")
        assert world.results_on(done) == await world.provider_results(case.prompt)
        assert world.entries(case.card) == PAID
        assert len(world.bodies(case.prompt)) == 1


@pytest.mark.slow
async def test_a_backup_made_under_load_is_whole_and_can_be_gone_on_with(
    own_world: FastWorld, bea: Member, small: Path, tmp_path: Path
) -> None:
    world = own_world
    world.switch(always="stuck")
    loaded = asyncio.create_task(
        ask_for(bea, [f"while it is copied {number}" for number in range(30)], small)
    )
    await until(lambda: len(world.jobs_of(bea)) > 3, what=lambda: "the first jobs")
    first, last = tmp_path / "first.db", tmp_path / "last.db"
    assert (await world.run_bot("--backup", str(first)))[0] == 0
    cases = await loaded
    for case in cases:
        await world.status(case.card, "running")
    assert (await world.run_bot("--backup", str(last)))[0] == 0
    assert verify_file(first) == verify_file(last) == []
    world.switch(always=None)
    await world.finish()
    await world.settled()
    await world.stop_bot()
    for name in ("darkroom.db", "darkroom.db-wal", "darkroom.db-shm"):
        (world.data / name).unlink(missing_ok=True)
    last.replace(world.data / "darkroom.db")
    await world.start_bot()
    await world.settled()
    await all_paid_once(world, bea, cases)
    assert (await world.run_bot("--verify"))[0] == 0
