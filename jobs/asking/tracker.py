"""Tracking: ask about running jobs at the moments the scheduler chooses, until they have ended."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.clock import Clock
from domain.errors import Reason
from domain.job import Job, Status
from domain.limits import GIVE_UP, HARD_DEADLINE, HOUR, LATE_INTERVAL
from jobs.ages import Ages
from jobs.asking import doubts
from jobs.asking.doubts import Doubts
from jobs.groups import asked_of, group_of
from jobs.queue.slots import Slots
from jobs.tasks import Tasks
from pixeldojo.client import PixelDojo
from pixeldojo.errors import JobDenied, PixelDojoError
from pixeldojo.kinds import Failure, State
from pixeldojo.replies import JobReply
from scheduling.durations import Bounds
from scheduling.scheduler import Ask, Scheduler
from scheduling.spacing import Spacing
from storage import job_rows
from storage.database import Database

log = logging.getLogger(__name__)

IN_VAIN = HOUR / 1000
"""Seconds for which a provider that answers nothing is asked in this run before an old job is given up."""

REASONS = {
    Failure.MODERATION: Reason.MODERATED,
    Failure.MODEL_GONE: Reason.MODEL_GONE,
    Failure.BAD_INPUT: Reason.BAD_INPUT,
    Failure.PROVIDER: Reason.PROVIDER_TROUBLE,
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
    """One loop that asks, and tells whoever waits for a job how it has ended.

    ``answers`` tells whether the provider answers at all: what it denies counts only then.
    """

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
        ages: Ages,
        answers: Callable[[], Awaitable[bool]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._client = client
        self._scheduler = scheduler
        self._slots = slots
        self._tasks = tasks
        self._spacing = spacing
        self._ends: dict[str, asyncio.Future[End]] = {}
        self._ages = ages
        self._answers = answers
        self._doubts = Doubts(clock=clock)
        self._asked_since: dict[str, float] = {}
        """From when on jobs are asked about in this run."""
        self._answered: set[str] = set()
        """Those of them about which anything was said."""

    async def ended(self, job: Job) -> End:
        """Have a running job asked about until it has ended; it holds its slot unless it is late."""
        end = self._ends[job.id] = asyncio.get_running_loop().create_future()
        self._asked_since[job.id] = self._clock.monotonic()
        age = self._ages.of(job)
        self._scheduler.watch(job.id, group=group_of(job), submitted_at=self._clock.now() - age)
        try:
            if age > HARD_DEADLINE:
                self._is_late(job.id)
            else:
                self._slots.occupy(job)
            if job.claim is not None:
                # Its webhook came before the answer to its submission.
                self._scheduler.poke(job.id)
            return await end
        finally:
            del self._ends[job.id]
            del self._asked_since[job.id]
            self._answered.discard(job.id)
            self._doubts.forget(job.id)
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
        except JobDenied:
            self._denied(job)
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
            listed = await self._client.jobs()
        except PixelDojoError as error:
            log.warning("The job list could not be had: %s. Jobs are asked about one by one.", error)
            return
        by_id = {reply.job_id: reply for reply in listed.jobs}
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
        self._doubts.heard(job.id)
        self._was_answered(job)
        if reply.state is State.FAILED:
            self._end(job.id, Answered(reply))
        elif reply.state is State.COMPLETED and reply.images:
            self._end(job.id, Answered(reply, self._scheduler.answered(job.id, running=False)))
        elif reply.images and self._ages.of(job) > HARD_DEADLINE:
            # Its word for where it is may be a new one; what it has made is there.
            self._end(job.id, Answered(reply))
        elif reply.state is State.COMPLETED:
            log.warning("%r is said to be completed, but shows no image: it is asked about again.", job)
            self._look_at_age(job, Reason.NO_IMAGES)
        else:
            self._scheduler.answered(job.id, running=True)
            self._look_at_age(job)

    def _was_answered(self, job: Job) -> None:
        if job.id in self._asked_since:
            self._answered.add(job.id)

    def _look_at_age(self, job: Job, why: Reason = Reason.TIMED_OUT) -> None:
        """Ask about a job that takes long only now and then, and give it up after a day.

        Not at the provider's first word in this run, which may be wrong: ten minutes later at the earliest.
        """
        age = self._ages.of(job)
        asked_for = self._clock.monotonic() - self._asked_since.get(job.id, 0.0)
        patience = doubts.LONG_ENOUGH if job.id in self._answered else IN_VAIN
        if age > GIVE_UP and asked_for > patience:
            self._end(job.id, why)
        elif age > HARD_DEADLINE:
            self._is_late(job.id)

    def _is_late(self, job_id: str) -> None:
        self._scheduler.slow_down(job_id, every=LATE_INTERVAL / 1000)
        self._slots.leave(job_id)

    def _denied(self, job: Job) -> None:
        log.warning("%r is denied by the provider: it is asked about again.", job)
        self._was_answered(job)
        if self._doubts.denied(job.id):
            self._tasks.spawn(f"the end of {job.id}", self._believe(job))
        else:
            self._look_at_age(job)

    async def _believe(self, job: Job) -> None:
        """Take a job for lost, if the provider answers other questions."""
        if await self._answers():
            self._end(job.id, Reason.PROVIDER_TROUBLE)

    def _end(self, job_id: str, end: End) -> None:
        """Tell whoever waits for a job how it has ended, and ask no more."""
        self._scheduler.forget(job_id)
        waiting = self._ends.get(job_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(end)


def _shows_all(job: Job, reply: JobReply) -> bool:
    return reply.state is State.COMPLETED and len(reply.images) >= job.options.images
