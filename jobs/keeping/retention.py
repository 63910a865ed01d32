"""What is kept and for how long: words, names and the oldest delivered files go, nothing undelivered ever.

Interaction tokens go in the moment in which Discord takes them no longer.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from itertools import count

from domain.clock import Clock
from domain.limits import DAY, HOUR, SECOND, TOKEN_LIFE
from storage import erasures, facts, forgetting, forms, images, job_rows, mentions, unnamed, untold
from storage.database import Database
from storage.files import Files
from storage.place import require_same_place
from storage.tx import Tx

log = logging.getLogger(__name__)

EVERY = 3_600.0
"""Seconds between sweeps."""
LOOKS = 6
"""How often between two of them it is looked which files' hour is over."""
MENTIONED = 365 * DAY
"""Milliseconds beyond the others for which it is known which messages name whom: Discord keeps them."""
BATCH = 200
"""Jobs whose files go in one transaction."""


class Retention:
    """Keeps the data directory within ``days`` and ``limit`` bytes.

    ``still_at_work`` tells whether no other process can have taken over, which may want a file again.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        files: Files,
        still_at_work: Callable[[], bool],
        days: int,
        limit: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._files = files
        self._still_at_work = still_at_work
        self._days = days
        self._limit = limit

    async def run(self) -> None:
        """Sweep for ever; a sweep that fails is told and tried again."""
        for turn in count():
            try:
                await (self.drop_marked() if turn % LOOKS else self.sweep())
            except Exception:
                log.exception("The sweep of kept files failed.")
            await self._clock.sleep(EVERY / LOOKS)

    async def wipe_tokens(self) -> None:
        """Wipe each interaction token at its end, for ever."""
        while True:
            now = self._clock.now()
            ends = await self._database.run(job_rows.wipe_tokens, at=now)
            # Whichever comes meanwhile lives as long as any.
            wait = TOKEN_LIFE if ends is None else min(max(ends - now, SECOND), TOKEN_LIFE)
            await self._clock.sleep(wait / SECOND)

    async def sweep(self) -> None:
        """Forget what is too old or too much, and mark the files that no row names any more."""
        now = self._clock.now()
        before = now - self._days * DAY
        await self._database.run(_forget_small, before=before, at=now)
        forgotten = 1
        while forgotten:
            forgotten = await self._database.run(_forget_oldest, before=before)
        wiped = 1
        while wiped:
            wiped = await self._database.run(forgetting.wipe_words, before=before, limit=BATCH)
        await self._mark_unnamed()
        while await self._too_much() and await self._database.run(_forget_oldest, before=None):
            await self._mark_unnamed()
        await self.drop_marked()
        await self._database.truncate_log()

    async def _too_much(self) -> bool:
        sizes = await asyncio.to_thread(self._files.sizes)
        leaving = await self._database.read(unnamed.marked)
        return sum(size for sha256, size in sizes.items() if sha256 not in leaving) > self._limit

    async def _mark_unnamed(self) -> None:
        await require_same_place(self._database, self._files)
        # An hour of grace: a file is on the disk before its row is written.
        arrived = await asyncio.to_thread(self._files.arrived_before, time.time() - HOUR / 1000)
        strays = (
            arrived - await self._database.read(unnamed.named) - await self._database.read(unnamed.marked)
        )
        if strays:
            await self._database.run(unnamed.mark, strays, at=self._clock.now())

    async def drop_marked(self) -> None:
        """Delete the files that have had no name for an hour."""
        going = await self._database.run(unnamed.go, before=self._clock.now() - HOUR)
        if going:
            for sha256 in going:
                if not self._still_at_work():
                    return
                await asyncio.to_thread(self._files.drop, sha256)
            await self._database.run(unnamed.gone, going)
            log.info("%d files are no longer kept.", len(going))


def _forget_small(tx: Tx, *, before: int, at: int) -> None:
    job_rows.wipe_tokens(tx, at=at)
    forms.forget(tx, at=at)
    facts.forget_durations(tx, before=before)
    erasures.forget_hashes(tx, at=at)
    mentions.forget(tx, before=before - MENTIONED)
    untold.forget(tx, before=before)


def _forget_oldest(tx: Tx, *, before: int | None) -> int:
    oldest = images.disposable(tx, before=before, limit=BATCH if before is not None else 20)
    for job_id in oldest:
        images.forget_files(tx, job_id)
    return len(oldest)
