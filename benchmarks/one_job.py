"""One job at a time through the scheduler's own planning: agenda, outlook, plans and learned durations."""

import math
import random
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from scheduling.agenda import Agenda
from scheduling.distributions import LogNormal
from scheduling.durations import Durations, Group
from scheduling.outlook import Outlook
from scheduling.pricing import Planner, Prices

GROUP = Group("gpt-image-1-5-edit", "high", 1)
NEVER_BELOW = 1e-9
"""Chance of still running below which no draw can come."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One job: requests without the submit, and seconds from its end to the answer that showed it."""

    asks: int
    staleness: float


@dataclass(frozen=True, slots=True)
class Means:
    """Means over jobs."""

    asks: float
    staleness: float

    @classmethod
    def of(cls, jobs: list[Asked]) -> "Means":
        """Return the means of some jobs."""
        return cls(sum(job.asks for job in jobs) / len(jobs), sum(job.staleness for job in jobs) / len(jobs))

    @property
    def product(self) -> float:
        """Staleness times requests, in seconds."""
        return self.asks * self.staleness


class Asker:
    """Asks about one job after another at a fixed price, with nothing known at first."""

    def __init__(self, *, price: float, planner: Planner) -> None:
        self.durations = Durations()
        outlook = Outlook(
            durations=self.durations, planner=planner, prices=Prices(low=price, high=price), webhooks=False
        )
        self._agenda = Agenda(outlook=outlook)
        self._now = 0.0
        self._number = 0

    def follow(self, seconds: float) -> Asked:
        """Ask about a job that takes so many seconds, until its end is found; learn how long it took."""
        ages = self._ages(seconds)
        return Asked(len(ages), ages[-1] - seconds)

    def moments(self, duration: LogNormal) -> list[float]:
        """Return the ages at which a job is asked about that never ends, as far as any can matter."""
        return self._ages(duration.quantile(1 - NEVER_BELOW), learn=False)

    def _ages(self, seconds: float, *, learn: bool = True) -> list[float]:
        job_id, started = f"job {self._number}", self._now
        self._number += 1
        self._agenda.watch(job_id, group=GROUP, started=started, now=started)
        ages: list[float] = []
        running = True
        while running:
            self._agenda.refresh(self._now, rate=1e9)
            self._now = max(self._now, self._agenda.next_due(self._now))
            choice = self._agenda.choose(self._now)
            if choice is None:
                raise RuntimeError("a job that is due must be chosen")
            self._agenda.take(choice, self._now)
            ages.append(self._now - started)
            running = ages[-1] < seconds
            bounds = self._agenda.answered(job_id, self._now, running=running)
            self._agenda.closed(choice, self._now)
            if bounds is not None and learn:
                self.durations.add(GROUP, bounds, at_ms=0)
        return ages


def at_moments(moments: list[float], durations: Iterable[float]) -> list[Asked]:
    """Return how jobs fare that are asked about at given ages, whatever happens."""
    asked: list[Asked] = []
    for seconds in durations:
        place = bisect_left(moments, seconds)
        asked.append(Asked(place + 1, moments[place] - seconds))
    return asked


def draws(duration: LogNormal, number: int, draw: random.Random) -> list[float]:
    """Return durations in seconds."""
    return [draw.lognormvariate(duration.mu, duration.sigma) for _ in range(number)]


def every(interval: float, *, first: float = 0.0) -> list[float]:
    """Return the ages of asks at a fixed interval, for two hours."""
    start = max(first, interval)
    return [start + step * interval for step in range(math.ceil(7200 / interval))]


def backing_off(first: float, longest: float, factor: float) -> list[float]:
    """Return the ages of asks at intervals that grow up to a longest, for two hours."""
    ages, interval = [first], first
    while ages[-1] < 7200:
        interval = min(longest, interval * factor)
        ages.append(ages[-1] + interval)
    return ages
