"""Cards that lag: what could not be edited when its job ended elsewhere is edited later, for a day."""

import logging
from collections.abc import Iterable
from dataclasses import replace

from domain.clock import Clock
from domain.images import Role
from domain.job import Rung, Status
from domain.limits import DAY
from domain.patience import pause_of_a_card
from domain.views import CardView
from jobs.delivery.cards import Cards, Found, job_with_images
from jobs.delivery.ports import Messenger, MessengerError
from scheduling.alarm import Alarm
from storage import stale_cards
from storage.database import Database
from storage.stale_cards import StaleCard

log = logging.getLogger(__name__)

GLANCE = 60.0
"""Seconds between looks at whether a card is due."""


class StaleCards:
    """Brings cards up to date: at start, after minutes, then hourly, and whenever their member comes by."""

    def __init__(self, *, database: Database, clock: Clock, messenger: Messenger, cards: Cards) -> None:
        self._database = database
        self._clock = clock
        self._messenger = messenger
        self._cards = cards
        self._alarm = Alarm(clock=clock)
        self._first: dict[int, float] = {}
        self._due: dict[int, float] = {}
        self._changed: set[int] = set()

    def hurry(self) -> None:
        """Try all cards now: a member came by, so that one may be within reach."""
        self._due.clear()
        self._alarm.ring()

    def hurry_in(self, channel_ids: Iterable[int]) -> None:
        """Try the cards in these channels now: the bot may be able to do more there than before."""
        self._changed.update(channel_ids)
        self._alarm.ring()

    async def run(self) -> None:
        while True:
            await self.look()
            await self._alarm.wait(GLANCE)

    async def look(self) -> None:
        """Edit the cards that are due."""
        changed, self._changed = self._changed, set()
        listed = await self._database.read(stale_cards.all_of_them)
        there = {card.message_id for card in listed}
        for forgotten in self._first.keys() - there:
            del self._first[forgotten]
            self._due.pop(forgotten, None)
        for card in listed:
            now = self._clock.monotonic()
            if card.channel_id in changed or self._due.get(card.message_id, now) <= now:
                await self._try(card)

    async def _try(self, card: StaleCard) -> None:
        now = self._clock.monotonic()
        tried_for = now - self._first.setdefault(card.message_id, now)
        try:
            async with self._cards.exclusive(card.job_id):
                await self._bring(card)
        except MessengerError as error:
            # One of an earlier run is tried once at least, however old it is.
            if self._clock.now() - card.since <= DAY or tried_for == 0.0:
                why = type(error).__name__
                log.info("A card of %s cannot be brought up to date yet (%s).", card.job_id, why)
                self._due[card.message_id] = now + pause_of_a_card(tried_for)
                return
        await self._database.run(stale_cards.remove, card.message_id)

    async def _bring(self, card: StaleCard) -> None:
        found = await self._database.run(job_with_images, card.job_id)
        if found is None or found[0].deleted:
            return
        job = found[0]
        view = await self._view(card, found)
        here = job.card.place == (card.channel_id, card.message_id)
        if here and job.status is Status.DONE and job.card.rung is not Rung.KEPT:
            # Its results took the place of what sources it once carried.
            view = replace(view, published=(), source_urls=())
            await self._messenger.strip(replace(view, elsewhere=False, reencoded=job.note == "reencoded"))
        else:
            await self._messenger.bring(Rung.MESSAGE, view, ())

    async def _view(self, card: StaleCard, found: Found) -> CardView:
        job, pictures = found
        view = await self._cards.view(job, pictures)
        self._cards.forget(job.id)
        place = (card.channel_id, card.message_id)
        at = replace(job.card, channel_id=card.channel_id, message_id=card.message_id)
        moved_to = None if job.card.place == place else job.card.place
        return replace(
            view,
            job=replace(job, card=at),
            results=tuple(image for image in pictures if image.role is Role.RESULT),
            elsewhere=moved_to is not None or job.status is Status.DONE,
            direct=False,
            moved_to=moved_to,
        )
