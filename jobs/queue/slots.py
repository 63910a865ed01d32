"""Who is next: jobs that are ready wait here for their member's turn, and slots are counted."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable

from domain.job import Job
from jobs.queue.fair_queue import FairQueue
from jobs.queue.pace import Pace
from scheduling.permits import Permit


class Slots:
    """Ready jobs in turns, and which jobs hold a slot at the provider.

    ``away``: it took no connection when a job was to be submitted last.
    """

    def __init__(self, *, in_flight: int, per_member: int, pace: Pace) -> None:
        self.pace = pace
        self.limit = in_flight
        self.per_member = per_member
        self.away = False
        self._queue = FairQueue(in_flight=in_flight, per_member=per_member)
        self._waiting: dict[str, Job] = {}
        self._turns: dict[str, asyncio.Future[Permit | None]] = {}
        self._slots: dict[str, Job] = {}
        self._held: Counter[int] = Counter()
        self._changed = asyncio.Event()

    def add(self, job: Job) -> None:
        """Let a job wait for its turn, in the order in which jobs were asked for."""
        self._waiting[job.id] = job
        self._queue.add(job.id, job.member_id, _order(job))
        self._changed.set()

    async def turn(self, job: Job) -> Permit | None:
        """Wait for a job's turn: it holds a slot then, and leave to submit; ``None`` if it was withdrawn."""
        turn = self._turns[job.id] = asyncio.get_running_loop().create_future()
        self.add(job)
        try:
            return await turn
        except asyncio.CancelledError:
            self._queue.remove(job.id)
            self._waiting.pop(job.id, None)
            # Its turn may have come in the very moment in which this task was cancelled.
            if turn.done() and not turn.cancelled() and (permit := turn.result()) is not None:
                permit.close()
                self.leave(job.id)
            raise
        finally:
            del self._turns[job.id]

    def serve(self, permit: Permit) -> None:
        """Hand leave to submit to the job whose turn it is; if none may go now, it is given back."""
        while (job_id := self.take()) is not None:
            turn = self._turns.get(job_id)
            if turn is not None and not turn.done():
                turn.set_result(permit)
                return
            self.leave(job_id)
        permit.close()

    def withdraw(self, job_id: str) -> None:
        """Take a waiting job out."""
        self._queue.remove(job_id)
        self._waiting.pop(job_id, None)
        turn = self._turns.get(job_id)
        if turn is not None and not turn.done():
            turn.set_result(None)

    def occupy(self, job: Job) -> None:
        """Count a job that is at the provider, as its row is now; one that was served here holds its slot."""
        if job.id in self._slots:
            self._slots[job.id] = job
        else:
            self._queue.served(job.member_id)
            self._hold(job)

    def resume(self, job: Job, *, at: int) -> None:
        """Count a job that was at the provider when the bot started (``at``, Unix milliseconds)."""
        self.pace.note(job.member_id, ago=max(0, at - (job.submitted_at or 0)) / 1000)
        self.occupy(job)

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
        job_id = self._queue.next(self._held, self.pace.resting())
        if job_id is not None:
            self.pace.note(self._queue.serve(job_id))
            self._hold(self._waiting.pop(job_id))
        return job_id

    async def wait(self) -> None:
        """Wait until some job may go."""
        while self._queue.next(self._held, self.pace.resting()) is None:
            self._changed.clear()
            await self.pace.until(self._changed)

    def waiting(self, joining: Iterable[Job] = ()) -> list[Job]:
        """Return the waiting jobs in the order of their turns, with those that join once they are ready."""
        new = {job.id: job for job in joining if job.id not in self._waiting and job.id not in self._slots}
        turns = self._queue.waiting((job.member_id, _order(job)) for job in new.values())
        return [self._waiting.get(job_id) or new[job_id] for job_id, _ in turns]

    def held(self) -> Collection[Job]:
        """Return the jobs that hold a slot."""
        return self._slots.values()

    def _hold(self, job: Job) -> None:
        self._slots[job.id] = job
        self._held[job.member_id] += 1


def _order(job: Job) -> tuple[int, str]:
    return (job.created_at, job.id)
