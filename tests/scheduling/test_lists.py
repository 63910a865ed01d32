"""Asking about all jobs with one request: found out by trying, and never relied on."""

import asyncio

import pytest

from scheduling.durations import Bounds
from scheduling.listing import FIRST_TRY, LONGEST_PAUSE, SHORTEST_PAUSE, Listing
from scheduling.scheduler import Call
from scheduling.watched import Watched
from tests.scheduling.harness import EDIT, SchedulerHarness, Start, harness, starter

running = starter()


def everybody(_job_id: str) -> bool:
    return True


def begin(one: SchedulerHarness, number: int, *, lasts: float) -> None:
    for each in range(number):
        one.begin(f"job {each}", lasts=lasts)


async def test_the_list_is_tried_a_few_seconds_after_two_jobs_run_together(running: Start) -> None:
    one = running(harness())
    one.listed = everybody
    one.begin("a", lasts=60.0)
    await one.clock.advance(10.0)
    assert one.asked == []
    one.begin("b", lasts=60.0)
    await one.clock.advance(FIRST_TRY + 0.1)
    assert one.asked == [(10.0 + FIRST_TRY, ("a", "b"))]
    assert one.lists == [10.0 + FIRST_TRY]


async def test_two_jobs_that_do_not_run_together_for_long_are_no_reason_to_try(running: Start) -> None:
    one = running(harness())
    one.listed = everybody
    begin(one, 2, lasts=60.0)
    await one.clock.advance(FIRST_TRY - 1.0)
    one.scheduler.forget("job 0")
    await one.clock.advance(5.0)
    assert one.lists == []
    one.begin("b", lasts=60.0)
    await one.clock.advance(FIRST_TRY - 1.0)
    assert one.lists == []


async def test_once_the_list_has_named_one_it_asks_about_all_jobs(running: Start) -> None:
    one = running(harness(price=None))
    one.listed = everybody
    for number in range(10):
        one.begin(f"job {number}", lasts=20.0 + 4 * number)
    await one.clock.advance(70.0)
    assert len(one.found) == 10
    assert [job_ids for _, job_ids in one.asked if len(job_ids) == 1] == [("job 9",)] * len(one.asks("job 9"))
    assert max(moment - one.ends[job_id] for job_id, (moment, _) in one.found.items()) < 5.0


async def test_a_single_job_is_asked_about_by_itself(running: Start) -> None:
    one = running(harness())
    one.listed = everybody
    begin(one, 2, lasts=10.0)
    await one.clock.advance(60.0)
    assert one.lists
    before = len(one.lists)
    one.begin("a", lasts=30.0)
    await one.clock.advance(60.0)
    assert len(one.lists) == before
    assert "a" in one.found


async def test_while_the_list_fails_jobs_are_asked_about_one_by_one(running: Start) -> None:
    one = running(harness(price=None))
    begin(one, 4, lasts=40.0)
    await one.clock.advance(80.0)
    assert len(one.found) == 4
    assert one.lists[0] == FIRST_TRY
    assert all(moment - one.ends[job_id] < 8.0 for job_id, (moment, _) in one.found.items())


async def test_a_list_that_fails_is_tried_again_with_growing_pauses_and_never_given_up(
    running: Start,
) -> None:
    one = running(harness(requests=40, price=None))
    begin(one, 3, lasts=9e9)
    await one.clock.advance(6 * 3600.0)
    gaps = [later - earlier for earlier, later in zip(one.lists, one.lists[1:], strict=False)]
    doubled = [SHORTEST_PAUSE * 2**step for step in range(7)]
    assert gaps[:7] == pytest.approx(doubled, abs=2.0)
    assert gaps[7:] == pytest.approx([LONGEST_PAUSE] * len(gaps[7:]), abs=2.0)
    assert len(gaps) >= 10
    one.listed = everybody
    await one.clock.advance(LONGEST_PAUSE)
    before = len(one.asked)
    await one.clock.advance(600.0)
    assert {len(job_ids) for _, job_ids in one.asked[before:]} == {3}


async def test_a_list_that_stops_naming_our_jobs_is_left_at_once(running: Start) -> None:
    one = running(harness())
    one.listed = everybody
    begin(one, 3, lasts=60.0)
    await one.clock.advance(20.0)
    one.listed = lambda _: False
    lists = len(one.lists)
    await one.clock.advance(SHORTEST_PAUSE - 5.0)
    assert len(one.lists) == lists + 1
    assert all(one.asks(f"job {number}") for number in range(3))
    await one.clock.advance(40.0)
    assert len(one.found) == 3


async def test_a_job_that_the_list_does_not_name_is_asked_about_by_itself(running: Start) -> None:
    one = running(harness(price=None))
    one.listed = lambda job_id: job_id != "old"
    for job_id in ("old", "b", "c"):
        one.begin(job_id, lasts=45.0)
    await one.clock.advance(70.0)
    assert set(one.found) == {"old", "b", "c"}
    assert one.asks("old")
    assert not one.asks("b")
    assert one.found["old"][0] - one.ends["old"] < 8.0


async def test_a_job_that_the_list_names_late_is_left_to_it_from_then_on(running: Start) -> None:
    one = running(harness(price=None))
    one.listed = lambda job_id: job_id != "late"
    for job_id in ("late", "b", "c"):
        one.begin(job_id, lasts=900.0)
    await one.clock.advance(40.0)
    assert one.asks("late")
    one.listed = everybody
    await one.clock.advance(20.0)
    one.scheduler.forget("b")
    before, lists = len(one.asks("late")) + len(one.asks("c")), len(one.lists)
    await one.clock.advance(120.0)
    assert len(one.asks("late")) + len(one.asks("c")) == before, "two are enough for a list"
    assert len(one.lists) > lists


async def test_an_end_that_the_list_only_claims_is_confirmed_by_one_question_at_once(running: Start) -> None:
    one = running(harness(price=None))
    one.listed, one.shows_ends = everybody, False
    begin(one, 3, lasts=40.0)
    await one.clock.advance(60.0)
    for job_id, (moment, bounds) in one.found.items():
        assert one.asks(job_id) == [moment]
        told = max(when for when in one.lists if when <= moment)
        assert moment - told < 4.0, "three of them, at the pace of the budget"
        assert bounds is not None
        assert bounds.low < 40.0 <= bounds.high
    assert len(one.found) == 3


async def test_an_end_that_is_claimed_too_early_costs_a_question_now_and_then(running: Start) -> None:
    one = running(harness(price=None))
    one.listed = everybody
    begin(one, 3, lasts=200.0)
    await one.clock.advance(30.0)
    before = len(one.asks("job 0"))
    for _ in range(20):
        one.scheduler.doubt("job 0")
        await one.clock.advance(1.0)
    assert 1 <= len(one.asks("job 0")) - before <= 5


@pytest.mark.parametrize("answered", [0, 1])
async def test_a_list_whose_call_is_never_left_loses_no_job(answered: int) -> None:
    one = harness(price=None)
    runner = asyncio.create_task(one.scheduler.run())
    begin(one, 2, lasts=9e9)
    for _ in range(answered):
        waiting = asyncio.create_task(one.scheduler.next_ask())
        await one.clock.advance(FIRST_TRY)
        with waiting.result() as ask:
            for job_id in ask.job_ids:
                one.scheduler.answered(job_id, running=True)
    asks = [asyncio.create_task(one.scheduler.next_ask()) for _ in range(3)]
    await one.clock.advance(55.0)
    assert [ask.done() for ask in asks] == [True, False, False]
    assert asks[0].result().by_list
    await one.clock.advance(90.0)
    assert asks[1].done()
    for task in (runner, *asks):
        task.cancel()


async def test_the_list_waits_while_all_that_it_could_tell_of_is_being_asked_about(running: Start) -> None:
    one = harness(requests=60)
    runner = asyncio.create_task(one.scheduler.run())
    begin(one, 2, lasts=9e9)
    for number in range(2):
        one.scheduler.poke(f"job {number}")
    singles = [await one.scheduler.next_ask() for _ in range(2)]
    waiting = asyncio.create_task(one.scheduler.next_ask())
    await one.clock.advance(2 * FIRST_TRY)
    assert not waiting.done()
    for ask in singles:
        one.scheduler.answered(ask.job_ids[0], running=True)
        ask.close()
    await one.clock.advance(FIRST_TRY)
    assert waiting.result().by_list
    runner.cancel()


async def test_the_list_counts_as_a_request_like_any_other(running: Start) -> None:
    one = running(harness(requests=4, price=None))
    one.listed = everybody
    begin(one, 5, lasts=300.0)
    permits = [await one.scheduler.permit(Call.SUBMIT) for _ in range(2)]
    for permit in permits:
        permit.close()
    await one.clock.advance(300.0)
    assert one.most_in_a_minute() <= 4


def test_what_is_said_of_others_is_no_word_of_the_list() -> None:
    listing = Listing()
    listing.look(2, 0.0)
    listing.ask(["a", "b"], 3.0)
    assert not listing.names("c", 3.5)
    listing.end(4.0)
    assert not listing.usable
    assert not listing.names("a", 5.0)


@pytest.mark.parametrize(("by_webhook", "low"), [(True, 37.0), (False, 10.0)])
def test_a_webhook_tells_of_an_end_at_once_and_a_list_of_one_since_the_last(
    by_webhook: bool, low: float
) -> None:
    job = Watched("a", EDIT, started=100.0, asked=10.0)
    job.poke(140.0, by_webhook=by_webhook)
    assert job.bounds(141.0) == Bounds(low, 40.0)
