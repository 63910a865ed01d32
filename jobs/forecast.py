"""What may be told of a job's start and end, from the durations learned so far."""

from domain.clock import Clock
from domain.job import Job, Status
from domain.limits import SOFT_DEADLINE
from domain.views import Expectation
from jobs.groups import group_of
from jobs.slots import Slots
from scheduling.distributions import remaining
from scheduling.durations import Durations

OFF_BY = 0.25
"""An estimate on a card is corrected when what is left differs by more than this share."""
LEAST = 5_000
"""Milliseconds: smaller corrections are nobody's business."""


class Forecast:
    """Estimates for cards. ``submits_per_minute`` bounds how fast a queue can move."""

    def __init__(self, *, clock: Clock, durations: Durations, slots: Slots, submits_per_minute: int) -> None:
        self._clock = clock
        self._durations = durations
        self._slots = slots
        self._gap = 60.0 / submits_per_minute

    def expect(self, job: Job) -> Expectation:
        """Return how many wait before a job, and when it will start and end (Unix milliseconds)."""
        now = self._clock.now()
        if job.status is Status.QUEUED:
            ahead = self._slots.ahead(job)
            starts = self._start(job, ahead)
            ends = starts + self._durations.fit(group_of(job)).median
            return Expectation(
                ahead=ahead, starts_at=now + round(starts * 1000), ends_at=now + round(ends * 1000)
            )
        if job.status is not Status.RUNNING:
            return Expectation()
        age = now - (job.submitted_at or job.created_at)
        if age > SOFT_DEADLINE:
            return Expectation(late=True)
        left = remaining(self._durations.distribution(group_of(job)), max(age, 0) / 1000)
        return Expectation(ends_at=now + round(left * 1000))

    def is_off(self, job: Job, shown: Expectation | None) -> bool:
        """Tell whether a card says something that is no longer so: its times, or that it is not late."""
        if shown is None or job.status not in {Status.QUEUED, Status.RUNNING}:
            return False
        now = self._clock.now()
        fresh = self.expect(job)
        if fresh.late or shown.late:
            return fresh.late is not shown.late
        return _off(shown.starts_at, fresh.starts_at, now) or _off(shown.ends_at, fresh.ends_at, now)

    def _start(self, job: Job, ahead: int) -> float:
        """Return seconds until a job starts: rounds of busy slots, or the gap between submissions."""
        free = max(self._slots.limit - self._slots.in_flight, 0)
        by_submits = ahead * self._gap
        if ahead < free:
            return by_submits
        # Slots come free evenly over one mean duration; the first of them after half such a step.
        mean = self._durations.fit(group_of(job)).mean
        return max(by_submits, mean * (ahead - free + 0.5) / self._slots.limit)


def _off(shown: int | None, fresh: int | None, now: int) -> bool:
    if shown is None or fresh is None:
        return shown is not fresh
    difference = abs(fresh - shown)
    left = max(abs(shown - now), 1)
    return difference > LEAST and difference > OFF_BY * left
