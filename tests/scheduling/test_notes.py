"""Calls survive a kill: however often the process dies, no minute holds more of them than the limit."""

import asyncio
import random
from bisect import bisect_left
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from domain.clock import Clock
from scheduling import notes
from scheduling.budget import SPAN, Budget
from scheduling.calls import Call
from scheduling.durations import Durations
from scheduling.notes import Noted
from scheduling.scheduler import Scheduler
from tests.clock import START, FakeClock


def scheduler(
    clock: Clock, keep: Callable[[str], Awaitable[None]], *, requests: int, submits: int
) -> Scheduler:
    return Scheduler(
        clock=clock,
        requests_per_minute=requests,
        submits_per_minute=submits,
        durations=Durations(),
        webhooks=False,
        keep=keep,
    )


@dataclass
class Lives:
    """Lives of a process, one after the other, each ended by a kill at any moment.

    A note is kept at some moment while it is being written; a call reaches the provider at some moment
    before its reply, or not at all if the process is killed before.
    """

    draw: random.Random
    requests: int
    submits: int
    clock: FakeClock = field(default_factory=FakeClock)
    kept: str | None = None
    arrived: list[tuple[float, Call]] = field(default_factory=list)
    writes: int = 0

    async def keep(self, noted: str) -> None:
        self.writes += 1
        await self.clock.sleep(self.draw.choice([0.0, 0.01, 1.0]))
        self.kept = noted
        await self.clock.sleep(self.draw.choice([0.0, 0.01]))

    async def live(self, seconds: float, host: Clock | None = None, *, stops: bool = False) -> None:
        """Live until it is killed, or ``stops`` as it should."""
        of = scheduler(host or self.clock, self.keep, requests=self.requests, submits=self.submits)
        of.remember(self.kept)
        work = [asyncio.create_task(self.call_for_ever(of)) for _ in range(6)]
        work.append(asyncio.create_task(of.run()))
        await self.clock.advance(seconds)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        if stops:
            await of.rest(self.at_once)

    async def at_once(self, noted: str) -> None:
        self.kept = noted

    async def call_for_ever(self, of: Scheduler) -> None:
        while True:
            call = self.draw.choice([Call.SUBMIT, Call.CATALOGUE, Call.POKE])
            with await of.permit(call):
                there, back = self.draw.uniform(0.0, 3.0), self.draw.uniform(0.0, 3.0)
                await self.clock.sleep(there)
                self.arrived.append((self.clock.monotonic(), call))
                await self.clock.sleep(back)

    def most_in_a_minute(self, *calls: Call) -> int:
        moments = sorted(moment for moment, call in self.arrived if call in calls)
        return max(
            (bisect_left(moments, moment + 60.0) - place for place, moment in enumerate(moments)), default=0
        )


@pytest.mark.parametrize("seed", range(12))
async def test_a_process_that_dies_again_and_again_never_exceeds_the_limit(seed: int) -> None:
    draw = random.Random(seed)
    lives = Lives(draw, requests=draw.choice([4, 10, 40]), submits=draw.choice([1, 3, 10]))
    for _ in range(40):
        await lives.live(draw.choice([0.3, 2.0, 5.0, 20.0, 70.0]))
        await lives.clock.advance(draw.choice([0.0, 0.5, 3.0]))
    assert lives.most_in_a_minute(*Call) <= lives.requests
    assert lives.most_in_a_minute(Call.SUBMIT) <= lives.submits


class Host:
    """A host's clock, which is late by as much as what it was told of the database's took to arrive."""

    def __init__(self, clock: FakeClock, *, late: float) -> None:
        self._clock = clock
        self._late = late
        self.monotonic, self.sleep = clock.monotonic, clock.sleep

    def now(self) -> int:
        return self._clock.now() + round(self._late * 1000)


@pytest.mark.parametrize("seed", range(8))
async def test_over_take_overs_between_hosts_no_minute_holds_more_than_the_limit(seed: int) -> None:
    draw = random.Random(seed)
    lives = Lives(draw, requests=draw.choice([4, 10, 40]), submits=draw.choice([1, 3, 10]))
    for _ in range(40):
        host = Host(lives.clock, late=draw.choice([0.0, 0.01, notes.APART]))
        await lives.live(draw.choice([2.0, 5.0, 20.0, 70.0]), host)
        await lives.clock.advance(draw.choice([0.0, 1.0, 9.0]))
    assert lives.most_in_a_minute(*Call) <= lives.requests
    assert lives.most_in_a_minute(Call.SUBMIT) <= lives.submits


@pytest.mark.parametrize("seed", range(8))
async def test_however_it_is_stopped_or_killed_no_minute_holds_more_than_the_limit(seed: int) -> None:
    draw = random.Random(seed)
    lives = Lives(draw, requests=draw.choice([4, 10, 40]), submits=draw.choice([3, 10]))
    for _ in range(40):
        await lives.live(draw.choice([0.3, 2.0, 5.0, 20.0]), stops=draw.random() < 0.7)
        await lives.clock.advance(draw.choice([0.0, 0.5, 3.0]))
    assert lives.arrived
    assert lives.most_in_a_minute(*Call) <= lives.requests
    assert lives.most_in_a_minute(Call.SUBMIT) <= lives.submits


async def test_after_any_number_of_clean_stops_only_calls_that_were_made_are_counted() -> None:
    clock, kept = FakeClock(), list[str]()

    async def keep(noted: str) -> None:
        kept.append(noted)

    for life in range(8):
        of = scheduler(clock, keep, requests=58, submits=40)
        of.remember(kept[-1] if kept else None)
        runner = asyncio.create_task(of.run())
        asked = asyncio.create_task(of.permit(Call.SUBMIT))
        await clock.advance(3.0)
        assert asked.done(), f"life {life} waits for calls that nobody made"
        asked.result().close()
        runner.cancel()
        await of.rest(keep)
        assert [len(each.lefts) + each.endless for each in notes.read(kept[-1], at=clock.now())] == [
            life + 1
        ] * 2


async def test_after_a_clean_stop_no_call_begins_without_a_note() -> None:
    of = Budget(requests_per_minute=40, submits_per_minute=40, webhooks=False)
    of.note(0.0)
    of.noted()
    assert of.is_noted(Call.SUBMIT)
    assert of.rest(1.0) == [Noted([], 0)] * 2
    assert not of.is_noted(Call.SUBMIT)


async def test_who_dies_every_few_seconds_still_calls_now_and_then() -> None:
    lives = Lives(random.Random(1), requests=40, submits=10)
    for _ in range(48):
        await lives.live(5.0)
    assert len(lives.arrived) > 4 * 8, "four minutes"


async def test_not_every_call_is_written_down_by_itself() -> None:
    lives = Lives(random.Random(2), requests=40, submits=40)
    await lives.live(300.0)
    assert len(lives.arrived) > 150
    assert lives.writes < len(lives.arrived) / 4


async def test_nothing_is_called_before_it_has_been_noted() -> None:
    clock, kept = FakeClock(), list[str]()

    async def keep(noted: str) -> None:
        await clock.sleep(2.0)
        kept.append(noted)

    of = scheduler(clock, keep, requests=40, submits=10)
    runner = asyncio.create_task(of.run())
    permit = asyncio.create_task(of.permit(Call.SUBMIT))
    await clock.advance(1.9)
    assert not permit.done()
    await clock.advance(0.2)
    assert permit.done()
    assert len(kept) == 1
    runner.cancel()


async def test_a_start_without_calls_notes_none() -> None:
    lives = Lives(random.Random(3), requests=40, submits=10)
    of = scheduler(lives.clock, lives.keep, requests=40, submits=10)
    runner = asyncio.create_task(of.run())
    await lives.clock.advance(100.0)
    assert lives.writes == 0
    runner.cancel()


def test_what_is_noted_counts_for_as_long_as_before() -> None:
    of = Budget(requests_per_minute=16, submits_per_minute=16, webhooks=False)
    tickets = of.open(Call.STATUS, 100.0)
    of.close(Call.STATUS, tickets, 103.0)
    of.open(Call.SUBMIT, 105.0)
    every, submits = of.note(110.0)
    assert every == Noted([pytest.approx(103.0 + SPAN - 110.0)], 1 + 2)
    assert submits == Noted([], 1 + 4)


def test_notes_are_read_as_they_were_written_by_whole_seconds() -> None:
    written = [Noted([0.2, 0.4, 30.0], 3), Noted([], 0)]
    text = notes.write(written, at=START)
    assert notes.read(text, at=START) == [Noted([1.0, 1.0, 31.0], 3), Noted([], 0)]
    assert notes.read(text, at=START + 20_000)[0].lefts == [-19.0, -19.0, 11.0]
    full = notes.write([Noted([second / 10 for second in range(600)], 0)] * 2, at=START)
    assert len(full) < 2500, "a second is named once, however many calls it had"


def test_a_clock_that_was_set_back_makes_nothing_count_for_longer_than_a_minute() -> None:
    of = Budget(requests_per_minute=1, submits_per_minute=1, webhooks=False)
    of.remember(notes.read(notes.write([Noted([30.0], 0)] * 2, at=START), at=START - 3_600_000), now=5.0)
    assert of.ready_at(Call.STATUS, 5.0) == pytest.approx(5.0 + SPAN)


def test_calls_of_an_earlier_life_are_counted() -> None:
    of = Budget(requests_per_minute=2, submits_per_minute=60, webhooks=False)
    of.remember([Noted([50.0, 30.0, -1.0], 0), Noted([], 0)], now=100.0)
    assert of.ready_at(Call.STATUS, 100.0) == pytest.approx(130.0)
