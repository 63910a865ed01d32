"""Unknown jobs: parked until a webhook or the job list names them, released after a day if nothing does.

What a webhook says is only a claim: the provider is asked before it counts.
"""

import asyncio
import logging
from collections.abc import Iterable

from domain.clock import Clock
from domain.errors import Reason
from domain.job import Job, Status
from domain.limits import GIVE_UP, MINUTE
from jobs import transitions
from jobs.delivery.cards import Cards
from jobs.groups import asked_of
from jobs.tasks import Tasks
from jobs.tracker import Answered
from pixeldojo.client import PixelDojo
from pixeldojo.errors import JobGone, PixelDojoError, UnreadableReply
from pixeldojo.kinds import State
from pixeldojo.replies import JobReply
from scheduling.scheduler import Call, Scheduler
from storage import job_rows
from storage.database import Database, Tx

log = logging.getLogger(__name__)

LOOK_EVERY = 120.0
"""Seconds between looks at the provider's job list while a job is unknown."""
CLOCKS_APART = 2 * MINUTE
"""Milliseconds by which the provider's clock may differ from ours."""


RETRY = (5.0, 30.0, 120.0, 600.0)
"""Seconds before a provider that could not be asked about a claim is asked again."""


Named = tuple[Job, Answered | None]
"""A job that was found at the provider, and how it has ended if that is known already."""


class Reconciler:
    """Looks for parked jobs, and tells whoever waits for one what was found."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        client: PixelDojo,
        scheduler: Scheduler,
        tasks: Tasks,
        cards: Cards,
    ) -> None:
        self._database = database
        self._clock = clock
        self._client = client
        self._scheduler = scheduler
        self._tasks = tasks
        self._cards = cards
        self._waiting: dict[str, asyncio.Future[Named | None]] = {}
        self._list_readable = True
        self._asked: set[tuple[str, str]] = set()

    async def named(self, job: Job) -> Named | None:
        """Wait until a parked job is found at the provider; ``None`` if it is parked no longer."""
        waiting = self._waiting[job.id] = asyncio.get_running_loop().create_future()
        self.hear(job)
        try:
            return await waiting
        finally:
            del self._waiting[job.id]

    def hear(self, job: Job) -> None:
        """Look into what a webhook said of a parked job."""
        if job.claim is not None:
            self._tasks.spawn(f"asking about {job.id}", self.verify(job))

    async def run(self) -> None:
        while True:
            await self._clock.sleep(LOOK_EVERY)
            await self.look()

    async def look(self) -> None:
        """Release what is a day old, and look for the rest in the provider's job list."""
        parked = await self._database.read(job_rows.with_status, Status.UNKNOWN)
        now = self._clock.now()
        for job_id in self._waiting.keys() - {job.id for job in parked}:
            self._tell(job_id, None)
        for job in parked:
            if now - (job.submitted_at or job.created_at) > GIVE_UP:
                await self._give_up(job)
        parked = [job for job in parked if now - (job.submitted_at or job.created_at) <= GIVE_UP]
        if parked and self._list_readable:
            await self._search(parked)

    async def _give_up(self, job: Job) -> None:
        now = self._clock.now()
        await self._database.run(
            transitions.fail, job.id, expect=Status.UNKNOWN, reason=Reason.NEVER_ANSWERED, at=now
        )
        self._cards.refresh(job.id)
        self._tell(job.id, None)

    async def _search(self, parked: list[Job]) -> None:
        try:
            with await self._scheduler.permit(Call.LIST):
                replies = await self._client.jobs()
        except UnreadableReply:
            log.warning("The provider's job list cannot be read: unknown jobs wait for a webhook.")
            self._list_readable = False
            return
        except PixelDojoError as error:
            log.warning("The job list could not be had: %s.", error)
            return
        strangers, under_way = await self._database.run(_not_ours_yet, replies)
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
        end = None if reply.state is State.RUNNING else Answered(reply)
        await self.name(job, job.claim, cost=reply.credit_cost, end=end)

    async def _ask(self, job: Job, provider_job_id: str) -> JobReply | None:
        for pause in (*RETRY, None):
            try:
                with await self._scheduler.permit(Call.POKE):
                    return await self._client.job(provider_job_id, asked=asked_of(job))
            except JobGone:
                log.warning("%r: a webhook named a job that the provider does not know.", job)
                return None
            except PixelDojoError as error:
                log.warning("%r: what its webhook said could not be asked about: %s.", job, error)
            if pause is not None:
                await self._clock.sleep(pause)
        self._asked.discard((job.id, provider_job_id))
        return None

    async def name(
        self, job: Job, provider_job_id: str, *, cost: int | None, end: Answered | None = None
    ) -> None:
        """Take up a job that is still parked under its name at the provider; ``end``: how it ended."""
        found = await self._database.run(
            transitions.named, job.id, provider_job_id=provider_job_id, cost=cost, at=self._clock.now()
        )
        if found is not None:
            log.info("%r was found at the provider after all.", job)
            self._cards.refresh(job.id)
            self._tell(job.id, (found, end))

    def _tell(self, job_id: str, named: Named | None) -> None:
        waiting = self._waiting.get(job_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(named)


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
    strangers = [reply for reply in replies if job_rows.by_provider_id(tx, reply.job_id) is None]
    return strangers, job_rows.with_status(tx, Status.SUBMITTING)
