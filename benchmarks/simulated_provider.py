"""A provider in simulated time, and the product's own scheduler and tracker at work on it.

The provider counts requests, runs jobs, and tells of their ends if it is asked to.
"""

import asyncio
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from benchmarks.simclock import SimulatedClock
from domain.job import Job, Kind, Origin, Status
from domain.options import Options
from jobs.ages import Ages
from jobs.asking.tracker import Tracker
from jobs.tasks import Tasks
from pixeldojo.errors import UnreadableReply
from pixeldojo.kinds import State
from pixeldojo.replies import JobList, JobReply
from scheduling.durations import Bounds, Durations, Group
from scheduling.scheduler import Call, Scheduler
from scheduling.spacing import Spacing

GROUP = Group("gpt-image-1-5-edit", "high", 1)
MEDIAN, SIGMA = 35.0, 0.4
KNOWN = 200
"""Jobs whose durations were learned before the simulation begins."""
MINUTE = 60.0
LISTED = 50
"""Jobs that the list names: the newest."""
WEBHOOK_LEAST, WEBHOOK_MEAN = 0.1, 0.6
"""Seconds that a webhook takes at least, and the mean of what comes on top (exponential): 0.7 s in the mean,
1.9 s for the slowest twentieth."""


@dataclass(slots=True)
class Provider:
    """Takes so many requests in every window of sixty seconds and refuses the rest.

    ``lists``: whether it has a list of recent jobs.
    """

    clock: SimulatedClock
    draw: random.Random
    limit: int
    latency: float = 0.0
    lost: float = 0.0
    poked: Callable[[str], None] | None = None
    lists: bool = False
    requests: int = 0
    refused: int = 0
    most: int = 0
    """Requests in the fullest minute."""
    ends: dict[str, float] = field(default_factory=dict[str, float])
    _taken: deque[float] = field(default_factory=deque[float])
    _newest: deque[str] = field(default_factory=lambda: deque[str](maxlen=LISTED))

    async def submit(self, job_id: str) -> None:
        """Begin with a job."""
        await self._request()
        seconds = self.draw.lognormvariate(math.log(MEDIAN), SIGMA)
        self.ends[job_id] = self.clock.monotonic() + seconds
        self._newest.appendleft(job_id)
        if self.poked is not None and self.draw.random() >= self.lost:
            later = seconds + WEBHOOK_LEAST + self.draw.expovariate(1 / WEBHOOK_MEAN)
            asyncio.get_running_loop().call_later(later, self.poked, job_id)
        await asyncio.sleep(self.latency / 2)

    async def job(self, job_id: str, *, asked: object = None) -> JobReply:
        """Tell of one job; what it asked for is of no importance here."""
        del asked
        await self._request()
        told = self._tell(job_id)
        await asyncio.sleep(self.latency / 2)
        return told

    async def jobs(self, more: str | None = None) -> JobList:
        """Tell of the newest jobs."""
        await self._request()
        told = [self._tell(job_id) for job_id in self._newest]
        await asyncio.sleep(self.latency / 2)
        if not self.lists:
            raise UnreadableReply("there is no list of jobs")
        assert more is None
        return JobList(told)

    async def catalogue(self) -> None:
        """Be asked for the catalogue, or an entry of it."""
        await self._request()
        await asyncio.sleep(self.latency / 2)

    def _tell(self, job_id: str) -> JobReply:
        if self.ends.get(job_id, 0.0) > self.clock.monotonic():
            return JobReply(job_id=job_id, state=State.RUNNING)
        return JobReply(job_id=job_id, state=State.COMPLETED, images=("https://temp.pixeldojo.ai/1.png",))

    async def _request(self) -> None:
        await asyncio.sleep(self.latency / 2)
        now = self.clock.monotonic()
        while self._taken and self._taken[0] <= now - MINUTE:
            self._taken.popleft()
        self.requests += 1
        if len(self._taken) >= self.limit:
            self.refused += 1
        self._taken.append(now)
        self.most = max(self.most, len(self._taken))


class Customer:
    """The product's tracker over rows in memory; ``ended`` is called with a job and how stale the answer was.

    What becomes of the results is nobody's business here.
    """

    def __init__(
        self,
        clock: SimulatedClock,
        provider: Provider,
        scheduler: Scheduler,
        ended: Callable[[str, float], None],
    ) -> None:
        self.scheduler = scheduler
        self._clock = clock
        self._provider = provider
        self._ended = ended
        self._rows: dict[str, Job] = {}
        database: Any = SimpleNamespace(read=self._get)
        client: Any = provider
        slots: Any = SimpleNamespace(occupy=repr, leave=repr)
        self._tasks = Tasks()
        self._tracker = Tracker(
            database=database,
            clock=clock,
            client=client,
            scheduler=scheduler,
            slots=slots,
            tasks=self._tasks,
            spacing=Spacing(clock=clock),
            ages=Ages(clock=clock),
            answers=self._answers,
        )

    async def _answers(self) -> bool:
        return True

    async def submit(self, job_id: str) -> float:
        """Submit a job as soon as a permit can be had; return the moment at which it was."""
        with await self.scheduler.permit(Call.SUBMIT):
            begun, submitted_at = self._clock.monotonic(), self._clock.now()
            await self._provider.submit(job_id)
        self._rows[job_id] = row(job_id, submitted_at=submitted_at)
        self._tasks.spawn(job_id, self._follow(self._rows[job_id]))
        return begun

    async def _follow(self, job: Job) -> None:
        await self._tracker.ended(job)
        del self._rows[job.id]
        self._ended(job.id, self._clock.monotonic() - self._provider.ends.pop(job.id))

    async def ask_for_ever(self) -> None:
        """Ask whenever the scheduler says so."""
        await self._tracker.run()

    async def _get(self, _query: object, job_id: str) -> Job | None:
        return self._rows.get(job_id)


async def unkept(noted: str) -> None:
    """Keep no note of calls: nobody is killed here."""
    del noted


def row(job_id: str, *, submitted_at: int) -> Job:
    """Return a running job."""
    return Job(
        id=job_id,
        kind=Kind.EDIT,
        origin=Origin.COMMAND,
        guild_id=1,
        channel_id=2,
        member_id=3,
        model=GROUP.model,
        prompt="",
        options=Options(),
        status=Status.RUNNING,
        reserved=0,
        created_at=submitted_at,
        provider_job_id=job_id,
        submitted_at=submitted_at,
    )


def known_durations(draw: random.Random) -> Durations:
    """Return what is known of durations after a day of service."""
    durations = Durations()
    for _ in range(KNOWN):
        seconds = draw.lognormvariate(math.log(MEDIAN), SIGMA)
        durations.add(GROUP, Bounds(max(0.0, seconds - 2), seconds + 2), at_ms=0)
    return durations
