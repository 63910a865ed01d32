"""Tracking: ask about running jobs at the moments the scheduler chooses, and fetch what they made."""

import logging
from collections.abc import Callable
from functools import partial

from domain.errors import Reason
from domain.job import Job, Status
from domain.limits import GIVE_UP, HARD_DEADLINE, LATE_INTERVAL
from jobs import moves
from jobs.fetcher import Fetcher
from jobs.follow_up import FollowUp
from jobs.groups import asked_of
from jobs.projector import Projector
from jobs.scheduling.scheduler import Ask
from jobs.tasks import stubbornly
from jobs.tools import Tools
from pixeldojo.errors import JobGone, PixelDojoError, UnreadableReply
from pixeldojo.kinds import Failure, State
from pixeldojo.replies import JobReply
from storage import jobs

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


class Tracker:
    """Asks; ``ended`` is called with the id of a job that has left the provider."""

    def __init__(
        self,
        *,
        tools: Tools,
        projector: Projector,
        fetcher: Fetcher,
        follow_up: FollowUp,
        ended: Callable[[str], None],
    ) -> None:
        self._tools = tools
        self._projector = projector
        self._fetcher = fetcher
        self._follow_up = follow_up
        self._ended = ended
        self._gone: dict[str, int] = {}
        self._list_failed = False

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            await self._tools.pace.turn()
            ask = await self._tools.scheduler.next_ask()
            self._tools.tasks.spawn("asking", self._ask(ask))

    async def _ask(self, ask: Ask) -> None:
        with ask:
            if ask.by_list:
                await self._ask_list(ask)
            else:
                await self._ask_one(ask.job_ids[0])

    async def _ask_one(self, job_id: str) -> None:
        job = await self._tools.database.run(jobs.get, job_id)
        if job is None or job.status is not Status.RUNNING or job.provider_job_id is None:
            self._tools.scheduler.forget(job_id)
            return
        try:
            reply = await self._tools.client.job(job.provider_job_id, asked=asked_of(job))
        except JobGone:
            await self._unknown_there(job)
        except PixelDojoError as error:
            # Nothing was learned: an ask that is left without an answer is made again in a while.
            log.warning("%r could not be asked about: %s.", job, error)
            await self._look_at_age(job)
        else:
            await self.take(job, reply)

    async def _ask_list(self, ask: Ask) -> None:
        # Jobs that the list does not name are asked about by themselves: the scheduler sees to it.
        try:
            replies = await self._tools.client.jobs()
        except UnreadableReply:
            log.warning("The provider's job list cannot be read: each job is asked about by itself.")
            self._tools.scheduler.list_usable(False)
            return
        except PixelDojoError as error:
            log.warning("The job list could not be had: %s.", error)
            return
        by_id = {reply.job_id: reply for reply in replies}
        for job_id in ask.job_ids:
            job = await self._tools.database.run(jobs.get, job_id)
            if job is None or job.status is not Status.RUNNING:
                self._tools.scheduler.forget(job_id)
            elif (reply := by_id.get(job.provider_job_id or "")) is not None:
                await self.take(job, reply)

    async def take(self, job: Job, reply: JobReply) -> None:
        """Act on what the provider says of a running job."""
        self._gone.pop(job.id, None)
        if reply.state is State.RUNNING:
            await self._still_running(job)
        elif reply.state is State.FAILED:
            reason = REASONS[reply.failure or Failure.PROVIDER]
            await self.fail(job, reason)
            await self._follow_up.look_at(job, reason)
        else:
            bounds = self._tools.scheduler.answered(job.id, running=False)
            self._ended(job.id)
            # By itself: the request is over, and a slow file must not hold its place in the budget.
            fetch = partial(self._fetcher.fetch, job, reply, bounds)
            self._tools.tasks.spawn(
                f"fetching {job.id}", stubbornly(f"fetching {job.id}", fetch, clock=self._tools.clock)
            )

    async def _still_running(self, job: Job) -> None:
        self._tools.scheduler.answered(job.id, running=True)
        await self._look_at_age(job)

    async def _look_at_age(self, job: Job) -> None:
        """Ask about a job that takes long only now and then, and give it up after a day."""
        age = self._tools.clock.now() - (job.submitted_at or job.created_at)
        if age > GIVE_UP:
            await self.fail(job, Reason.TIMED_OUT)
        elif age > HARD_DEADLINE:
            self._tools.scheduler.slow_down(job.id, every=LATE_INTERVAL / 1000)
            self._ended(job.id)

    async def _unknown_there(self, job: Job) -> None:
        self._gone[job.id] = self._gone.get(job.id, 0) + 1
        if self._gone[job.id] >= GONE_TRIES:
            self._gone.pop(job.id)
            await self.fail(job, Reason.PROVIDER_TROUBLE)
        else:
            await self._still_running(job)

    async def fail(self, job: Job, reason: Reason) -> None:
        """End a running job without images."""
        self._tools.scheduler.forget(job.id)
        self._ended(job.id)
        if reason is Reason.MODEL_GONE:
            await self._follow_up.end(job, expect=Status.RUNNING)
            return
        now = self._tools.clock.now()
        await self._tools.database.run(moves.fail, job.id, expect=Status.RUNNING, reason=reason, at=now)
        self._projector.refresh(job.id)
