"""Delivery: results to their member, exactly once, by the first way that works."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from domain.clock import Clock
from domain.images import GIVEN, Image, Role
from domain.job import Job, Kind, Rung, Status
from domain.limits import DAY, MIB, REMIND_AFTER
from domain.views import CardView, Placed, Upload
from jobs import transitions
from jobs.delivery.cards import Cards, Found, job_with_images
from jobs.delivery.ladder import Ladder, Reached
from jobs.delivery.logbook import Logbook
from jobs.delivery.packer import Packed, Packer
from jobs.delivery.ports import Messenger, MessengerError, MessengerTrouble, Oversize, RungBroken
from scheduling.spacing import Spacing
from storage import events, facts, job_rows
from storage.database import Database
from storage.files import Files
from storage.place import is_gone

log = logging.getLogger(__name__)

SMALLEST = MIB // 4
"""Bytes: below this no picture is squeezed any further, a link takes its place."""
LONGEST_WAIT = 600.0
"""Seconds between climbs while Discord is in trouble."""
PATIENCE = DAY
"""Milliseconds for which a Discord in trouble is waited for before a job waits under /jobs."""


class Deliverer:
    """Delivers finished jobs."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        files: Files,
        messenger: Messenger,
        ladder: Ladder,
        spacing: Spacing,
        cards: Cards,
        packer: Packer,
        logbook: Logbook,
    ) -> None:
        self._database = database
        self._clock = clock
        self._files = files
        self._messenger = messenger
        self._ladder = ladder
        self._spacing = spacing
        self._cards = cards
        self._packer = packer
        self._logbook = logbook

    async def deliver(self, job_id: str, found: Found | None = None) -> Job | None:
        """Bring a job's results to its member, or keep them for /jobs when no way is left.

        ``found`` is the job as it was just moved, to be read otherwise. Returns the delivered job;
        ``None`` if its row says otherwise by now, or files are gone: then the others are to be delivered.
        """
        await self._spacing.wait()
        busy = self._cards.is_busy(job_id)
        async with self._cards.exclusive(job_id):
            if found is None or busy:
                found = await self._database.run(job_with_images, job_id)
            if found is None or found[0].status is not Status.DELIVERING:
                return None
            job, pictures = found
            try:
                packed, reached = await self._climb(job, [each for each in pictures if not _is_lost(each)])
            except FileNotFoundError:
                if not await self._lose(job, pictures):
                    raise
                return None
            done = await self._database.run(
                transitions.delivered,
                job_id,
                rung=Rung.KEPT if reached is None else reached.rung,
                placed=None if reached is None else reached.placed,
                note=packed.note,
                collected=reached is not None and packed.complete,
                at=self._clock.now(),
            )
        self._cards.forget(job_id)
        return done

    async def _lose(self, job: Job, pictures: Sequence[Image]) -> bool:
        """Give back what results cost whose files are gone; ``False`` if nothing is gone."""
        delivered = [each for each in pictures if each.role not in GIVEN and each.sha256]
        lost = [each for each in delivered if await is_gone(self._database, self._files, each.sha256 or "")]
        if not lost:
            return False
        log.error("%r: %d of its files are gone.", job, len(lost))
        now = self._clock.now()
        after = await self._database.run(transitions.lose, job.id, lost, at=now)
        if after is not None and after.status is Status.FAILED:
            self._cards.refresh(job.id)
        return True

    async def _climb(self, job: Job, pictures: Sequence[Image]) -> tuple[Packed, Reached | None]:
        limit, spread, wait = job.card.attachment_limit, True, 5.0
        give_up = self._clock.now() + PATIENCE
        while True:
            packed = await self._packer.pack(
                pictures,
                member_id=job.member_id,
                limit=limit,
                spread=spread,
                generated=job.kind is Kind.GENERATE,
            )
            view = await self._view(job, pictures, packed)
            try:
                reached = await self._ladder.show(view, packed.first, insist=True)
                if reached is not None:
                    await self._spread(view, packed, reached)
            except Oversize:
                limit = limit // 2 if limit > SMALLEST else 0
            except MessengerTrouble as error:
                if self._clock.now() > give_up:
                    return packed, None
                wait = min(max(wait * 2, error.retry_after), LONGEST_WAIT)
                await self._clock.sleep(wait)
            except MessengerError:
                # The card is there, a second message is not possible: all of it on the card, then.
                spread = False
            else:
                return packed, reached
            finally:
                self._packer.discard(packed.uploads)
            job = await self._database.run(job_rows.get, job.id) or job

    async def _view(self, job: Job, pictures: Sequence[Image], packed: Packed) -> CardView:
        lineage = await self._cards.lineage(job)
        return CardView(
            job=replace(job, status=Status.DONE),
            sources=tuple(image for image in pictures if image.role is Role.SOURCE),
            masked=any(image.role is Role.MASK for image in pictures),
            results=tuple(image for image in pictures if image.role is Role.RESULT),
            shown=packed.shown,
            sheet=packed.sheet,
            continued=len(packed.more),
            reencoded=packed.reencoded,
            marks_lost=packed.marks_lost,
            links=packed.links,
            reply_to=lineage.card,
            reply_is_direct=lineage.direct,
            instead_of=lineage.instead_of,
            direct=job.shown_directly,
            prices=self._cards.prices(job),
            left_out=lineage.left_out,
        )

    async def _spread(self, view: CardView, packed: Packed, reached: Reached) -> None:
        """Send what did not fit on the card below it; what an earlier try sent there stays, or goes."""
        job, at = view.job, reached.placed
        job = replace(job, card=replace(job.card, channel_id=at.channel_id, message_id=at.message_id))
        parts = {_purpose(part, uploads): (part, uploads) for part, uploads in enumerate(packed.more, 2)}
        sent = await self._database.read(facts.parts_of, job.id)
        names = await self._database.read(events.names_of, job) if parts else []
        for purpose in sent.keys() - parts.keys():
            await self._take_back(*sent[purpose])
        for purpose, (part, uploads) in parts.items():
            if purpose in sent:
                continue
            shown = tuple(upload.name for upload in uploads)
            further = replace(view, job=job, shown=shown, sheet=None, links=())
            placed = await self._messenger.attach(further, uploads, part=part, names=names)
            await self._note(job, placed, purpose=purpose)

    async def _take_back(self, channel_id: int, message_id: int) -> None:
        try:
            await self._messenger.remove(channel_id, message_id)
        except RungBroken:
            log.warning("A message with results that were packed anew is out of reach.")
        await self._database.run(facts.forget_message, message_id)

    async def _note(self, job: Job, placed: Placed, *, purpose: str) -> None:
        await self._database.run(
            facts.add_message,
            job_id=job.id,
            channel_id=placed.channel_id,
            message_id=placed.message_id,
            purpose=purpose,
        )

    async def close(self, job: Job) -> None:
        """Do the last chores of a delivered job: the reroll reaction, the reminder, the server's log."""
        while job.card.rung is not Rung.KEPT and not job.deleted:
            try:
                await self._remind(job)
                await self._messenger.invite_reroll(job)
            except MessengerTrouble as error:
                log.warning("%r: Discord is in trouble; its chores wait %.0f s.", job, error.retry_after)
                await self._clock.sleep(max(error.retry_after, 30.0))
                continue
            except MessengerError:
                log.info("%r: its card is out of reach by now.", job)
            break
        await self._logbook.write(job.id)
        await self._database.run(transitions.close, job.id)

    async def _remind(self, job: Job) -> None:
        took = (job.ended_at or job.created_at) - job.created_at
        if took <= REMIND_AFTER or job.card.rung not in {Rung.TOKEN, Rung.MESSAGE}:
            return
        if not await self._database.run(facts.wants_reminder, job.member_id):
            return
        placed = await self._messenger.remind(job)
        if placed is not None:
            await self._note(job, placed, purpose="reminder")


def _is_lost(image: Image) -> bool:
    """Tell whether an image was there once and is no more."""
    return image.role not in GIVEN and image.sha256 is None


def _purpose(part: int, uploads: Sequence[Upload]) -> str:
    """Name a further message by what is on it, so that another try knows it again."""
    return f"results {part} " + " ".join(f"{upload.name}:{upload.size}" for upload in uploads)
