"""Whom the scheduler asks about, and when; and that it stays within its budget."""

import asyncio
import time
from itertools import pairwise

import pytest

from scheduling.durations import Bounds
from scheduling.pricing import Planner
from scheduling.scheduler import Call
from tests.clock import START
from tests.scheduling.harness import EDIT, Start, harness, known, starter

running = starter()


async def test_a_job_is_asked_about_at_the_moments_of_its_plan(running: Start) -> None:
    one = running(harness())
    one.begin("a", lasts=70.0)
    await one.clock.advance(75.0)
    plan = Planner().plan(known().fit(EDIT), price=0.5, silent=1.0)
    expected, age = [], 0.0
    while age < 70.0:
        age = plan.after(age)
        expected.append(age)
    assert one.asks("a") == pytest.approx(expected, abs=0.01)
    assert one.found["a"][0] < 75.0


async def test_how_long_a_job_took_is_told_and_learned(running: Start) -> None:
    durations = known()
    one = running(harness(durations=durations))
    version = durations.version
    one.begin("a", lasts=40.0)
    await one.clock.advance(60.0)
    moment, bounds = one.found["a"]
    assert bounds == Bounds(pytest.approx(one.asks("a")[-2]), pytest.approx(moment))
    assert bounds is not None
    assert bounds.low < 40.0 <= bounds.high
    assert durations.version == version + 1


async def test_a_job_that_was_forgotten_is_asked_about_no_more(running: Start) -> None:
    one = running(harness())
    one.begin("a", lasts=900.0)
    await one.clock.advance(30.0)
    one.scheduler.forget("a")
    one.scheduler.forget("a")
    asked = len(one.asked)
    await one.clock.advance(300.0)
    assert len(one.asked) == asked
    assert one.scheduler.answered("a", running=False) is None


async def test_the_age_of_a_job_survives_a_restart_and_a_jump_of_the_wall_clock(running: Start) -> None:
    one = running(harness())
    one.begin("old", lasts=60.0, age=55.0)
    one.clock.jump(-3_600_000)
    await one.clock.advance(12.0)
    assert one.asks("old")[0] == pytest.approx(0.0, abs=0.1)
    assert "old" in one.found


async def test_of_the_due_jobs_the_most_overdue_goes_first(running: Start) -> None:
    one = harness(requests=2)
    for job_id, age in (("young", 30.0), ("old", 90.0), ("middle", 50.0)):
        one.begin(job_id, lasts=500.0, age=age)
    running(one)
    await one.clock.advance(70.0)
    assert [job_ids[0] for _, job_ids in one.asked[:2]] == ["old", "middle"]


async def test_a_late_job_is_asked_about_every_ten_minutes(running: Start) -> None:
    one = running(harness())
    one.begin("a", lasts=9e9, age=600.0)
    one.scheduler.slow_down("a", every=600.0)
    await one.clock.advance(3700.0)
    gaps = [later - earlier for earlier, later in zip(one.asks("a"), one.asks("a")[1:], strict=False)]
    assert gaps == pytest.approx([600.0] * len(gaps))
    assert len(gaps) >= 5


async def test_a_late_job_teaches_nothing(running: Start) -> None:
    durations = known()
    one = running(harness(durations=durations))
    version = durations.version
    one.scheduler.watch("a", group=EDIT, submitted_at=START - 700_000, every=600.0)
    one.ends["a"] = 0.0
    await one.clock.advance(601.0)
    assert one.found["a"][1] is None
    assert durations.version == version


async def test_a_job_whose_answer_did_not_come_is_asked_about_after_half_the_time_of_the_doubt(
    running: Start,
) -> None:
    one = running(harness())
    one.reachable = False
    one.begin("a", lasts=20.0, age=40.0)
    await one.clock.advance(7200.0)
    asks = one.asks("a")
    for earlier, later in pairwise(asks):
        assert later - earlier == pytest.approx(min(max((earlier - asks[0]) / 2, 2.0), 600.0), abs=0.01)
    assert asks[-1] - asks[-2] == pytest.approx(600.0)
    one.reachable = True
    await one.clock.advance(601.0)
    assert "a" in one.found


async def test_a_webhook_ends_the_wait_of_a_doubt(running: Start) -> None:
    one = running(harness())
    one.reachable = False
    one.begin("a", lasts=20.0, age=40.0)
    await one.clock.advance(7200.0)
    one.reachable = True
    one.scheduler.poke("a")
    await one.clock.advance(2.1)
    assert "a" in one.found


async def test_an_ask_that_is_never_left_does_not_lose_its_job() -> None:
    one = harness()
    runner = asyncio.create_task(one.scheduler.run())
    one.begin("a", lasts=20.0, age=40.0)
    asks = [asyncio.create_task(one.scheduler.next_ask()) for _ in range(2)]
    await one.clock.advance(1.0)
    assert [ask.done() for ask in asks] == [True, False]
    await one.clock.advance(70.0)
    assert asks[1].result().job_ids == ("a",)
    runner.cancel()


async def test_a_thousand_jobs_after_a_restart_neither_exceed_the_budget_nor_stall(running: Start) -> None:
    one = harness(requests=40, price=None)
    before = time.process_time()
    for number in range(1000):
        one.begin(f"job {number}", lasts=30.0, age=number / 5)
    running(one)
    await one.clock.advance(600.0)
    assert one.most_in_a_minute() <= 40
    assert len(one.asked) >= 390
    assert len(one.found) > 350
    # Linear would be far below a second; quadratic would be minutes.
    assert time.process_time() - before < 8.0


async def test_many_running_jobs_stay_within_the_budget_and_none_is_starved(running: Start) -> None:
    one = running(harness(requests=40, price=None))
    for number in range(60):
        one.begin(f"job {number}", lasts=40.0)
    await one.clock.advance(240.0)
    assert one.most_in_a_minute() <= 40
    assert len(one.found) == 60


async def test_few_jobs_are_asked_about_more_often_than_many(running: Start) -> None:
    few, many = running(harness(price=None)), running(harness(price=None))
    few.begin("a", lasts=60.0)
    for number in range(25):
        many.begin("a" if not number else f"job {number}", lasts=60.0)
    await few.clock.advance(61.0)
    await many.clock.advance(61.0)
    assert len(few.asks("a")) > 3 * len(many.asks("a"))


async def test_after_a_refusal_nothing_is_asked_until_it_may(running: Start) -> None:
    one = running(harness())
    one.begin("a", lasts=900.0, age=30.0)
    await one.clock.advance(10.0)
    one.scheduler.observe(refused=True, retry_after=33.0)
    since = one.clock.monotonic()
    await one.clock.advance(32.9)
    assert [moment for moment in one.asks("a") if moment > since] == []
    await one.clock.advance(0.2)
    assert one.asks("a")[-1] == pytest.approx(since + 33.0, abs=0.01)


async def test_a_reset_is_told_in_unix_seconds(running: Start) -> None:
    one = running(harness())
    one.scheduler.observe(limit=60, remaining=0, reset_at=START / 1000 + 20.0)
    assert one.scheduler.submits_in() == pytest.approx(20.0)
    permit = asyncio.create_task(one.scheduler.permit(Call.SUBMIT))
    await one.clock.advance(19.9)
    assert not permit.done()
    await one.clock.advance(0.2)
    permit.result().close()


async def test_a_permit_that_nobody_waits_for_any_more_costs_nothing(running: Start) -> None:
    one = running(harness(requests=1))
    first = await one.scheduler.permit(Call.SUBMIT)
    given_up = asyncio.create_task(one.scheduler.permit(Call.SUBMIT))
    waiting = asyncio.create_task(one.scheduler.permit(Call.SUBMIT))
    first.close()
    await one.clock.advance(1.0)
    given_up.cancel()
    await one.clock.advance(60.0)
    assert waiting.done()


async def test_a_permit_handed_out_in_the_moment_of_a_cancellation_is_given_back() -> None:
    one = harness(requests=1)
    waiting = asyncio.create_task(one.scheduler.permit(Call.SUBMIT))
    await asyncio.sleep(0)
    runner = asyncio.create_task(one.scheduler.run())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    again = asyncio.create_task(one.scheduler.permit(Call.SUBMIT))
    await one.clock.advance(61.0)
    assert again.done()
    runner.cancel()
