"""Cards follow rows: one edit at a time for a job, always of the row as it is then."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from accounts import blocks
from domain.blocks import AfterRefusal
from domain.clock import Clock
from domain.errors import Reason
from domain.images import GIVEN, Image, Role
from domain.job import Job, Origin, Status
from domain.limits import DAY
from domain.locks import KeyedLocks
from domain.options import Options
from domain.patience import pause_of_a_card
from domain.views import CardView, Expectation, Prices
from jobs import transitions
from jobs.choices.models import Models
from jobs.delivery.ladder import Ladder
from jobs.delivery.ports import MessengerTrouble, Oversize
from jobs.tasks import Tasks
from storage import images, job_rows, stale_cards
from storage.database import Database
from storage.errors import StorageError
from storage.tx import Tx

log = logging.getLogger(__name__)

Found = tuple[Job, list[Image]]
"""A job and all its images, as ``job_with_images`` reads them."""

ENDED_BADLY = frozenset({Status.FAILED, Status.CANCELLED})
FINAL = ENDED_BADLY | {Status.UNKNOWN}
"""Statuses that must reach the member, by a new message if need be. (Results have their own worker.)"""


class Cards:
    """Shows jobs. ``expect`` says what may be told of a job's start and end."""

    def __init__(
        self,
        *,
        database: Database,
        ladder: Ladder,
        tasks: Tasks,
        models: Models,
        clock: Clock,
        expect: Callable[[Job], Expectation],
    ) -> None:
        self._database = database
        self._ladder = ladder
        self._tasks = tasks
        self._models = models
        self._clock = clock
        self._expect = expect
        self.exclusive = KeyedLocks[str]()
        """Keeps a job's card to whoever is at it, so that no older state is shown over a newer one."""
        self._due: dict[str, Found | None] = {}
        self._shown: dict[str, Expectation] = {}

    def refresh(self, job_id: str, found: Found | None = None) -> None:
        """Have a job's card follow its row, soon; wishes that meet become one edit.

        Whoever has just moved the job passes on what they ``found``, so that it need not be read again.
        """
        waits = job_id in self._due
        # Whoever is at the card now may put it elsewhere: then the row is read once they are done.
        self._due[job_id] = None if self.is_busy(job_id) else found
        if not waits:
            self._tasks.spawn(f"card of {job_id}", self._refresh(job_id))

    def is_busy(self, job_id: str) -> bool:
        """Tell whether somebody is at a job's card."""
        return job_id in self.exclusive

    def shown(self, job_id: str) -> Expectation | None:
        """Return what the card says of the job's start and end."""
        return self._shown.get(job_id)

    def forget(self, job_id: str) -> None:
        """Forget what was shown: nothing is shown of the job any more."""
        self._shown.pop(job_id, None)

    async def _refresh(self, job_id: str) -> None:
        began = self._clock.monotonic()
        while (trouble := await self._follow(job_id)) is not None:
            tried_for = self._clock.monotonic() - began
            if tried_for > DAY / 1000:
                log.warning("%s: its end could not be shown; the next start tries again.", job_id)
                return
            await self._clock.sleep(max(trouble.retry_after, pause_of_a_card(tried_for)))

    async def _follow(self, job_id: str) -> MessengerTrouble | None:
        """Show a job as its row is; return the trouble if that is to be tried again."""
        busy = self.is_busy(job_id)
        async with self.exclusive(job_id):
            found = self._due.pop(job_id, None)
            if found is None or busy:
                found = await self._database.run(job_with_images, job_id)
            if found is None or found[0].status in {Status.DELIVERING, Status.DONE} or found[0].deleted:
                return None
            job = found[0]
            if job.hidden and job.card.message_id is None and job.status not in FINAL:
                # Its member hears of it when it ends.
                return None
            if job.status in ENDED_BADLY and job.card.reminded:
                # Shown, or left to be edited later: a second message would say it once more.
                return None
            return await self._show(await self.view(*found))

    async def _show(self, view: CardView) -> MessengerTrouble | None:
        job, lags = view.job, False
        try:
            lags = await self._ladder.show(view, insist=job.status in FINAL) is None
        except Oversize:
            log.warning("%r: Discord calls a card without files too large.", job)
        except MessengerTrouble as error:
            return error if job.status in FINAL else None
        if job.status in ENDED_BADLY:
            await self._database.run(_close, job, lags=lags, at=self._clock.now())
            self.forget(job.id)
        return None

    async def first_view(self, job: Job, pictures: list[Image]) -> CardView:
        """Return what the card of a job shows that was accepted just now, whatever cannot be read."""
        try:
            return await self.view(job, pictures)
        except StorageError as error:
            log.warning("%r: its card does not say yet what it came from: %s", job, error)
            return await self.view(job, pictures, Lineage())

    async def view(self, job: Job, pictures: list[Image], lineage: "Lineage | None" = None) -> CardView:
        """Return what a job's card shows while there are no results; ``lineage`` if it is at hand."""
        sources = tuple(image for image in pictures if image.role is Role.SOURCE)
        expectation = self._expect(job)
        self._shown[job.id] = expectation
        lineage = lineage or await self.lineage(job)
        now = self._clock.now()
        masked = any(image.role is Role.MASK for image in pictures)
        gone = job.status is Status.FAILED and job.failure is Reason.MODEL_GONE
        return CardView(
            job=job,
            sources=sources,
            expectation=expectation,
            masked=masked,
            published=() if job.withdrawn else _published(pictures),
            source_urls=tuple(
                image.url
                for image in sources
                if image.url and not image.attached and (image.url_expires_at or now + 1) > now
            ),
            reply_to=lineage.card,
            reply_is_direct=lineage.direct,
            instead_of=lineage.instead_of,
            successor=self._models.successor(job, sources=len(sources), mask=masked) if gone else None,
            after_refusal=await self._after_refusal(job),
            direct=job.shown_directly,
            prices=self._models.prices(job),
            left_out=lineage.left_out,
        )

    async def _after_refusal(self, job: Job) -> AfterRefusal | None:
        if job.status is not Status.FAILED or job.failure is not Reason.MODERATED:
            return None
        return await self._database.run(blocks.after_refusal, job)

    async def lineage(self, job: Job) -> "Lineage":
        """Return what a job came from."""
        if job.parent_id is None:
            return Lineage()
        found = await self._database.run(_lineage, job)
        left_out = () if found.options is None else self._models.left_out(job, found.options)
        return replace(found, left_out=left_out)

    def prices(self, job: Job) -> Prices:
        """Return what the buttons of a job's card would reserve."""
        return self._models.prices(job)


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a job came from: channel and message of a card, and the model that its own took over from.

    ``direct``: that card is a direct message. ``options`` are those of the job before, ``left_out`` what of
    them this one's model does not take.
    """

    card: tuple[int, int] | None = None
    instead_of: str | None = None
    options: Options | None = None
    direct: bool = False
    left_out: tuple[tuple[str, str | int], ...] = ()


def _close(tx: Tx, job: Job, *, lags: bool, at: int) -> None:
    """Note that an end was shown, or that no way leads to the member: then their card is edited later."""
    transitions.close(tx, job.id)
    if lags:
        stale_cards.add(tx, job, place=job.card.place, at=at)


def _lineage(tx: Tx, job: Job) -> Lineage:
    parent = job_rows.get(tx, job.parent_id or "")
    instead_of, options = None, None if parent is None else parent.options
    if parent is not None and job.origin is Origin.FOLLOW_UP:
        # The card is the job's own by now; what counts is where that one came from.
        instead_of = parent.model
        parent = job_rows.get(tx, parent.parent_id or "")
    if parent is None or parent.deleted:
        return Lineage(None, instead_of, options)
    if parent.shown_directly and parent.card.channel_id != job.channel_id:
        # Nobody but whose direct message it is can open it.
        return Lineage(None, instead_of, options)
    return Lineage(parent.card.place, instead_of, options, direct=parent.shown_directly)


def given_of(pictures: Sequence[Image]) -> list[Image]:
    """Return what a job was given: its sources in order, then its mask."""
    given = [image for image in pictures if image.role in GIVEN]
    return sorted(given, key=lambda image: (image.role is Role.MASK, image.position))


def _published(pictures: Sequence[Image]) -> tuple[str, ...]:
    """Return the names of what a job was given and its card carries: of a withdrawn one that is nothing."""
    return tuple(image.attached for image in given_of(pictures) if image.attached)


def job_with_images(tx: Tx, job_id: str) -> Found | None:
    """Return a job and all its images in one transaction."""
    job = job_rows.get(tx, job_id)
    return None if job is None else (job, images.of_job(tx, job_id))
