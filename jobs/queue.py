"""Who is next: jobs that are ready wait here for their member's turn, and slots are counted."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable

from domain.job import Job
from jobs.turns import Turns


class Queue:
    """Ready jobs in turns, and which jobs hold a slot at the provider."""

    def __init__(self, *, in_flight: int, per_member: int) -> None:
        self.limit = in_flight
        self.per_member = per_member
        self._turns = Turns(in_flight=in_flight, per_member=per_member)
        self._waiting: dict[str, Job] = {}
        self._slots: dict[str, Job] = {}
        self._held: Counter[int] = Counter()
        self._changed = asyncio.Event()

    def add(self, job: Job) -> None:
        """Let a job wait for its turn, in the order in which jobs were asked for."""
        self._waiting[job.id] = job
        self._turns.add(job.id, job.member_id, _order(job))
        self._changed.set()

    def withdraw(self, job_id: str) -> None:
        """Take a waiting job out."""
        self._turns.remove(job_id)
        self._waiting.pop(job_id, None)

    def occupy(self, job: Job) -> None:
        """Count a job that is at the provider already (after a restart)."""
        self._turns.served(job.member_id)
        self._hold(job)

    def submitted(self, job: Job) -> None:
        """Note what the row of a job that holds a slot says since the provider took it."""
        if job.id in self._slots:
            self._slots[job.id] = job

    def leave(self, job_id: str) -> None:
        """Free the slot of a job that has left the provider."""
        job = self._slots.pop(job_id, None)
        if job is not None:
            self._held[job.member_id] -= 1
            if not self._held[job.member_id]:
                del self._held[job.member_id]
            self._changed.set()

    def take(self) -> str | None:
        """Take the job whose turn it is and give it a slot; ``None`` if none may go now."""
        job_id = self._turns.next(self._held)
        if job_id is not None:
            self._turns.serve(job_id)
            self._hold(self._waiting.pop(job_id))
        return job_id

    async def wait(self) -> None:
        """Wait until some job may go."""
        while self._turns.next(self._held) is None:
            self._changed.clear()
            await self._changed.wait()

    def waiting(self, joining: Iterable[Job] = ()) -> list[Job]:
        """Return the waiting jobs in the order of their turns, with those that join once they are ready."""
        new = {job.id: job for job in joining if job.id not in self._waiting and job.id not in self._slots}
        turns = self._turns.waiting((job.member_id, _order(job)) for job in new.values())
        return [self._waiting.get(job_id) or new[job_id] for job_id, _ in turns]

    def held(self) -> Collection[Job]:
        """Return the jobs that hold a slot."""
        return self._slots.values()

    def _hold(self, job: Job) -> None:
        if job.id not in self._slots:
            self._slots[job.id] = job
            self._held[job.member_id] += 1


def _order(job: Job) -> tuple[int, str]:
    return (job.created_at, job.id)
