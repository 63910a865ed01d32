"""Deletes messages of ours that are to go, until they are gone: a stop or a refusal only delays it."""

import logging

from domain.clock import Clock
from domain.limits import DAY
from jobs.delivery.ports import Messenger, MessengerError
from scheduling.alarm import Alarm
from storage import takedowns
from storage.database import Database
from storage.takedowns import Takedown

log = logging.getLogger(__name__)

GLANCE = 60.0
"""Seconds between looks at whether a message is due."""
HOURLY = 3_600.0
"""Seconds between tries of one message, after some quick ones."""
QUICK_TRIES = 5
GIVE_UP = 30 * DAY


class Takedowns:
    """Works off what is to be deleted."""

    def __init__(self, *, database: Database, clock: Clock, messenger: Messenger) -> None:
        self._database = database
        self._clock = clock
        self._messenger = messenger
        self._alarm = Alarm(clock=clock)
        self._tries: dict[int, int] = {}
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
        for gone in self._tries.keys() - there:
            del self._tries[gone], self._due[gone]
        for each in listed:
            now = self._clock.monotonic()
            if self._due.get(each.message_id, now) <= now:
                await self._take_down(each)

    async def _take_down(self, each: Takedown) -> None:
        try:
            await self._messenger.remove(each.channel_id, each.message_id)
        except MessengerError as error:
            if self._clock.now() - each.since < GIVE_UP:
                tries = self._tries[each.message_id] = self._tries.get(each.message_id, 0) + 1
                pause = GLANCE if tries < QUICK_TRIES else HOURLY
                self._due[each.message_id] = self._clock.monotonic() + pause
                log.info("A message cannot be deleted yet (%s).", type(error).__name__)
                return
            log.warning("A message could not be deleted for 30 days: given up (%s).", type(error).__name__)
        await self._database.run(takedowns.remove, each.message_id)
