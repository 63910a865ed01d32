"""Deletes messages of ours that are to go, until they are gone: a stop or a refusal only delays it."""

import logging

from domain.clock import Clock
from domain.limits import DAY
from domain.patience import pause_of_a_card
from jobs.delivery.ports import Messenger, MessengerError
from scheduling.alarm import Alarm
from storage import takedowns
from storage.database import Database
from storage.takedowns import Takedown

log = logging.getLogger(__name__)

GLANCE = 60.0
"""Seconds between looks at whether a message is due."""
GIVE_UP = 30 * DAY


class Takedowns:
    """Works off what is to be deleted."""

    def __init__(self, *, database: Database, clock: Clock, messenger: Messenger) -> None:
        self._database = database
        self._clock = clock
        self._messenger = messenger
        self._alarm = Alarm(clock=clock)
        self._first: dict[int, float] = {}
        self._due: dict[int, float] = {}

    def hurry(self) -> None:
        """Look now: something new is to go."""
        self._alarm.ring()

    async def run(self) -> None:
        while True:
            await self.look()
            await self._alarm.wait(GLANCE)

    async def look(self) -> None:
        """Delete what is due."""
        listed = await self._database.read(takedowns.all_of_them)
        there = {each.message_id for each in listed}
        for gone in self._first.keys() - there:
            del self._first[gone]
            self._due.pop(gone, None)
        for each in listed:
            now = self._clock.monotonic()
            if self._due.get(each.message_id, now) <= now:
                await self._take_down(each)

    async def _take_down(self, each: Takedown) -> None:
        try:
            await self._messenger.remove(each.channel_id, each.message_id)
        except MessengerError as error:
            if self._clock.now() - each.since < GIVE_UP:
                now = self._clock.monotonic()
                tried_for = now - self._first.setdefault(each.message_id, now)
                self._due[each.message_id] = now + pause_of_a_card(tried_for)
                log.info("A message cannot be deleted yet (%s).", type(error).__name__)
                return
            log.warning("A message could not be deleted for 30 days: given up (%s).", type(error).__name__)
        await self._database.run(takedowns.remove, each.message_id)
