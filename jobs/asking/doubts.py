"""Denials: when it is believed that the provider has no such job.

It says so in its own JSON, without naming the job, three times over ten minutes, while it answers otherwise.
"""

from dataclasses import dataclass

from domain.clock import Clock

TIMES = 3
LONG_ENOUGH = 600.0
"""Seconds from the first denial to one that may be believed."""


@dataclass(slots=True)
class _Denied:
    since: float
    times: int = 0


class Doubts:
    """What was denied since when, job by job."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._denied: dict[str, _Denied] = {}
        self._heard = float("-inf")

    def heard(self, job_id: str) -> None:
        """Take in that something was said of a job by its name: what was denied before counts no more."""
        self._heard = self._clock.monotonic()
        self._denied.pop(job_id, None)

    def denied(self, job_id: str) -> bool:
        """Take in a denial; tell whether it was said often and long enough, and not of all jobs alike.

        Where no other job was asked about meanwhile, it is to be seen yet whether the provider answers.
        """
        now = self._clock.monotonic()
        denied = self._denied.setdefault(job_id, _Denied(now))
        denied.times += 1
        often = denied.times >= TIMES and now - denied.since >= LONG_ENOUGH
        return often and (self._heard >= denied.since or len(self._denied) == 1)

    def forget(self, job_id: str) -> None:
        """End with a job that is asked about no more."""
        self._denied.pop(job_id, None)
