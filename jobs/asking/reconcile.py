"""Unknown jobs: parked until a webhook or the job list names them, released after a day if nothing does.

What a webhook says is only a claim: the provider is asked before it counts.
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from domain.clock import Clock
from domain.errors import Reason
from domain.images import Role
from domain.job import Job, Status
from domain.limits import GIVE_UP, HOUR
from domain.patience import pause_after
from domain.request import Assigned
from jobs import transitions
from jobs.ages import Ages
from jobs.asking import doubts
from jobs.asking.likeness import CLOCKS_APART, Sent, asks_the_same, is_named, pairs
from jobs.asking.tracker import Answered
from jobs.choices.models import Models
from jobs.delivery.cards import Cards
from jobs.delivery.ports import Operator
from jobs.follow_up import FollowUp
from jobs.groups import asked_of
from jobs.tasks import Tasks, stubbornly
from pixeldojo.client import PixelDojo
from pixeldojo.errors import JobDenied, PixelDojoError
from pixeldojo.kinds import State
from pixeldojo.replies import JobReply
from scheduling.alarm import Alarm
from scheduling.scheduler import Call, Scheduler
from storage import images, job_rows
from storage.database import Database
from storage.tx import Tx

log = logging.getLogger(__name__)

LOOKS = (5.0, 30.0, 120.0)
"""Seconds after a look at the provider's job list until the next one; the last one repeats."""
GLANCE = 5.0
"""Seconds between glances at our own rows, where another process may write them."""
SHOWN = 3
"""Jobs, and entries, that the operator is told of at once."""
MOST_PAGES = 10
"""Pages of the list that one look goes through: each is a request."""
IN_VAIN = HOUR / 1000
"""Seconds for which the list is asked for in this run before a job is given up that nobody could look for."""


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
        models: Models,
        follow_up: FollowUp,
        tasks: Tasks,
        cards: Cards,
        ages: Ages,
        operator: Operator,
    ) -> None:
        self._database = database
        self._clock = clock
        self._client = client
        self._scheduler = scheduler
        self._models = models
        self._follow_up = follow_up
        self._tasks = tasks
        self._cards = cards
        self._waiting: dict[str, asyncio.Future[Named | None]] = {}
        self._ages = ages
        self._operator = operator
        self._alarm = Alarm(clock=clock)
        self._looks = 0
        self._looking_since = clock.monotonic()
        self._asked: set[tuple[str, str]] = set()

    async def named(self, job: Job) -> Named | None:
        """Wait until a parked job is found at the provider; ``None`` if it is parked no longer."""
        waiting = self._waiting[job.id] = asyncio.get_running_loop().create_future()
        self.hear(job)
        self._looks = 0
        self._alarm.ring()
        try:
            return await waiting
        finally:
            del self._waiting[job.id]

    def hear(self, job: Job) -> None:
        """Look into what a webhook said of a parked job."""
        if job.claim is not None:
            name = f"asking about {job.id}"
            self._tasks.spawn(name, stubbornly(name, partial(self.verify, job), clock=self._clock))

    async def run(self) -> None:
        self._looking_since = self._clock.monotonic()
        while True:
            await self.look()
            pause = LOOKS[min(self._looks, len(LOOKS) - 1)]
            self._looks += 1
            await self._alarm.wait(pause)

    async def glance(self) -> None:
        """Go on with parked jobs that another process has moved: one that held the answer to a request."""
        while True:
            await self._clock.sleep(GLANCE)
            if waiting := set(self._waiting):
                parked = await self._database.read(job_rows.with_status, Status.UNKNOWN)
                for job_id in waiting - {job.id for job in parked}:
                    self._tell(job_id, None)

    async def look(self) -> None:
        """Look for parked jobs in the provider's job list, and only then release what is a day old."""
        sent, _ = await self._unanswered()
        for job_id in self._waiting.keys() - {each.job.id for each in sent}:
            self._tell(job_id, None)
        if not sent:
            return
        # One list may be wrong: not at the first that is read in this run.
        patience = doubts.LONG_ENOUGH if await self._search(sent) else IN_VAIN
        looked_for = self._clock.monotonic() - self._looking_since
        for each in sent:
            if self._ages.of(each.job) > GIVE_UP and looked_for > patience:
                await self._give_up(each.job)

    async def _unanswered(self) -> tuple[list[Sent], list[Sent]]:
        parked, under_way = await self._database.read(_unanswered)
        return self._with_defaults(parked), self._with_defaults(under_way)

    def _with_defaults(self, sent: list[Sent]) -> list[Sent]:
        return [replace(each, defaults=self._models.defaults(each.job.model)) for each in sent]

    async def _give_up(self, job: Job) -> None:
        now = self._clock.now()
        failed = await self._database.run(
            transitions.fail, job.id, expect=Status.UNKNOWN, reason=Reason.NEVER_ANSWERED, at=now
        )
        if failed is not None:
            self._cards.refresh(job.id)
            self._tell(job.id, None)

    async def _search(self, sent: list[Sent]) -> bool:
        """Take up what is found in the list; ``False`` if the provider could not be asked."""
        oldest = min(each.job.submitted_at or each.job.created_at for each in sent)
        listed = await self._listed(oldest)
        if listed is None:
            return False
        sent, under_way = await self._unanswered()
        strangers = await self._database.read(_not_ours_yet, listed)
        # A submission that is under way may be whose an entry is: its own answer decides.
        found = [pair for pair in pairs([*sent, *under_way], strangers) if pair[0] in sent]
        for each, reply in found:
            await self.name(each.job, reply.job_id, cost=reply.credit_cost)
        left = [each for each in sent if each not in [pair[0] for pair in found]]
        await self._show_both_sides(
            left, [each for each in strangers if each not in [pair[1] for pair in found]]
        )
        return True

    async def _listed(self, oldest: int) -> list[JobReply] | None:
        """Return the recent jobs back to a moment (Unix milliseconds); ``None`` if nothing was answered."""
        listed: list[JobReply] = []
        more: str | None = None
        for _ in range(MOST_PAGES):
            try:
                with await self._scheduler.permit(Call.LIST):
                    page = await self._client.jobs(more)
            except PixelDojoError as error:
                log.warning("The job list could not be had: %s. It is looked at again.", error)
                return listed or None
            listed += page.jobs
            more = page.more
            if more is None or _is_before(page.jobs, oldest - CLOCKS_APART):
                break
        return listed

    async def _show_both_sides(self, left: list[Sent], strangers: list[JobReply]) -> None:
        """Tell the operator of jobs and entries that ask for the same and were not taken for one another."""
        for model in {each.job.model for each in left}:
            jobs = [each.job for each in left if each.job.model == model]
            entries = [reply for reply in strangers if any(asks_the_same(job, reply) for job in jobs)]
            jobs = [job for job in jobs if any(asks_the_same(job, reply) for reply in entries)]
            if entries:
                await self._operator.warn(
                    "parked_alike",
                    model=model,
                    jobs=", ".join(job.id for job in jobs[:SHOWN]),
                    entries=", ".join(reply.job_id for reply in entries[:SHOWN]),
                )

    async def assign(self, job_id: str, provider_job_id: str) -> Assigned:
        """Take up a parked job under the name that the operator gives it."""
        job = await self._database.read(job_rows.get, job_id)
        if job is None or job.status is not Status.UNKNOWN:
            return Assigned.NOT_PARKED
        try:
            with await self._scheduler.permit(Call.POKE):
                reply = await self._client.job(provider_job_id, asked=asked_of(job))
        except PixelDojoError as error:
            log.warning("%r could not be assigned a name: %s.", job, error)
            return Assigned.NOT_THERE
        named = await self.name(job, provider_job_id, cost=reply.credit_cost)
        return Assigned.TAKEN if named else Assigned.NOT_PARKED

    async def verify(self, job: Job) -> None:
        """Ask once about the name that a webhook claims for a parked job; take the job up if it is so."""
        if job.claim is None or (job.id, job.claim) in self._asked:
            return
        self._asked.add((job.id, job.claim))
        try:
            reply = await self._ask(job, job.claim)
            if reply is None or not _proves(job, reply):
                return
            ended = reply.state is State.FAILED or (reply.state is State.COMPLETED and reply.images)
            end = Answered(reply) if ended else None
            await self.name(job, job.claim, cost=reply.credit_cost, end=end)
        except BaseException:
            # What was learned is not stored: the next try, or webhook, must find the question open.
            self._asked.discard((job.id, job.claim))
            raise

    async def _ask(self, job: Job, provider_job_id: str) -> JobReply | None:
        """Ask about a name until something is said of it, or it has been denied for long enough."""
        began = self._clock.monotonic()
        denials = 0
        while True:
            waited = self._clock.monotonic() - began
            try:
                with await self._scheduler.permit(Call.POKE):
                    return await self._client.job(provider_job_id, asked=asked_of(job))
            except JobDenied:
                denials += 1
                log.warning("%r: a webhook named a job that the provider denies.", job)
                if denials >= doubts.TIMES and waited >= doubts.LONG_ENOUGH:
                    return None
            except PixelDojoError as error:
                log.warning("%r: what its webhook said could not be asked about: %s.", job, error)
            if self._ages.of(job) > GIVE_UP and waited > IN_VAIN:
                return None
            await self._clock.sleep(pause_after(waited))

    async def name(
        self, job: Job, provider_job_id: str, *, cost: int | None, end: Answered | None = None
    ) -> bool:
        """Take up a job that is still parked under its name at the provider; ``end``: how it ended.

        ``False`` if it is parked no longer, or another job of ours has this name.
        """
        found = await self._database.run(
            transitions.named, job.id, provider_job_id=provider_job_id, cost=cost, at=self._clock.now()
        )
        if found is not None:
            log.info("%r was found at the provider after all.", job)
            if cost is not None:
                await self._follow_up.priced(job, cost)
            self._cards.refresh(job.id)
            self._tell(job.id, (found, end))
        return found is not None

    def _tell(self, job_id: str, named: Named | None) -> None:
        waiting = self._waiting.get(job_id)
        if waiting is not None and not waiting.done():
            waiting.set_result(named)


def _proves(job: Job, reply: JobReply) -> bool:
    """Tell whether what is said of a claimed job agrees: who claimed it knew the job's secret."""
    if reply.echo.webhook_url is not None:
        return is_named(job, reply)
    return reply.echo.prompt is None or asks_the_same(job, reply)


def _is_before(entries: Iterable[JobReply], moment: int) -> bool:
    return all(reply.echo.created_at is not None and reply.echo.created_at < moment for reply in entries)


def _unanswered(tx: Tx) -> tuple[list[Sent], list[Sent]]:
    """Return the parked jobs, and those whose own answer may yet name something of the list."""
    parked, under_way = (
        [Sent(job, _sources(tx, job)) for job in job_rows.with_status(tx, status)]
        for status in (Status.UNKNOWN, Status.SUBMITTING)
    )
    return parked, under_way


def _sources(tx: Tx, job: Job) -> tuple[str, ...]:
    return tuple(image.url or "" for image in images.of_job(tx, job.id, Role.SOURCE))


def _not_ours_yet(tx: Tx, replies: Iterable[JobReply]) -> list[JobReply]:
    return [reply for reply in replies if job_rows.by_provider_id(tx, reply.job_id) is None]
