"""Erasing members: step by step, each of which may be done twice; a stop in between only delays it.

What is under way ends first. Then jobs, messages, words and files go, at last what leads to the surrogate.
Every erasure is noted beside the database before that, so that a restored backup has it carried out again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from domain.clock import Clock
from domain.job import Job, Status
from jobs import transitions
from scheduling.alarm import Alarm
from storage import erasures
from storage.answering import answered
from storage.database import Database
from storage.erasure_key import ErasureKey
from storage.erasure_record import ErasureRecord
from storage.erasures import Erasure
from storage.files import Unreachable

log = logging.getLogger(__name__)

GLANCE = 5.0
"""Seconds between looks at whether jobs of somebody who waits have ended."""
AT_THE_START = 5.0
"""Seconds for the record of erasures to be read before a bot begins to work without it."""
LATER = 600.0
"""Seconds for it once it works: a long record in a slow store is read all the same."""
BATCH = 50
"""Jobs that are forgotten in one transaction."""


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What was under way when a member asked: jobs that are cancelled, and jobs that end first."""

    cancelled: int
    running: int


class Eraser:
    """Erases whoever asked for it.

    ``withdrawn`` is told of jobs that were cancelled, ``went`` that messages are to be deleted;
    ``drop_files`` deletes files that have no name any more.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        key: ErasureKey,
        record: ErasureRecord,
        withdrawn: Callable[[Job], None],
        went: Callable[[], None],
        drop_files: Callable[[], Awaitable[None]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._key = key
        self._record = record
        self._withdrawn = withdrawn
        self._went = went
        self._drop_files = drop_files
        self._alarm = Alarm(clock=clock)
        self._replayed = False

    async def ask(self, member_id: int) -> UnderWay:
        """Have a member erased; from now on they can ask for nothing. Return what was under way."""
        found = await self._database.run(erasures.ask, member_id, at=self._clock.now())
        self._alarm.ring()
        queued = sum(job.status is Status.QUEUED for job in found)
        return UnderWay(cancelled=queued, running=len(found) - queued)

    async def replay(self, *, within: float | None = None) -> None:
        """Before anything else is done: erase again whom a restored backup brought back.

        ``within`` are the seconds in which it must be known who that is (``AT_THE_START``). Where a store of
        files does not say so, it is asked again until it does.
        """
        try:
            lines = await answered(self._record.lines, within=AT_THE_START if within is None else within)
        except Unreachable as error:
            log.warning("Who was erased is not known yet: %s", error.strerror)
            return
        self._replayed = True
        count = await self._database.run(erasures.replay, lines, at=self._clock.now())
        if count:
            log.warning("The database is older than %d erasures: they are carried out again.", count)

    async def run(self) -> None:
        while True:
            await self.look()
            await self._alarm.wait(GLANCE)

    async def look(self) -> None:
        """Erase everybody of whom nothing is under way."""
        if not self._replayed:
            await self.replay(within=LATER)
        for erasure in await self._database.read(erasures.waiting):
            if await self._is_at_rest(erasure):
                await self._erase(erasure)

    async def _is_at_rest(self, erasure: Erasure) -> bool:
        now = self._clock.now()
        found = await self._database.read(erasures.open_jobs, erasure.member, at=now)
        for job in found:
            if job.status is Status.QUEUED:
                cancelled = await self._database.run(transitions.cancel, job.id, at=now)
                if cancelled is not None:
                    self._withdrawn(cancelled)
        return not found

    async def _erase(self, erasure: Erasure) -> None:
        count = 1
        while count:
            now = self._clock.now()
            count = await self._database.run(erasures.forget_jobs, erasure.member, at=now, limit=BATCH)
        await self._database.run(erasures.forget_the_rest, erasure, at=self._clock.now())
        self._went()
        await self._drop_files()
        hashed = self._key.hash_of(erasure.snowflake)
        done = await self._database.read(erasures.carried_out)
        number = await asyncio.to_thread(self._record.add, hashed, above=done)
        await self._database.run(erasures.finish, erasure, number=number, at=self._clock.now())
        await self._database.truncate_log()
        log.info("A member was erased.")
