"""Where the bot touches the outside: each touch is a point at which it can be killed.

After a kill nothing more gets out: not another statement, file, request or message. What the killed process
still had in memory is dropped, what it had written is there at the next start, as after SIGKILL.
"""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from benchmarks.simclock import SimulatedLoop
from storage.errors import Unusable
from storage.files import Files
from storage.sqlite import FILE_NAME, open_writer, snapshot
from storage.tx import Tx

P = ParamSpec("P")
T = TypeVar("T")

START = 1_789_819_200_000
"""Saturday, 19 September 2026, 12:00 UTC, in Unix milliseconds."""


class KillPoints:
    """Counts touches, and kills at the one it was told to."""

    def __init__(self) -> None:
        self.touches = 0
        self.dead = False
        self._left: int | None = None
        self._error: Exception | None = None
        self._raise_in = 0

    def raise_at(self, touch: int, error: Exception) -> None:
        """Let one touch fail, so many from now, and go on as if nothing had been."""
        self._raise_in, self._error = touch, error

    def kill_after(self, touches: int) -> None:
        self._left = touches

    def kill(self) -> None:
        self.dead = True

    def revive(self) -> None:
        self.dead, self._left = False, None

    def touch(self) -> None:
        """Touch the outside, unless the process is dead or dies of it."""
        self.touches += 1
        if self._left is not None:
            self._left -= 1
            self.dead = self.dead or self._left < 0
        if self.dead:
            raise asyncio.CancelledError
        self._raise_in -= 1
        if self._error is not None and self._raise_in < 0:
            error, self._error = self._error, None
            raise error


class SimulatedClock:
    """The product's clock on a simulated loop; its wall clock can jump, the true time never does."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop
        self.shift = 0

    def now(self) -> int:
        return self.true() + self.shift

    def true(self) -> int:
        """Return what everybody else's clock says, in Unix milliseconds."""
        return START + round(self._loop.time() * 1000)

    def monotonic(self) -> float:
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class InlineDatabase:
    """A real SQLite file, its transactions run where they are asked for; each commit is a touch."""

    def __init__(self, path: Path, kill_points: KillPoints) -> None:
        self.path = path
        self.tx = open_writer(path)
        # A crash of the process loses nothing that SQLite has handed to the system.
        self.tx.execute("PRAGMA synchronous = OFF")
        self._kill_points = kill_points
        self.locked = False
        """Whether somebody else holds the lock, or the disk is full: nothing is read or written then."""

    async def run(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        await asyncio.sleep(0)
        if self.locked:
            raise Unusable("The database cannot be used just now: database is locked.")
        self._kill_points.touch()
        before = self.tx.total_changes
        self.tx.execute("BEGIN IMMEDIATE")
        try:
            result = fn(self.tx, *args, **kwargs)
            self.tx.execute("COMMIT")
        except BaseException:
            self.tx.execute("ROLLBACK")
            raise
        if self.tx.total_changes != before:
            self._kill_points.touch()
        return result

    run_unfenced = run

    def snapshot(self) -> AbstractContextManager[Tx]:
        return snapshot(self.path)

    async def read(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.run(fn, *args, **kwargs)

    async def truncate_log(self) -> None:
        await asyncio.sleep(0)
        self._kill_points.touch()
        self.tx.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def look(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Look from outside the bot."""
        return fn(self.tx, *args, **kwargs)

    def close(self) -> None:
        self.tx.close()


class TouchedFiles(Files):
    """Real files; each that is moved or deleted is a touch."""

    def __init__(self, directory: Path, kill_points: KillPoints) -> None:
        super().__init__(directory)
        self._kill_points = kill_points

    def keep(self, arrived: Path, sha256: str) -> Path:
        self._kill_points.touch()
        kept = super().keep(arrived, sha256)
        self._kill_points.touch()
        return kept

    def drop(self, sha256: str) -> None:
        self._kill_points.touch()
        super().drop(sha256)

    def discard(self, path: Path) -> None:
        self._kill_points.touch()
        super().discard(path)


def fresh_copy(template: Path, directory: Path) -> Path:
    """Return a new data directory with an empty database, copied: migrating takes longer than a test."""
    if not template.exists():
        made: sqlite3.Connection = open_writer(template)
        made.execute("PRAGMA journal_mode = DELETE")
        made.close()
    directory.mkdir(parents=True)
    shutil.copy(template, directory / FILE_NAME)
    return directory


def settle(loop: SimulatedLoop) -> list[Any]:
    """Break off whatever still runs on a loop, as the end of its process does."""
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    return loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True)) if tasks else []
