"""Submitting: the paid POST. Committed before it leaves, stored before anything else, never repeated."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from domain.errors import Reason, Refusal
from domain.images import Image, Role
from domain.job import Job, Status
from jobs import moves
from jobs.follow_up import FollowUp
from jobs.intake import Intake
from jobs.projector import Found, Projector, job_with_images
from jobs.scheduling.scheduler import Permit
from jobs.tasks import stubbornly
from jobs.tools import Tools
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
from pixeldojo.kinds import Reason as WhyRefused
from pixeldojo.replies import Submitted
from storage import jobs
from storage.errors import StorageError

log = logging.getLogger(__name__)

RETRY_UNSENT = 5.0
"""Seconds before a request that never left is tried again."""
PATIENCE = 600_000
"""Milliseconds for which a provider that cannot be reached is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """Addresses of the sources of a job that can be submitted; its images, where no new ones were needed."""

    urls: tuple[str, ...] = field(repr=False)
    pictures: list[Image] | None

    def found(self, job: Job) -> Found | None:
        """Return the job, after a move, with its images."""
        return None if self.pictures is None else (job, self.pictures)


class Submitter:
    """Submits jobs whose turn it is.

    ``running`` is called with a job that the provider took, ``parked`` with one of which nobody knows
    whether it did, ``left`` with the id of one that it did not,
    ``requeue`` with one that goes back to the queue.
    """

    def __init__(
        self,
        *,
        tools: Tools,
        projector: Projector,
        intake: Intake,
        follow_up: FollowUp,
        running: Callable[[Job], None],
        parked: Callable[[Job], None],
        left: Callable[[str], None],
        requeue: Callable[[Job], None],
    ) -> None:
        self._tools = tools
        self._projector = projector
        self._intake = intake
        self._follow_up = follow_up
        self._running = running
        self._parked = parked
        self._left = left
        self._requeue = requeue

    async def submit(self, job_id: str, permit: Permit) -> None:
        """Submit one queued job. Up to the POST it may be broken off; from there it comes to its end."""
        ready = await self._ready(job_id)
        if ready is None:
            permit.close()
            self._left(job_id)
        else:
            self._tools.tasks.spawn_shielded(f"submitting {job_id}", self._post(job_id, ready, permit))

    async def _ready(self, job_id: str) -> _Ready | None:
        """Return where the provider can fetch a job's sources; ``None`` if it cannot be submitted."""
        found = await self._tools.database.run(job_with_images, job_id)
        if found is None or found[0].status is not Status.QUEUED:
            return None
        job, pictures = found
        health = self._tools.models.health
        if health.is_gone(job.model) and not health.is_tried_by(job):
            await self._follow_up.end(job, expect=Status.QUEUED, seen=False)
            return None
        try:
            urls = await self._intake.publish(job, _sources(pictures))
            self._tools.models.body(job, urls, webhook_url=None)
        except Refusal as refusal:
            await self._intake.reject(job, refusal)
            return None
        as_they_were = urls == tuple(image.url for image in _sources(pictures))
        return _Ready(urls=urls, pictures=pictures if as_they_were else None)

    async def _post(self, job_id: str, ready: _Ready, permit: Permit) -> None:
        with permit:
            job = await self._begin(job_id)
            if job is None:
                self._left(job_id)
                return
            self._projector.refresh(job_id, ready.found(job))
            try:
                # The catalogue may have changed since the body was tried.
                body = self._tools.models.body(job, ready.urls, webhook_url=self._webhook(job))
                outcome = await self._tools.client.submit(job.model, body)
            except (PixelDojoError, Refusal) as error:
                outcome = error
        # What the provider said is worth money: it is stored, however often the disk has to be asked.
        await stubbornly(
            f"storing what became of {job_id}",
            partial(self._store, job, ready, outcome),
            clock=self._tools.clock,
        )

    async def _begin(self, job_id: str) -> Job | None:
        try:
            return await self._tools.database.run(moves.begin_submit, job_id, at=self._tools.clock.now())
        except StorageError as error:
            log.error("%s cannot be submitted: %s", job_id, error)  # noqa: TRY400 - one line says it
            await self._tools.operator.warn("storage_full")
            queued = await self._tools.database.read(jobs.get, job_id)
            if queued is not None:
                self._tools.tasks.spawn(f"requeueing {job_id}", self._requeue_later(queued))
            return None

    async def _requeue_later(self, job: Job) -> None:
        await self._tools.clock.sleep(RETRY_UNSENT)
        self._requeue(job)

    async def _store(self, job: Job, ready: _Ready, outcome: Submitted | PixelDojoError | Refusal) -> None:
        if isinstance(outcome, PixelDojoError | Refusal):
            await self._refused(job, outcome)
        else:
            await self._took(job, ready, outcome)

    def _webhook(self, job: Job) -> str | None:
        base = self._tools.webhook_url
        return None if base is None or job.secret is None else f"{base}/{job.secret}"

    async def _took(self, job: Job, ready: _Ready, reply: Submitted) -> None:
        now = self._tools.clock.now()
        running = await self._tools.database.run(
            moves.submitted,
            job.id,
            provider_job_id=reply.job_id,
            cost=reply.credit_cost,
            remaining=reply.credits_remaining,
            at=now,
        )
        if running is not None:
            self._running(running)
            self._projector.refresh(job.id, ready.found(running))
            if reply.credit_cost is not None:
                await self._follow_up.priced(job, reply.credit_cost)

    async def _refused(self, job: Job, error: PixelDojoError | Refusal) -> None:
        log.warning("%r was not taken: %s.", job, error)
        self._left(job.id)
        if isinstance(error, Unanswered):
            await self._park(job)
        elif isinstance(error, RateLimited | Unavailable):
            await self._again(job, error)
        else:
            await self._fail(job, error)

    async def _park(self, job: Job) -> None:
        """Nobody knows whether the provider took it: wait for a sign, never submit it again."""
        unknown = await self._tools.database.run(
            jobs.move, job.id, expect=Status.SUBMITTING, to=Status.UNKNOWN
        )
        self._projector.refresh(job.id)
        if unknown is not None:
            self._parked(unknown)

    async def _again(self, job: Job, error: RateLimited | Unavailable) -> None:
        """Put a job back that never reached the provider, or was not accepted: for a while."""
        if self._tools.clock.now() - job.created_at > PATIENCE and isinstance(error, Unavailable):
            await self._fail(job, error)
            return
        queued = await self._tools.database.run(
            jobs.move, job.id, expect=Status.SUBMITTING, to=Status.QUEUED, submitted_at=None, secret=None
        )
        self._projector.refresh(job.id)
        if queued is not None:
            # The scheduler keeps to a Retry-After for everybody; this only spares a dead connection.
            if isinstance(error, Unavailable):
                self._tools.tasks.spawn(f"requeueing {job.id}", self._requeue_later(queued))
            else:
                self._requeue(queued)

    async def _fail(self, job: Job, error: PixelDojoError | Refusal) -> None:
        if isinstance(error, ModelGone) and (error.proven or await self._tools.models.refresh()):
            # A 404 without a word counts where the provider's API answers otherwise.
            await self._follow_up.end(job, expect=Status.SUBMITTING)
            return
        reason = _reason(error)
        now = self._tools.clock.now()
        await self._tools.database.run(moves.fail, job.id, expect=Status.SUBMITTING, reason=reason, at=now)
        self._projector.refresh(job.id)
        if isinstance(error, OutOfCredits | InvalidKey):
            await self._tools.operator.warn(reason)
        elif isinstance(error, Refused) and error.reason is WhyRefused.UNKNOWN:
            await self._follow_up.look_at(job, Reason.PROVIDER_TROUBLE)


def _sources(pictures: list[Image]) -> list[Image]:
    return [image for image in pictures if image.role is Role.SOURCE]


def _reason(error: PixelDojoError | Refusal) -> Reason:
    match error:
        case Refusal():
            return error.reason
        case OutOfCredits():
            return Reason.OUT_OF_CREDITS
        case InvalidKey():
            return Reason.INVALID_KEY
        case Refused(reason=WhyRefused.MODERATION):
            return Reason.MODERATED
        case Refused(reason=WhyRefused.BAD_INPUT):
            return Reason.BAD_INPUT
        case _:
            return Reason.PROVIDER_TROUBLE
