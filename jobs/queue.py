"""Who is next: jobs that are ready wait here for their member's turn, and slots are counted."""

import asyncio
from collections import Counter

from domain.job import Job
from jobs.turns_tmp import Turns


class Queue:
    """Ready jobs in turns, and which jobs hold a slot at the provider."""

    def __init__(self, *, in_flight: int, per_member: int) -> None:
        self._turns = Turns(in_flight=in_flight, per_member=per_member)
        self._slots: dict[str, int] = {}
        self._changed = asyncio.Event()

    def add(self, job: Job) -> None:
        """Let a job wait for its turn, in the order in which jobs were asked for."""
        self._turns.add(job.id, job.member_id, (job.created_at, job.id))
        self._changed.set()

    def withdraw(self, job_id: str) -> None:
        """Take a waiting job out."""
        self._turns.remove(job_id)
        self._changed.set()

    def occupy(self, job: Job) -> None:
        """Count a job that is at the provider already (after a restart)."""
        self._slots[job.id] = job.member_id

    def leave(self, job_id: str) -> None:
        """Free the slot of a job that has left the provider."""
        if self._slots.pop(job_id, None) is not None:
            self._changed.set()

    def take(self) -> str | None:
        """Take the job whose turn it is and give it a slot; ``None`` if none may go now."""
        job_id = self._turns.next(self.in_flight())
        if job_id is None:
            return None
        self._slots[job_id] = self._turns.member_of(job_id)
        self._turns.remove(job_id)
        return job_id

    async def wait(self) -> None:
        """Wait until some job may go."""
        while self._turns.next(self.in_flight()) is None:
            self._changed.clear()
            await self._changed.wait()

    def in_flight(self) -> Counter[int]:
        """Return how many slots each member holds."""
        return Counter(self._slots.values())
