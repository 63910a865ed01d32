"""Submitting: the paid POST. Committed before it leaves, stored before anything else, never repeated."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Concatenate, ParamSpec

from accounts import blocks
from accounts.allowances import Ceilings
from domain.clock import Clock
from domain.errors import Reason, Refusal
from domain.images import Image, Role
from domain.job import Job, Status
from jobs import transitions
from jobs.ages import Ages
from jobs.choices.models import Models
from jobs.delivery.cards import Cards, Found, given_of, job_with_images
from jobs.delivery.ports import Operator
from jobs.follow_up import FollowUp
from jobs.holding import Price
from jobs.prepare import Preparer
from jobs.publish import Publisher
from jobs.queue.slots import Slots
from jobs.room import Room
from jobs.storing import Storing
from jobs.tasks import Tasks, stubbornly
from pixeldojo.client import PixelDojo
from pixeldojo.errors import (
    InvalidKey,
    ModelGone,
    OutOfCredits,
    PixelDojoError,
    RateLimited,
    Refused,
    Unanswered,
    Unavailable,
)
from pixeldojo.kinds import Failure
from pixeldojo.replies import Submitted
from scheduling.scheduler import Permit
from storage import job_rows
from storage.database import Database
from storage.errors import LeaseLost, StorageError
from storage.tx import Tx

log = logging.getLogger(__name__)

P = ParamSpec("P")

NOT_NOW = 0.5
"""Seconds until it is asked again whether a request may leave."""
RETRY_UNSENT = 5.0
"""Seconds before a request that never left is tried again."""
PATIENCE = 600.0
"""Seconds for which a provider that cannot be reached is waited for."""


Outcome = Submitted | PixelDojoError | Refusal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """Addresses of the sources and the mask of a job that can be submitted, and its price by now.

    ``pictures``: its images, where no new ones were needed.
    """

    sources: tuple[str, ...] = field(repr=False)
    mask: str | None = field(repr=False)
    pictures: list[Image] | None
    price: Price

    def found(self, job: Job) -> Found | None:
        """Return the job, after a move, with its images."""
        return None if self.pictures is None else (job, self.pictures)


class Submitter:
    """Submits jobs when their turn comes, and while ``may_send`` says that no other process works."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        client: PixelDojo,
        models: Models,
        operator: Operator,
        storing: Storing,
        room: Room,
        tasks: Tasks,
        slots: Slots,
        cards: Cards,
        preparer: Preparer,
        publisher: Publisher,
        follow_up: FollowUp,
        ages: Ages,
        ceilings: Ceilings,
        webhook_url: str | None,
        may_send: Callable[[], bool],
    ) -> None:
        self._database = database
        self._clock = clock
        self._client = client
        self._models = models
        self._operator = operator
        self._storing = storing
        self._room = room
        self._tasks = tasks
        self._slots = slots
        self._cards = cards
        self._preparer = preparer
        self._publisher = publisher
        self._follow_up = follow_up
        self._ages = ages
        self._ceilings = ceilings
        self._webhook_url = webhook_url
        self._may_send = may_send
        self._unsent_since: dict[str, float] = {}
        self._owed: set[str] = set()

    @property
    def owes(self) -> bool:
        """Whether a paid request is about to leave, or what became of it is not stored yet."""
        return bool(self._owed)

    async def submit(self, job: Job) -> Found | None:
        """Wait for a prepared job's turn and submit it; return it if the provider took it.

        Up to the POST it may be broken off; from there it comes to its end, stored, before the bot stops.
        """
        permit = await self._slots.turn(job)
        if permit is None:
            return None
        running, outcome = None, None
        try:
            ready = await self._ready(job.id)
            if ready is not None:
                post = self._post(job.id, ready, permit)
                running, outcome = await self._tasks.shielded(f"submitting {job.id}", post)
        finally:
            permit.close()
            if running is None:
                self._slots.leave(job.id)
        if isinstance(outcome, Unavailable):
            # The scheduler keeps to a Retry-After for everybody; this only spares a dead connection.
            await self._clock.sleep(RETRY_UNSENT)
        return running

    async def _ready(self, job_id: str) -> _Ready | None:
        """Return where the provider can fetch a job's sources; ``None`` if it cannot be submitted."""
        found = await self._database.run(job_with_images, job_id)
        if found is None or found[0].status is not Status.QUEUED:
            return None
        job, pictures = found
        health = self._models.health
        if health.is_gone(job.model) and not health.is_tried_by(job):
            await self._follow_up.end(job, expect=Status.QUEUED, seen=False)
            return None
        await self._room.require()
        try:
            # Whoever was blocked since they asked: what waits for them goes no further.
            await self._database.read(
                blocks.check,
                guild_id=job.guild_id,
                member_id=job.member_id,
                at=self._clock.now(),
                new=False,
            )
            given = given_of(pictures)
            urls = await self._publisher.publish(job, given)
            count = sum(image.role is Role.SOURCE for image in given)
            sources, mask = urls[:count], next(iter(urls[count:]), None)
            self._models.body(job, sources, mask=mask, webhook_url=None)
        except Refusal as refusal:
            await self._preparer.reject(job, refusal)
            return None
        as_they_were = urls == tuple(image.url for image in given)
        price = Price(each=self._models.cost(job.model, job.options), ceilings=self._ceilings)
        shown = pictures if as_they_were else None
        return _Ready(sources=sources, mask=mask, pictures=shown, price=price)

    async def _post(self, job_id: str, ready: _Ready, permit: Permit) -> tuple[Found | None, Outcome]:
        try:
            return await self._send(job_id, ready, permit)
        finally:
            self._owed.discard(job_id)

    async def _send(self, job_id: str, ready: _Ready, permit: Permit) -> tuple[Found | None, Outcome]:
        with permit:
            while not self._may_send():
                await self._clock.sleep(NOT_NOW)
            # Once its row says that it leaves, only this process can tell that it did not.
            self._owed.add(job_id)
            job = await self._begin(job_id, ready.price)
            if job is None:
                return None, None
            self._cards.refresh(job_id, ready.found(job))
            if job.status is not Status.SUBMITTING:
                return None, None
            try:
                # The catalogue may have changed since the body was tried.
                body = self._models.body(job, ready.sources, mask=ready.mask, webhook_url=self._webhook(job))
                outcome = await self._client.submit(job.model, body)
            except (PixelDojoError, Refusal) as error:
                outcome = error
        # What the provider said is worth money: it is stored, however often the disk has to be asked.
        store = partial(self._store, job, ready, outcome, unsent_for=self._unsent_for(job, outcome))
        return await stubbornly(f"storing what became of {job_id}", store, clock=self._clock), outcome

    def _unsent_for(self, job: Job, outcome: object) -> float:
        """Return for how many seconds the provider could not be reached with a job, as of this try."""
        self._slots.away = isinstance(outcome, Unavailable)
        if not self._slots.away:
            self._unsent_since.pop(job.id, None)
            return 0.0
        now = self._clock.monotonic()
        return now - self._unsent_since.setdefault(job.id, now)

    async def _begin(self, job_id: str, price: Price) -> Job | None:
        self._ages.begin(job_id)
        try:
            return await self._database.run(
                transitions.begin_submit, job_id, price=price, at=self._clock.now()
            )
        except StorageError as error:
            await self._storing.warn_of(error)
            raise

    async def _store(
        self, job: Job, ready: _Ready, outcome: Submitted | PixelDojoError | Refusal, *, unsent_for: float
    ) -> Found | None:
        if not isinstance(outcome, PixelDojoError | Refusal):
            return await self._took(job, ready, outcome)
        log.warning("%r was not taken: %s.", job, outcome)
        if isinstance(outcome, Unanswered):
            await self._park(job)
        elif isinstance(outcome, RateLimited | Unavailable):
            await self._again(job, outcome, unsent_for=unsent_for)
        else:
            await self._fail(job, outcome)
        return None

    async def _keep(
        self,
        job: Job,
        stored: Callable[Concatenate[Tx, str, P], Job | None],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Job | None:
        """Store what became of a job's request, whoever works by now."""
        moved = await self._database.run_unfenced(stored, job.id, *args, **kwargs)
        self._owed.discard(job.id)
        return moved

    def _webhook(self, job: Job) -> str | None:
        base = self._webhook_url
        return None if base is None or job.secret is None else f"{base}/{job.secret}"

    async def _took(self, job: Job, ready: _Ready, reply: Submitted) -> Found | None:
        running = await self._keep(
            job,
            transitions.submitted,
            secret=job.secret,
            provider_job_id=reply.job_id,
            cost=reply.credit_cost,
            remaining=reply.credits_remaining,
            at=self._clock.now(),
        )
        if running is None:
            return None
        self._cards.refresh(job.id, ready.found(running))
        if running.status is Status.UNKNOWN:
            log.warning("%r was given the name of another job by the provider.", job)
            await self._operator.warn("same_name", job=job.id, name=reply.job_id)
            return None
        if reply.credit_cost is not None:
            if reply.credit_cost != job.held:
                # What the card is to say that the same would cost is by what was learned just now.
                await self._models.health.load()
            self._tasks.spawn(f"the price of {job.id}", self._follow_up.priced(job, reply.credit_cost))
        return running, ready.pictures or []

    async def _park(self, job: Job) -> None:
        """Nobody knows whether the provider took it: wait for a sign, never submit it again."""
        await self._keep(job, job_rows.move, expect=Status.SUBMITTING, to=Status.UNKNOWN)
        self._cards.refresh(job.id)

    async def _again(self, job: Job, error: RateLimited | Unavailable, *, unsent_for: float) -> None:
        """Put a job back that never reached the provider, or was not accepted: for a while."""
        if unsent_for > PATIENCE:
            # Whoever asks next tries anew, and is told nothing of before.
            self._slots.away = False
            await self._fail(job, error)
            return
        await self._keep(job, transitions.put_back, secret=job.secret)
        self._cards.refresh(job.id)

    async def _fail(self, job: Job, error: PixelDojoError | Refusal) -> None:
        if isinstance(error, ModelGone) and await self._ends_with_its_model(job, error):
            return
        reason = _reason(error)
        at = self._clock.now()
        await self._keep(job, transitions.refused, secret=job.secret, reason=reason, at=at)
        self._cards.refresh(job.id)
        if isinstance(error, OutOfCredits | InvalidKey):
            await self._operator.warn(reason)
        elif reason is Reason.BAD_INPUT:
            self._tasks.spawn(f"what {job.model} takes", self._models.look_again(job.model))
        elif isinstance(error, Refused) and error.failure is Failure.PROVIDER:
            await self._follow_up.look_at(job, Reason.PROVIDER_TROUBLE)

    async def _ends_with_its_model(self, job: Job, gone: ModelGone) -> bool:
        """End a job whose model has ended; ``False`` if it has not, or that is no longer ours to learn.

        Whoever works by now sees by itself what has become of the model: this job is refused, and no more.
        """
        if not self._may_send():
            return False
        try:
            # A 404 without a word counts where the provider's API answers otherwise.
            if not gone.proven and not await self._models.refresh():
                return False
            await self._follow_up.end(job, expect=Status.SUBMITTING)
        except LeaseLost:
            return False
        return True


def _reason(error: PixelDojoError | Refusal) -> Reason:
    match error:
        case Refusal():
            return error.reason
        case OutOfCredits():
            return Reason.OUT_OF_CREDITS
        case ModelGone(proven=True):
            return Reason.MODEL_GONE
        case InvalidKey():
            return Reason.INVALID_KEY
        case Refused(failure=Failure.MODERATION):
            return Reason.MODERATED
        case Refused(failure=Failure.BAD_INPUT):
            return Reason.BAD_INPUT
        case _:
            return Reason.PROVIDER_TROUBLE
