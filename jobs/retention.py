"""What is kept and for how long: the oldest delivered files go first, nothing undelivered ever.

Interaction tokens go in the moment in which Discord takes them no longer.
"""

import asyncio
import logging
import time

from domain.clock import Clock
from domain.limits import DAY, HOUR, SECOND, TOKEN_LIFE
from storage import images, jobs
from storage.database import Database, Tx
from storage.files import Files

log = logging.getLogger(__name__)

EVERY = 3_600.0
"""Seconds between sweeps."""
BATCH = 200
"""Jobs whose files go in one transaction."""


class Retention:
    """Keeps the data directory within ``days`` and ``limit`` bytes."""

    def __init__(self, *, database: Database, clock: Clock, files: Files, days: int, limit: int) -> None:
        self._database = database
        self._clock = clock
        self._files = files
        self._days = days
        self._limit = limit

    async def run(self) -> None:
        """Sweep for ever; a sweep that fails is told and tried again."""
        while True:
            try:
                await self.sweep()
            except Exception:
                log.exception("The sweep of kept files failed.")
            await self._clock.sleep(EVERY)

    async def wipe_tokens(self) -> None:
        """Wipe each interaction token at its end, for ever."""
        while True:
            now = self._clock.now()
            ends = await self._database.run(jobs.wipe_tokens, at=now)
            # Whichever comes meanwhile lives as long as any.
            wait = TOKEN_LIFE if ends is None else min(max(ends - now, SECOND), TOKEN_LIFE)
            await self._clock.sleep(wait / SECOND)

    async def sweep(self) -> None:
        """Forget what is too old or too much, then delete the files that no row names any more."""
        now = self._clock.now()
        await self._database.run(jobs.wipe_tokens, at=now)
        forgotten = 1
        while forgotten:
            forgotten = await self._database.run(_forget_oldest, before=now - self._days * DAY)
        await self._drop_unnamed()
        while await self._too_much() and await self._database.run(_forget_oldest, before=None):
            await self._drop_unnamed()

    async def _too_much(self) -> bool:
        sizes = await asyncio.to_thread(self._files.sizes)
        return sum(sizes.values()) > self._limit

    async def _drop_unnamed(self) -> None:
        named = await self._database.read(images.named_files)
        # An hour of grace: a file is on the disk before its row is written.
        older_than = time.time() - HOUR / 1000
        dropped = await asyncio.to_thread(self._files.drop_unnamed, named.__contains__, older_than=older_than)
        if dropped:
            log.info("%d files are no longer kept.", dropped)


def _forget_oldest(tx: Tx, *, before: int | None) -> int:
    oldest = images.disposable(tx, before=before, limit=BATCH if before is not None else 20)
    for job_id in oldest:
        images.forget_files(tx, job_id)
    return len(oldest)
