"""Asking where webhooks tell of ends, lose some, or never come."""

import asyncio

import pytest

from tests.scheduling.harness import Start, harness, starter

running = starter()


async def test_a_poke_is_followed_by_one_get_at_once(running: Start) -> None:
    one = running(harness(webhooks=True))
    one.begin("a", lasts=20.0)
    await one.clock.advance(20.4)
    for _ in range(5):
        one.scheduler.poke("a")
    await one.clock.advance(0.1)
    assert one.asks("a") == [pytest.approx(20.4)]
    _, bounds = one.found["a"]
    assert bounds is not None
    assert bounds.low < 20.0 <= bounds.high == pytest.approx(20.4)
    one.scheduler.poke("a")
    await one.clock.advance(100.0)
    assert len(one.asks("a")) == 1


async def test_premature_pokes_cost_a_get_every_few_seconds_at_most(running: Start) -> None:
    one = running(harness(webhooks=True))
    one.begin("a", lasts=30.0)
    for _ in range(200):
        one.scheduler.poke("a")
        await one.clock.advance(0.1)
    assert len(one.asks("a")) <= 5
    await one.clock.advance(10.5)
    one.scheduler.poke("a")
    await one.clock.advance(0.1)
    assert "a" in one.found


async def test_a_poke_while_an_answer_is_on_its_way_is_not_lost() -> None:
    one = harness(webhooks=True)
    runner = asyncio.create_task(one.scheduler.run())
    one.begin("a", lasts=30.0)
    one.scheduler.poke("a")
    with await one.scheduler.next_ask() as ask:
        await one.clock.advance(1.0)
        one.scheduler.poke("a")
        one.scheduler.answered("a", running=True)
    assert ask.job_ids == ("a",)
    again = asyncio.create_task(one.scheduler.next_ask())
    await one.clock.advance(6.0)
    assert again.done()
    runner.cancel()


async def test_with_webhooks_hardly_anything_is_asked_before_they_come(running: Start) -> None:
    one = running(harness(webhooks=True, price=None, requests=40))
    for number in range(8):
        one.begin(f"job {number}", lasts=500.0)
    await one.clock.advance(40.0)
    assert len(one.asked) <= 8


async def test_a_lost_webhook_is_caught(running: Start) -> None:
    one = running(harness(webhooks=True, price=None, requests=40))
    for number in range(5):
        one.begin(f"job {number}", lasts=35.0)
    await one.clock.advance(120.0)
    assert len(one.found) == 5


async def test_pokes_for_jobs_found_before_them_keep_the_trust_in_webhooks(running: Start) -> None:
    one = running(harness(webhooks=True, price=None))
    for number in range(40):
        job_id = f"job {number}"
        one.begin(job_id, lasts=30.0, age=100.0)
        await one.clock.advance(3.0)
        assert job_id in one.found
        one.scheduler.poke(job_id)
    one.begin("last", lasts=500.0)
    await one.clock.advance(40.0)
    assert len(one.asks("last")) <= 1


async def test_an_address_that_no_webhook_reaches_is_soon_polled_for(running: Start) -> None:
    one = running(harness(webhooks=True, price=None, requests=30))
    rounds: list[float] = []
    for _ in range(12):
        jobs = [f"job {number}" for number in range(8)]
        for number, job_id in enumerate(jobs):
            one.begin(job_id, lasts=22.0 + 5.0 * number)
        await one.clock.advance(180.0)
        rounds.append(sum(one.found[job_id][0] - one.ends[job_id] for job_id in jobs) / len(jobs))
    assert rounds[0] > 20.0
    assert max(rounds[-2:]) < 10.0
