"""The ladder: ways to bring a card to its member, tried in order until one works.

Interaction token, bot token on the same message, new message that mentions the member, direct message.
Each way is tried for the failures it can cure (``MessengerError``). A new message is the only step that could
double: its rung is committed before it is taken, it carries a nonce, and after a crash or a silence it is
looked for; a card that was edited without an answer goes before a new message is sent. Where somebody deleted
the card, nothing is posted in that channel again: what there is to say goes to the member alone.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.clock import Clock
from domain.job import Job, Rung
from domain.limits import TOKEN_MARGIN
from domain.views import CardView, Placed, Upload
from jobs.delivery.ports import CardGone, Messenger, MessengerError, MessengerTrouble, RungBroken
from storage import events, facts, forgetting, images, job_rows, stale_cards
from storage.database import Database
from storage.tx import Tx

log = logging.getLogger(__name__)

TRIES = 3
"""How often one way is tried while Discord is in trouble."""

NEW_MESSAGE = (Rung.CHANNEL, Rung.DIRECT)


@dataclass(frozen=True, slots=True)
class Reached:
    """The way that worked and where the card is now."""

    rung: Rung
    placed: Placed


class Ladder:
    """Climbs from the first way that may still work."""

    def __init__(self, *, messenger: Messenger, database: Database, clock: Clock) -> None:
        self._messenger = messenger
        self._database = database
        self._clock = clock

    async def show(self, view: CardView, uploads: Sequence[Upload] = (), *, insist: bool) -> Reached | None:
        """Bring a card to its member; without ``insist`` only where it is already.

        Returns ``None`` when no way is left.

        Raises
        ------
        Oversize
            The uploads are too large for Discord: pack them smaller.
        MessengerTrouble
            No way worked and at least one failed for Discord's own trouble: try again later.
        """
        trouble: MessengerTrouble | None = None
        unanswered: MessengerTrouble | None = None
        for rung in self._ways(view.job, insist=insist):
            if unanswered is not None and rung in NEW_MESSAGE:
                await self._clear(view.job, unanswered)
                unanswered = None
            try:
                placed = await self._take(rung, view, uploads)
            except RungBroken:
                log.info("%r: the way %s is closed.", view.job, rung)
            except MessengerTrouble as error:
                log.warning("%r: Discord is in trouble on the way %s.", view.job, rung)
                trouble = error
                if rung not in NEW_MESSAGE:
                    unanswered = error
                elif await self._may_be_sent(view.job, rung):
                    raise
            else:
                await self._settle(view.job, rung, placed)
                return Reached(rung, placed)
        if trouble is not None:
            raise trouble
        return None

    def _ways(self, job: Job, *, insist: bool) -> list[Rung]:
        ways: list[Rung] = []
        if job.hidden:
            ways = [Rung.MESSAGE] if job.card.message_id is not None else []
            return [*ways, Rung.DIRECT] if insist or not ways else ways
        if job.card.token and self._clock.now() < job.card.token_expires_at - TOKEN_MARGIN:
            ways.append(Rung.TOKEN)
        if job.card.message_id is not None:
            ways.append(Rung.MESSAGE)
        if insist or job.card.message_id is None:
            ways.append(Rung.CHANNEL)
        if insist:
            ways.append(Rung.DIRECT)
        return ways

    async def _take(self, rung: Rung, view: CardView, uploads: Sequence[Upload]) -> Placed:
        if rung in NEW_MESSAGE:
            view = _on_a_new_message(view, uploads, rung)
            if (earlier := await self._sent_before(view.job, rung)) is not None:
                # What it shows may be older than what is to be shown now.
                return await self._bring(Rung.MESSAGE, _moved(view, earlier), uploads)
            noted = await self._database.run(job_rows.note_rung, view.job.id, rung=rung, at=self._clock.now())
            if noted is not None and noted.deleted:
                raise RungBroken
            if noted is not None and noted.hidden:
                if rung is Rung.CHANNEL:
                    raise RungBroken
                view = replace(view, job=replace(view.job, hidden=True))
        return await self._bring(rung, view, uploads)

    async def _bring(self, rung: Rung, view: CardView, uploads: Sequence[Upload]) -> Placed:
        for attempt in range(1, TRIES + 1):
            try:
                return await self._messenger.bring(rung, view, uploads)
            except CardGone:
                # By the token it may be said of an answer that never came about.
                if rung is Rung.MESSAGE:
                    await self._deleted(view.job)
                raise
            except MessengerTrouble as error:
                if attempt == TRIES:
                    raise
                await self._clock.sleep(error.retry_after * attempt)
        raise RungBroken

    async def _sent_before(self, job: Job, rung: Rung) -> Placed | None:
        row = await self._database.run(job_rows.get, job.id)
        if row is None or not _may_be_there(row, rung):
            return None
        names = await self._database.read(events.names_of, row)
        return await self._messenger.find(row, rung, names=names)

    async def _may_be_sent(self, job: Job, rung: Rung) -> bool:
        """Tell whether a message that Discord did not answer for is there, or nobody knows."""
        try:
            found = await self._sent_before(job, rung)
        except MessengerError:
            return True
        if found is not None:
            await self._settle(job, rung, found)
        return found is not None

    async def _clear(self, job: Job, trouble: MessengerTrouble) -> None:
        """Take the card away whose edit Discord did not answer for: it may have been made all the same.

        Raises
        ------
        MessengerTrouble
            It could not be taken away: a new message might show the same a second time.
        """
        if job.card.place is None:
            raise trouble
        try:
            await self._messenger.remove(*job.card.place)
        except MessengerError:
            raise trouble from None

    async def _deleted(self, job: Job) -> None:
        """Note that somebody deleted a card."""
        await self._database.run(forgetting.hide, job.id)
        log.info("%r: its card was deleted; it goes on for its member alone.", job)

    async def _settle(self, job: Job, rung: Rung, placed: Placed) -> None:
        if job.card.place != (placed.channel_id, placed.message_id):
            await self._database.run(
                _place, job.id, placed, by_new_message=rung in NEW_MESSAGE, at=self._clock.now()
            )


def _place(tx: Tx, job_id: str, placed: Placed, *, by_new_message: bool, at: int) -> None:
    """Note where a card is, and that an old one is to say so.

    Sources that the old message carried are to be published anew if needed.
    """
    before = job_rows.get(tx, job_id)
    if by_new_message and before is not None and before.card.place is not None:
        stale_cards.add(tx, before, place=before.card.place, at=at)
        channel_id, message_id = before.card.place
        facts.add_message(
            tx, job_id=job_id, channel_id=channel_id, message_id=message_id, purpose=f"card {message_id}"
        )
    job_rows.place_card(
        tx,
        job_id,
        channel_id=placed.channel_id,
        message_id=placed.message_id,
        by_new_message=by_new_message,
    )
    if by_new_message:
        images.forget_attached(tx, job_id)


def _may_be_there(job: Job, rung: Rung) -> bool:
    """Tell whether a message of a job may lie where a way leads, without its row knowing which it is."""
    if job.hidden and rung is Rung.CHANNEL:
        return False
    if job.card.rung is rung and job.card.rung_at is not None:
        return True
    # A first answer that a crash kept us from noting, when its token is of no more use.
    return rung is Rung.CHANNEL and job.card.message_id is None and job.card.token_expires_at > 0


def _on_a_new_message(view: CardView, uploads: Sequence[Upload], rung: Rung) -> CardView:
    """Mention the member where a card was before, and name no file that only the old message carries."""
    names = {upload.name for upload in uploads}
    return replace(
        view,
        mention=view.job.card.message_id is not None or view.job.card.token is not None,
        published=tuple(name for name in view.published if name in names),
        direct=rung is Rung.DIRECT,
    )


def _moved(view: CardView, placed: Placed) -> CardView:
    card = replace(view.job.card, channel_id=placed.channel_id, message_id=placed.message_id, token=None)
    return replace(view, job=replace(view.job, card=card))
