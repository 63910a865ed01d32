"""How long ago jobs were submitted: a wall clock that is wrong for a moment makes no job old."""

from domain.clock import Clock
from domain.job import Job


class Ages:
    """Ages of open jobs in milliseconds; within this run by the clock that never jumps."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._since: dict[str, float] = {}
        self._of_an_earlier_run: set[str] = set()

    def begin(self, job_id: str) -> None:
        """Note that a job is submitted now."""
        self._since[job_id] = self._clock.monotonic()

    def of(self, job: Job) -> int:
        """Return how long ago a job was submitted.

        Of one from an earlier run only the wall clock tells: it must say so when it is first seen, and still.
        """
        now, by_wall = self._clock.monotonic(), self._by_wall(job)
        if job.id not in self._since:
            self._since[job.id] = now - by_wall / 1000
            self._of_an_earlier_run.add(job.id)
        age = round((now - self._since[job.id]) * 1000)
        return min(age, by_wall) if job.id in self._of_an_earlier_run else age

    def forget(self, job_id: str) -> None:
        """End with a job."""
        self._since.pop(job_id, None)
        self._of_an_earlier_run.discard(job_id)

    def _by_wall(self, job: Job) -> int:
        return max(0, self._clock.now() - (job.submitted_at or job.created_at))
