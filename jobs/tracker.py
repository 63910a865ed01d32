"""Tracking: ask about running jobs at the moments the scheduler chooses, until they have ended."""

import asyncio
import logging
from dataclasses import dataclass

from domain.clock import Clock
from domain.errors import Reason
from domain.job import Job, Status
from domain.limits import GIVE_UP, HARD_DEADLINE, LATE_INTERVAL
from jobs.groups import asked_of, group_of
from jobs.slots import Slots
from jobs.tasks import Tasks
from pixeldojo.client import PixelDojo
from pixeldojo.errors import JobGone, PixelDojoError
from pixeldojo.kinds import Failure, State
from pixeldojo.replies import JobReply
from scheduling.durations import Bounds
from scheduling.scheduler import Ask, Scheduler
from scheduling.spacing import Spacing
from storage import job_rows
from storage.database import Database

log = logging.getLogger(__name__)

GONE_TRIES = 3
"""How often the provider may say that it does not know a job before that is believed."""

REASONS = {
    Failure.MODERATION: Reason.MODERATED,
    Failure.MODEL_GONE: Reason.MODEL_GONE,
    Failure.BAD_INPUT: Reason.BAD_INPUT,
    Failure.PROVIDER: Reason.PROVIDER_TROUBLE,
    Failure.NO_IMAGES: Reason.NO_IMAGES,
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What the provider says of a job that runs no longer, and between which ages it ended."""

    reply: JobReply
    bounds: Bounds | None = None

    @property
    def failure(self) -> Reason | None:
        """Why it has no results."""
        failed = self.reply.state is State.FAILED
        return REASONS[self.reply.failure or Failure.PROVIDER] if failed else None


End = Answered | Reason | None
"""How a running job has ended: as the provider says, by our own patience, or its row has moved on."""


class Tracker:
    """One loop that asks, and tells whoever waits for a job how it has ended."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        client: PixelDojo,
        scheduler: Scheduler,
        slots: Slots,
        tasks: Tasks,
        spacing: Spacing,
    ) -> None:
        self._database = database
        self._clock = clock
        self._client = client
        self._scheduler = scheduler
        self._slots = slots
        self._tasks = tasks
        self._spacing = spacing
        self._ends: dict[str, asyncio.Future[End]] = {}
        self._gone: dict[str, int] = {}

    async def ended(self, job: Job) -> End:
        """Have a running job asked about until it has ended; it holds its slot unless it is late."""
        end = self._ends[job.id] = asyncio.get_running_loop().create_future()
        submitted = job.submitted_at or job.created_at
        self._scheduler.watch(job.id, group=group_of(job), submitted_at=submitted)
        try:
            if self._clock.now() - submitted > HARD_DEADLINE:
                self._is_late(job.id)
            else:
                self._slots.occupy(job)
            if job.claim is not None:
                # Its webhook came before the answer to its submission.
                self._scheduler.poke(job.id)
            return await end
        finally:
            del self._ends[job.id]
            self._gone.pop(job.id, None)
            self._scheduler.forget(job.id)
            self._slots.leave(job.id)

    async def run(self) -> None:
        while True:
            await self._spacing.wait()
            ask = await self._scheduler.next_ask()
            self._tasks.spawn("asking", self._ask(ask))

    async def _ask(self, ask: Ask) -> None:
        with ask:
            if ask.by_list:
                await self._ask_list(ask)
            else:
                await self._ask_one(ask.job_ids[0])

    async def _ask_one(self, job_id: str) -> None:
        job = await self._database.read(job_rows.get, job_id)
        if job is None or job.status is not Status.RUNNING or job.provider_job_id is None:
            self._end(job_id, None)
            return
        try:
            reply = await self._client.job(job.provider_job_id, asked=asked_of(job))
        except JobGone:
            self._unknown_there(job)
        except PixelDojoError as error:
            # Nothing was learned: an ask that is left without an answer is made again in a while.
            log.warning("%r could not be asked about: %s.", job, error)
            self._look_at_age(job)
        else:
            self.take(job, reply)

    async def _ask_list(self, ask: Ask) -> None:
        # Jobs of which nothing is told are asked about by themselves: the scheduler sees to it, and to when
        # the list is tried at all.
        try:
            replies = await self._client.jobs()
        except PixelDojoError as error:
            log.warning("The job list could not be had: %s. Jobs are asked about one by one.", error)
            return
        by_id = {reply.job_id: reply for reply in replies}
        for job_id in ask.job_ids:
            job = await self._database.read(job_rows.get, job_id)
            if job is None or job.status is not Status.RUNNING:
                self._end(job_id, None)
            elif (reply := by_id.get(job.provider_job_id or "")) is None:
                continue
            elif reply.state is State.RUNNING or _shows_all(job, reply):
                self.take(job, reply)
            else:
                # Its shape is not public: an end that shows less than it must is confirmed by the job itself.
                self._scheduler.doubt(job.id)

    def take(self, job: Job, reply: JobReply) -> None:
        """Take in what the provider says of a running job."""
        self._gone.pop(job.id, None)
        if reply.state is State.RUNNING:
            self._still_running(job)
        elif reply.state is State.FAILED:
            self._end(job.id, Answered(reply))
        else:
            self._end(job.id, Answered(reply, self._scheduler.answered(job.id, running=False)))

    def _still_running(self, job: Job) -> None:
        self._scheduler.answered(job.id, running=True)
        self._look_at_age(job)

    def _look_at_age(self, job: Job) -> None:
        """Ask about a job that takes long only now and then, and give it up after a day."""
        age = self._clock.now() - (job.submitted_at or job.created_at)
        if age > GIVE_UP:
            self._end(job.id, Reason.TIMED_OUT)
        elif age > HARD_DEADLINE:
            self._is_late(job.id)

    def _is_late(self, job_id: str) -> None:
        self._scheduler.slow_down(job_id, every=LATE_INTERVAL / 1000)
        self._slots.leave(job_id)

    def _unknown_there(self, job: Job) -> None:
        self._gone[job.id] = self._gone.get(job.id, 0) + 1
        if self._gone[job.id] >= GONE_TRIES:
            self._end(job.id, Reason.PROVIDER_TROUBLE)
        else:
            self._still_running(job)

    def _end(self, job_id: str, end: End) -> None:
        """Tell whoever waits for a job how it has ended, and ask no more."""
        self._scheduler.forget(job_id)
        waiting = self._ends.get(job_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(end)


def _shows_all(job: Job, reply: JobReply) -> bool:
    return reply.state is State.COMPLETED and len(reply.images) >= job.options.images
