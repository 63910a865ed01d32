"""Who goes first when not all can."""

import asyncio

from scheduling.scheduler import Call
from tests.scheduling.harness import SchedulerHarness, Start, harness, starter

running = starter()


async def order_of(one: SchedulerHarness, *wanted: Call, wait: float = 0.0) -> list[Call]:
    """Let calls queue up while no token is free, and return the order in which they go."""
    gone: list[Call] = []

    async def want(call: Call) -> None:
        with await one.scheduler.permit(call):
            gone.append(call)

    one.scheduler.observe(refused=True, retry_after=wait + 1.0)
    tasks: list[asyncio.Task[None]] = []
    for call in wanted:
        tasks.append(asyncio.create_task(want(call)))
        await one.clock.advance(0.01)
    await one.clock.advance(wait + 300.0)
    await asyncio.gather(*tasks)
    return gone


async def test_a_get_after_a_webhook_goes_before_submits_and_these_before_asking(running: Start) -> None:
    one = running(harness(requests=10))
    gone = await order_of(one, Call.STATUS, Call.CATALOGUE, Call.SUBMIT, Call.POKE)
    assert gone == [Call.POKE, Call.SUBMIT, Call.CATALOGUE, Call.STATUS]


async def test_what_has_waited_long_gains_priority(running: Start) -> None:
    one = running(harness(requests=60))
    one.scheduler.observe(refused=True, retry_after=400.0)
    gone: list[str] = []

    async def want(call: Call, name: str) -> None:
        with await one.scheduler.permit(call):
            gone.append(name)

    tasks = [asyncio.create_task(want(Call.STATUS, "old status"))]
    await one.clock.advance(390.0)
    tasks += [asyncio.create_task(want(Call.SUBMIT, "submit")), asyncio.create_task(want(Call.POKE, "poke"))]
    await one.clock.advance(60.0)
    await asyncio.gather(*tasks)
    assert gone[0] == "old status"


async def test_asking_is_not_starved_by_submits_without_end(running: Start) -> None:
    one = running(harness(requests=10))

    async def submit_for_ever() -> None:
        while True:
            with await one.scheduler.permit(Call.SUBMIT):
                pass

    submitters = [asyncio.create_task(submit_for_ever()) for _ in range(30)]
    one.begin("a", lasts=30.0)
    await one.clock.advance(420.0)
    assert "a" in one.found
    for submitter in submitters:
        submitter.cancel()


async def test_submits_wait_for_their_own_budget_while_asking_goes_on(running: Start) -> None:
    one = running(harness(requests=60, submits=1))
    (await one.scheduler.permit(Call.SUBMIT)).close()
    second = asyncio.create_task(one.scheduler.permit(Call.SUBMIT))
    one.begin("a", lasts=40.0)
    await one.clock.advance(50.0)
    assert not second.done()
    assert "a" in one.found
    await one.clock.advance(12.0)
    assert second.done()


async def test_after_a_restart_submits_do_not_wait_for_all_that_is_overdue(running: Start) -> None:
    """While the bot was away for ten minutes nobody waited to ask about the jobs that ran on."""
    one = running(harness(requests=10))
    for number in range(100):
        one.begin(f"j{number}", lasts=10_000.0, age=600.0)
    await one.clock.advance(7.0)
    assert one.asked
    submit = asyncio.create_task(one.scheduler.permit(Call.SUBMIT))
    await one.clock.advance(13.0)
    assert submit.done()
