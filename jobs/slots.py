"""Who is next: jobs that are ready wait here for their member's turn, and slots are counted."""

import asyncio
from collections import Counter

from domain.job import Job
from jobs.fair_queue import FairQueue


class Slots:
    """Ready jobs in turns, and which jobs hold a slot at the provider."""

    def __init__(self, *, in_flight: int, per_member: int) -> None:
        self.limit = in_flight
        self._queue = FairQueue(in_flight=in_flight, per_member=per_member)
        self._slots: dict[str, int] = {}
        self._held: Counter[int] = Counter()
        self._changed = asyncio.Event()

    def add(self, job: Job) -> None:
        """Let a job wait for its turn, in the order in which jobs were asked for."""
        self._queue.add(job.id, job.member_id, (job.created_at, job.id))
        self._changed.set()

    def withdraw(self, job_id: str) -> None:
        """Take a waiting job out."""
        self._queue.remove(job_id)

    def occupy(self, job: Job) -> None:
        """Count a job that is at the provider already (after a restart)."""
        self._queue.served(job.member_id)
        self._hold(job.id, job.member_id)

    def leave(self, job_id: str) -> None:
        """Free the slot of a job that has left the provider."""
        member_id = self._slots.pop(job_id, None)
        if member_id is not None:
            self._held[member_id] -= 1
            if not self._held[member_id]:
                del self._held[member_id]
            self._changed.set()

    def take(self) -> str | None:
        """Take the job whose turn it is and give it a slot; ``None`` if none may go now."""
        job_id = self._queue.next(self._held)
        if job_id is not None:
            self._hold(job_id, self._queue.serve(job_id))
        return job_id

    async def wait(self) -> None:
        """Wait until some job may go."""
        while self._queue.next(self._held) is None:
            self._changed.clear()
            await self._changed.wait()

    def ahead(self, job: Job) -> int:
        """Return how many jobs go before one that waits, or that will as soon as its sources are there."""
        return self._queue.ahead(job.id, (job.member_id, (job.created_at, job.id)))

    @property
    def in_flight(self) -> int:
        """How many slots are held."""
        return len(self._slots)

    def _hold(self, job_id: str, member_id: int) -> None:
        if job_id not in self._slots:
            self._slots[job_id] = member_id
            self._held[member_id] += 1
