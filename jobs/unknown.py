"""Unknown jobs: parked until a webhook or the job list names them, released after a day if nothing does.

What a webhook says is only a claim: the provider is asked before it counts.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable

from domain.errors import Reason
from domain.job import Job, Status
from domain.limits import GIVE_UP, MINUTE
from jobs import moves
from jobs.groups import asked_of
from jobs.projector import Projector
from jobs.scheduling.scheduler import Call
from jobs.tools import Tools
from pixeldojo.errors import JobGone, PixelDojoError, UnreadableReply
from pixeldojo.kinds import State
from pixeldojo.replies import JobReply
from storage import jobs
from storage.database import Tx

log = logging.getLogger(__name__)

LOOK_EVERY = 120.0
"""Seconds between looks at the provider's job list while a job is unknown."""
CLOCKS_APART = 2 * MINUTE
"""Milliseconds by which the provider's clock may differ from ours."""


RETRY = (5.0, 30.0, 120.0, 600.0)
"""Seconds before a provider that could not be asked about a claim is asked again."""


class Unknown:
    """Looks for parked jobs.

    ``named`` is called with each that was found, ``take`` with what the provider said of it, if it was asked.
    """

    def __init__(
        self,
        *,
        tools: Tools,
        projector: Projector,
        named: Callable[[Job], None],
        take: Callable[[Job, JobReply], Awaitable[None]],
    ) -> None:
        self._tools = tools
        self._projector = projector
        self._named = named
        self._take = take
        self._list_readable = True
        self._asked: set[tuple[str, str]] = set()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self._tools.clock.sleep(LOOK_EVERY)
            await self.look()

    async def look(self) -> None:
        """Release what is a day old, and look for the rest in the provider's job list."""
        parked = await self._tools.database.read(jobs.with_status, Status.UNKNOWN)
        now = self._tools.clock.now()
        for job in parked:
            if now - (job.submitted_at or job.created_at) > GIVE_UP:
                await self._give_up(job)
        parked = [job for job in parked if now - (job.submitted_at or job.created_at) <= GIVE_UP]
        if parked and self._list_readable:
            await self._search(parked)

    async def _give_up(self, job: Job) -> None:
        now = self._tools.clock.now()
        await self._tools.database.run(
            moves.fail, job.id, expect=Status.UNKNOWN, reason=Reason.NEVER_ANSWERED, at=now
        )
        self._projector.refresh(job.id)

    async def _search(self, parked: list[Job]) -> None:
        try:
            with await self._tools.scheduler.permit(Call.LIST):
                replies = await self._tools.client.jobs()
        except UnreadableReply:
            log.warning("The provider's job list cannot be read: unknown jobs wait for a webhook.")
            self._list_readable = False
            return
        except PixelDojoError as error:
            log.warning("The job list could not be had: %s.", error)
            return
        strangers, under_way = await self._tools.database.run(_not_ours_yet, replies)
        for job in parked:
            matches = [
                reply
                for reply in strangers
                if may_be(job, reply) and not any(may_be(rival, reply) for rival in under_way)
            ]
            if matches:
                # Two equal requests of one moment are two equal jobs: either may have either.
                strangers.remove(matches[0])
                await self.name(job, matches[0].job_id, cost=matches[0].credit_cost)

    async def verify(self, job: Job) -> None:
        """Ask once about the name that a webhook claims for a parked job; take the job up if it is so."""
        if job.claim is None or (job.id, job.claim) in self._asked:
            return
        self._asked.add((job.id, job.claim))
        reply = await self._ask(job, job.claim)
        if reply is None or not _proves(job, reply):
            return
        found = await self.name(job, job.claim, cost=reply.credit_cost)
        if found is not None and reply.state is not State.RUNNING:
            await self._take(found, reply)

    async def _ask(self, job: Job, provider_job_id: str) -> JobReply | None:
        for pause in (*RETRY, None):
            try:
                with await self._tools.scheduler.permit(Call.POKE):
                    return await self._tools.client.job(provider_job_id, asked=asked_of(job))
            except JobGone:
                log.warning("%r: a webhook named a job that the provider does not know.", job)
                return None
            except PixelDojoError as error:
                log.warning("%r: what its webhook said could not be asked about: %s.", job, error)
            if pause is not None:
                await self._tools.clock.sleep(pause)
        self._asked.discard((job.id, provider_job_id))
        return None

    async def name(self, job: Job, provider_job_id: str, *, cost: int | None) -> Job | None:
        """Take up a parked job under the name that the provider has for it; ``None`` if it is not parked."""
        found = await self._tools.database.run(
            moves.named, job.id, provider_job_id=provider_job_id, cost=cost, at=self._tools.clock.now()
        )
        if found is not None:
            log.info("%r was found at the provider after all.", job)
            self._named(found)
            self._projector.refresh(job.id)
        return found


def _proves(job: Job, reply: JobReply) -> bool:
    """Tell whether a job that was asked about may be a parked one: its secret was known to who named it."""
    echo = reply.echo
    return (echo.prompt is None and echo.webhook_url is None) or may_be(job, reply)


def may_be(job: Job, reply: JobReply) -> bool:
    """Tell whether a job of the provider's list is the one that a lost submission made.

    The webhook address proves it; otherwise the same prompt and model from the same moment must do.
    """
    echo = reply.echo
    if echo.webhook_url is not None:
        return job.secret is not None and echo.webhook_url.rstrip("/").endswith(f"/{job.secret}")
    if echo.prompt != job.prompt or (echo.model is not None and echo.model != job.model):
        return False
    submitted = job.submitted_at or job.created_at
    return echo.created_at is None or abs(echo.created_at - submitted) < CLOCKS_APART


def _not_ours_yet(tx: Tx, replies: Iterable[JobReply]) -> tuple[list[JobReply], list[Job]]:
    """Return what no job of ours is named after, and the jobs whose own answer may yet name some of it."""
    strangers = [reply for reply in replies if jobs.by_provider_id(tx, reply.job_id) is None]
    return strangers, jobs.with_status(tx, Status.SUBMITTING)
