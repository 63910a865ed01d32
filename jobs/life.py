"""A job's life: one coroutine takes it from wherever its row says it is to its end.

A step returns the job as it has just moved it, or ``None`` where the row knows better. Being stopped is being
cancelled at an await: the row says everything, the next start goes on from it.
"""

from typing import assert_never

from domain.clock import Clock
from domain.errors import Reason
from domain.job import Job, Status
from jobs import transitions
from jobs.ages import Ages
from jobs.asking.fetcher import Fetcher
from jobs.asking.reconcile import Reconciler
from jobs.asking.tracker import Answered, End, Tracker
from jobs.delivery.cards import Cards, Found, job_with_images
from jobs.delivery.deliverer import Deliverer
from jobs.follow_up import FollowUp
from jobs.prepare import Preparer
from jobs.submitter import Submitter
from jobs.tasks import Pauses
from storage import job_rows
from storage.database import Database


class Life:
    """The steps of a job, in the order of its row's status."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        cards: Cards,
        preparer: Preparer,
        submitter: Submitter,
        reconciler: Reconciler,
        tracker: Tracker,
        fetcher: Fetcher,
        deliverer: Deliverer,
        follow_up: FollowUp,
        ages: Ages,
    ) -> None:
        self._database = database
        self._clock = clock
        self._cards = cards
        self._preparer = preparer
        self._submitter = submitter
        self._reconciler = reconciler
        self._tracker = tracker
        self._fetcher = fetcher
        self._deliverer = deliverer
        self._follow_up = follow_up
        self._ages = ages

    async def run(self, job_id: str, found: Found | None = None) -> None:
        """Take a job to its end, whatever goes wrong; then what goes on in its place, if its model has ended.

        ``found`` is its row, to be read otherwise.
        """
        pauses = Pauses(clock=self._clock)
        ended = False
        while not ended:
            try:
                found = found or await self._database.run(job_with_images, job_id)
                ended = found is None or await self._is_over(found[0])
                if found is not None and not ended:
                    found = await self._step(found)
                    pauses = Pauses(clock=self._clock)
                elif found is not None and found[0].failure is Reason.MODEL_GONE:
                    following = await self._database.read(job_rows.follow_up_of, job_id)
                    job_id, found, ended = following or job_id, None, following is None
            except Exception as error:  # noqa: BLE001 - it is logged with the pause
                # A full disk, a locked database, a surprise: no job is stranded by it.
                await pauses.failed(str(job_id if found is None else found[0]), error)
                found = None
        self._ages.forget(job_id)

    async def _step(self, found: Found) -> Found | None:
        job, _ = found
        match job.status:
            case Status.QUEUED:
                return await self._submit(found)
            case Status.SUBMITTING:
                return await self._park(job)
            case Status.UNKNOWN:
                return await self._reconcile(job)
            case Status.RUNNING:
                return await self._collect(job, await self._tracker.ended(job))
            case Status.DELIVERING:
                done = await self._deliverer.deliver(job.id, found)
                return None if done is None else (done, [])
            case Status.DONE | Status.FAILED | Status.CANCELLED:
                return None
            case _:
                assert_never(job.status)

    async def _is_over(self, job: Job) -> bool:
        """Tell whether a job is at its end; a delivered one has its last chores done."""
        if job.status is Status.DONE:
            await self._deliverer.close(job)
        return job.status in {Status.DONE, Status.FAILED, Status.CANCELLED}

    async def _submit(self, found: Found) -> Found | None:
        job = await self._preparer.prepare(found[0].id, found)
        if job is None:
            return None
        if job.card.message_id is None:
            self._cards.refresh(job.id)
        return await self._submitter.submit(job)

    async def _park(self, job: Job) -> Found | None:
        """Cut off between "sent" and "stored": nobody knows."""
        await self._database.run(job_rows.move, job.id, expect=Status.SUBMITTING, to=Status.UNKNOWN)
        self._cards.refresh(job.id)
        return None

    async def _reconcile(self, job: Job) -> Found | None:
        named = await self._reconciler.named(job)
        if named is None:
            # Somebody else knows better: the process that had the answer to its request, for one.
            self._cards.refresh(job.id)
            return None
        running, end = named
        return (running, []) if end is None else await self._collect(running, end)

    async def _collect(self, job: Job, end: End) -> Found | None:
        """Take in how a running job has ended."""
        got: Found | Reason | None
        if isinstance(end, Answered):
            got = end.failure or await self._fetcher.fetch(job, end.reply, end.bounds)
        else:
            got = end
        if not isinstance(got, Reason):
            return got
        if got is Reason.MODEL_GONE:
            await self._follow_up.end(job, expect=Status.RUNNING)
            return None
        now = self._clock.now()
        await self._database.run(transitions.fail, job.id, expect=Status.RUNNING, reason=got, at=now)
        self._cards.refresh(job.id)
        if isinstance(end, Answered) and end.failure is not None:
            await self._follow_up.look_at(job, got)
        return None
