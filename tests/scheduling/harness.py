"""A scheduler at work on a clock that stands still until it is moved."""

import asyncio
from bisect import bisect_left
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from scheduling.durations import Bounds, Durations, Group
from scheduling.scheduler import Ask, Scheduler
from tests.clock import START, FakeClock
from tests.scheduling.closed_forms import at_price

EDIT = Group("gpt-image-1-5-edit", "high", 1)


def known(median: float = 35.0) -> Durations:
    """Durations of which enough are known: log-normal, sigma 0.4."""
    durations = Durations()
    for step in range(200):
        seconds = median * 2.718281828 ** (0.4 * ((step * 7 % 20) - 9.5) / 5.77)
        durations.add(EDIT, Bounds(seconds - 0.05, seconds), at_ms=START)
    return durations


@dataclass
class SchedulerHarness:
    """A scheduler, somebody who asks as soon as they may, and a provider that knows when jobs end.

    Its list names those of whom ``listed`` says so: nobody, unless a test says otherwise.
    """

    clock: FakeClock
    scheduler: Scheduler
    ends: dict[str, float] = field(default_factory=dict)
    listed: Callable[[str], bool] = lambda _: False
    shows_ends: bool = True
    reachable: bool = True
    asked: list[tuple[float, tuple[str, ...]]] = field(default_factory=list)
    lists: list[float] = field(default_factory=list)
    found: dict[str, tuple[float, Bounds | None]] = field(default_factory=dict)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self) -> None:
        self.tasks = [asyncio.create_task(self.scheduler.run()), asyncio.create_task(self.ask_for_ever())]

    async def ask_for_ever(self) -> None:
        while True:
            with await self.scheduler.next_ask() as ask:
                self.answer(ask)

    def answer(self, ask: Ask) -> None:
        now = self.clock.monotonic()
        self.asked.append((now, ask.job_ids))
        self.lists += [now] if ask.by_list else []
        if not self.reachable:
            return
        for job_id in ask.job_ids:
            if ask.by_list and not self.listed(job_id):
                continue
            running = self.ends[job_id] > now
            if ask.by_list and not running and not self.shows_ends:
                self.scheduler.doubt(job_id)
                continue
            bounds = self.scheduler.answered(job_id, running=running)
            if not running:
                self.found[job_id] = (now, bounds)

    def begin(self, job_id: str, *, lasts: float, age: float = 0.0) -> None:
        self.ends[job_id] = self.clock.monotonic() - age + lasts
        self.scheduler.watch(job_id, group=EDIT, submitted_at=self.clock.now() - round(age * 1000))

    def asks(self, job_id: str) -> list[float]:
        """Return when a job was asked about by itself."""
        return [moment for moment, job_ids in self.asked if job_ids == (job_id,)]

    def most_in_a_minute(self) -> int:
        moments = [moment for moment, _ in self.asked]
        return max(bisect_left(moments, moment + 60.0) - place for place, moment in enumerate(moments))


def harness(
    *,
    requests: int = 60,
    submits: int = 60,
    webhooks: bool = False,
    price: float | None = 0.5,
    durations: Durations | None = None,
) -> SchedulerHarness:
    clock = FakeClock()

    async def keep(_noted: str) -> None:
        """Nobody is killed here."""

    scheduler = Scheduler(
        clock=clock,
        requests_per_minute=requests,
        submits_per_minute=submits,
        durations=durations or known(),
        webhooks=webhooks,
        keep=keep,
        prices=None if price is None else at_price(price),
    )
    return SchedulerHarness(clock, scheduler)


Start = Callable[[SchedulerHarness], SchedulerHarness]


def starter() -> Any:
    """Return the fixture that starts harnesses and stops them after the test."""

    @pytest.fixture
    async def running() -> AsyncIterator[Start]:
        started: list[SchedulerHarness] = []

        def start(one: SchedulerHarness) -> SchedulerHarness:
            started.append(one)
            one.start()
            return one

        yield start
        for one in started:
            for task in one.tasks:
                task.cancel()
            ended = await asyncio.gather(*one.tasks, return_exceptions=True)
            assert all(isinstance(end, asyncio.CancelledError) for end in ended), ended

    return running
