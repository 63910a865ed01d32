"""A provider in simulated time: it counts requests, runs jobs, and tells of their ends if it is asked to."""

import asyncio
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.simclock import SimulatedClock
from scheduling.durations import Bounds, Durations, Group
from scheduling.scheduler import Ask, Call, Scheduler

GROUP = Group("gpt-image-1-5-edit", "high", 1)
MEDIAN, SIGMA = 35.0, 0.4
KNOWN = 200
"""Jobs whose durations were learned before the simulation begins."""
MINUTE = 60.0
WEBHOOK_LEAST, WEBHOOK_MEAN = 0.1, 0.6
"""Seconds that a webhook takes at least, and the mean of what comes on top (exponential): 0.7 s in the mean,
1.9 s for the slowest twentieth."""


@dataclass(slots=True)
class Provider:
    """Takes so many requests in every window of sixty seconds and refuses the rest."""

    clock: SimulatedClock
    draw: random.Random
    limit: int
    latency: float = 0.0
    lost: float = 0.0
    poked: Callable[[str], None] | None = None
    lists: bool = False
    requests: int = 0
    refused: int = 0
    ends: dict[str, float] = field(default_factory=dict[str, float])
    _taken: deque[float] = field(default_factory=deque[float])

    async def submit(self, job_id: str) -> None:
        """Begin with a job."""
        await self._request()
        seconds = self.draw.lognormvariate(math.log(MEDIAN), SIGMA)
        self.ends[job_id] = self.clock.monotonic() + seconds
        if self.poked is not None and self.draw.random() >= self.lost:
            later = seconds + WEBHOOK_LEAST + self.draw.expovariate(1 / WEBHOOK_MEAN)
            asyncio.get_running_loop().call_later(later, self.poked, job_id)
        await asyncio.sleep(self.latency / 2)

    async def running(self, job_ids: tuple[str, ...], *, by_list: bool) -> dict[str, bool]:
        """Tell of jobs whether they run; where there is no list, one tells of none."""
        await self._request()
        if by_list and not self.lists:
            return {}
        now = self.clock.monotonic()
        answer = {job_id: self.ends[job_id] > now for job_id in job_ids if job_id in self.ends}
        await asyncio.sleep(self.latency / 2)
        return answer

    async def _request(self) -> None:
        await asyncio.sleep(self.latency / 2)
        now = self.clock.monotonic()
        while self._taken and self._taken[0] <= now - MINUTE:
            self._taken.popleft()
        self.requests += 1
        if len(self._taken) >= self.limit:
            self.refused += 1
        self._taken.append(now)


@dataclass(slots=True)
class Customer:
    """Submits and asks as the bot does; ``ended`` is called with a job and how stale the answer was."""

    clock: SimulatedClock
    provider: Provider
    scheduler: Scheduler
    ended: Callable[[str, float], None]
    _tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def submit(self, job_id: str) -> float:
        """Submit a job as soon as a permit can be had; return the moment at which it was."""
        with await self.scheduler.permit(Call.SUBMIT):
            begun, submitted_at = self.clock.monotonic(), self.clock.now()
            await self.provider.submit(job_id)
        self.scheduler.watch(job_id, group=GROUP, submitted_at=submitted_at)
        return begun

    async def ask_for_ever(self) -> None:
        """Ask whenever the scheduler says so."""
        while True:
            task = asyncio.create_task(self._ask(await self.scheduler.next_ask()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _ask(self, ask: Ask) -> None:
        with ask:
            answer = await self.provider.running(ask.job_ids, by_list=ask.by_list)
            for job_id, running in answer.items():
                self.scheduler.answered(job_id, running=running)
                if not running and job_id in self.provider.ends:
                    self.ended(job_id, self.clock.monotonic() - self.provider.ends.pop(job_id))


def known_durations(draw: random.Random) -> Durations:
    """Return what is known of durations after a day of service."""
    durations = Durations()
    for _ in range(KNOWN):
        seconds = draw.lognormvariate(math.log(MEDIAN), SIGMA)
        durations.add(GROUP, Bounds(max(0.0, seconds - 2), seconds + 2), at_ms=0)
    return durations
