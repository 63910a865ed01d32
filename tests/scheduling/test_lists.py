"""Asking about all jobs with one request."""

import asyncio
from collections.abc import AsyncIterator

from tests.scheduling.office import Office, Start, office, starter

running = starter()


async def test_one_list_asks_about_all_jobs(running: Start) -> None:
    one = running(office(price=None))
    one.scheduler.list_usable(True)
    for number in range(10):
        one.begin(f"job {number}", lasts=20.0 + 4 * number)
    await one.clock.advance(70.0)
    assert len(one.found) == 10
    sizes = [len(job_ids) for _, job_ids in one.asked]
    assert max(sizes) == 10
    assert max(moment - one.ends[job_id] for job_id, (moment, _) in one.found.items()) < 5.0


async def test_a_single_job_is_asked_about_by_itself(running: Start) -> None:
    one = running(office())
    one.scheduler.list_usable(True)
    one.begin("a", lasts=30.0)
    with_list = [ask async for ask in first_asks(one, 1)]
    assert with_list == [False]


async def first_asks(one: Office, number: int) -> AsyncIterator[bool]:
    one.tasks.pop().cancel()
    for _ in range(number):
        waiting = asyncio.create_task(one.scheduler.next_ask())
        while not waiting.done():
            await one.clock.advance(1.0)
        with waiting.result() as ask:
            for job_id in ask.job_ids:
                one.scheduler.answered(job_id, running=True)
            yield ask.by_list


async def test_when_the_list_turns_out_useless_jobs_are_asked_about_one_by_one(running: Start) -> None:
    one = running(office())
    one.scheduler.list_usable(True)
    for number in range(3):
        one.begin(f"job {number}", lasts=60.0)
    await one.clock.advance(20.0)
    one.scheduler.list_usable(False)
    asked = len(one.asked)
    await one.clock.advance(60.0)
    assert len(one.found) == 3
    assert {len(job_ids) for _, job_ids in one.asked[asked:]} == {1}


async def test_a_job_that_the_list_does_not_name_is_asked_about_by_itself(running: Start) -> None:
    one = running(office(price=None))
    one.listed = lambda job_id: job_id != "old"
    one.scheduler.list_usable(True)
    for job_id in ("old", "b", "c"):
        one.begin(job_id, lasts=45.0)
    await one.clock.advance(70.0)
    assert set(one.found) == {"old", "b", "c"}
    assert ("old",) in [job_ids for _, job_ids in one.asked]
    assert sum("old" in job_ids and len(job_ids) > 1 for _, job_ids in one.asked) == 1


async def test_a_list_that_names_nobody_twice_is_of_no_use(running: Start) -> None:
    one = running(office(price=None))
    one.listed = lambda _: False
    one.scheduler.list_usable(True)
    for number in range(4):
        one.begin(f"job {number}", lasts=40.0)
    await one.clock.advance(80.0)
    assert len(one.found) == 4
    assert sum(len(job_ids) > 1 for _, job_ids in one.asked) == 2
