"""SQLite: the one writing connection, and read-only ones for everything else.

A transaction is one plain function ``fn(tx, …)`` handed to aiosqlite's thread: no two tasks meet inside
one BEGIN, and a cancelled caller cannot leave it half done. Rules and reasons: ``docs/storage.md``.
"""

import asyncio
import logging
import math
import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar
from urllib.parse import quote

import aiosqlite

from storage import moved
from storage.engines.lock import held_lock
from storage.engines.migrate import migrate, require_known, require_newest, version_of
from storage.engines.sqlite_errors import unusable
from storage.engines.versions import half_moved
from storage.engines.whole import whole_or_none
from storage.erasure_key import ErasureKey
from storage.errors import RuleBroken, StorageError, Unusable, unusable_for
from storage.tx import Tx

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

FILE_NAME = "darkroom.db"
MOVING = f"{FILE_NAME}.moving"
"""What a move makes, until all of it is there: no bot may make another database beside it."""
LOCK_WAIT = 2_000
"""Milliseconds that a caller waits for a stray writer's lock: Discord wants an answer in three seconds."""
LOCK_STEP = 100
CACHE = "PRAGMA cache_size = -65536"
"""64 MiB: jobs have random names, and a long read meets them in the order of time."""


class _Connection(aiosqlite.Connection):
    """aiosqlite's thread with whole transactions: the one place that knows ``_execute`` and ``_conn``."""

    @classmethod
    async def over(cls, opened: sqlite3.Connection, path: Path) -> Self:
        # Opened before: where opening fails, aiosqlite's thread outlives the event loop that it answers to.
        connection = cls(lambda: opened, 64)
        connection.path = path
        await connection
        return connection

    async def run(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        deadline = time.monotonic() + LOCK_WAIT / 1000

        def transaction() -> T:
            tx = self._conn
            self._wait_for_lock_until(deadline)
            tx.execute(self.begin)
            try:
                result = fn(tx, *args, **kwargs)
                tx.execute("COMMIT")
            except BaseException:
                # A full disk rolls back by itself: a second ROLLBACK would hide the first error.
                if tx.in_transaction:
                    tx.execute("ROLLBACK")
                raise
            return result

        try:
            return await self._execute(transaction)  # pyright: ignore[reportUnknownMemberType]
        except sqlite3.OperationalError as error:
            raise unusable(f"The database cannot be used just now: {error}.", error, self.path) from error
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError):
                raise RuleBroken(str(error)) from error
            raise Unusable(f"The database is damaged: {error}. Restore a backup.") from error

    def _wait_for_lock_until(self, deadline: float) -> None:
        """Count the wait from the call: behind others that wait as well, nobody waits once for each."""
        left = max(0, math.ceil((deadline - time.monotonic()) * 1000 / LOCK_STEP)) * LOCK_STEP
        if left != self._patience:
            self._conn.execute(f"PRAGMA busy_timeout = {left}")
            self._patience = left

    path: Path
    begin = "BEGIN IMMEDIATE"
    _patience = LOCK_WAIT


class _ReadOnly(_Connection):
    begin = "BEGIN"


class SqliteDatabase:
    """SQLite files of one data directory: a ``Database``."""

    def __init__(self, *, writer: _Connection, reader: _Connection, path: Path) -> None:
        self._writer = writer
        self._reader = reader
        self.path = path

    async def run(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._writer.run(fn, *args, **kwargs)

    async def run_unfenced(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        # Whose file it is was settled when it was opened: no transaction asks again.
        return await self.run(fn, *args, **kwargs)

    async def read(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._reader.run(fn, *args, **kwargs)

    def snapshot(self) -> AbstractContextManager[Tx]:
        return snapshot(self.path)

    async def rescue(self, at: int) -> str:
        rescued = self.path.with_name(f"rescued-{at}.db")
        try:
            # From the open connection: the file of the database may have no name any more.
            await self._writer.execute("VACUUM INTO ?", (str(rescued),))
        except sqlite3.Error as error:
            return f"What was stored could not be kept: {rescued} cannot be written: {error}."
        return f"All that was stored is in {rescued}: put it in its place while no bot runs."

    async def truncate_log(self) -> None:
        # Where a reader is in the way, or nothing can be written, the next time does it.
        try:
            await self._writer.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            log.warning("The write-ahead log could not be emptied: %s.", error)

    async def close(self) -> None:
        await self._reader.close()
        await self._writer.close()


async def open_sqlite(directory: Path, *, key: ErasureKey | None = None) -> SqliteDatabase:
    """Open (and create or migrate) the database of a data directory. The caller holds its lock.

    Raises
    ------
    StorageError
        It cannot be opened, is damaged, or was written by a newer version.
    """
    path = directory / FILE_NAME
    await asyncio.to_thread(_require_unmoved, path)
    writer = await _Connection.over(await asyncio.to_thread(open_writer, path, key), path)
    try:
        reader = await _ReadOnly.over(await asyncio.to_thread(open_reader, path, key), path)
    except StorageError:
        await writer.close()
        raise
    return SqliteDatabase(writer=writer, reader=reader, path=path)


def open_writer(path: Path, key: ErasureKey | None = None, *, moved_too: bool = False) -> sqlite3.Connection:
    """Open the writing connection: WAL, every commit on the disk before it counts, migrated.

    A database that there was not, and that cannot be made whole, is gone again. ``moved_too``: it is not to
    work on it.

    Raises
    ------
    StorageError
        The file is damaged, read-only, from a newer version, or was moved.
    """
    with whole_or_none(path):
        return _open_writer(path, key, moved_too)


def _open_writer(path: Path, key: ErasureKey | None, moved_too: bool) -> sqlite3.Connection:
    if path.exists():
        _require_file(path)
    try:
        connection = sqlite3.connect(
            path, isolation_level=None, timeout=LOCK_WAIT / 1000, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise unusable(f"{path} cannot be opened: {error}.", error, path) from error
    try:
        # What is refused stays as it is, its journal among it.
        if require_known(connection) and not moved_too:
            moved.require_here(connection)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
        migrate(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        (key or ErasureKey(path.parent)).register(connection)
    except sqlite3.DatabaseError as error:
        connection.close()
        raise unusable(f"{path} cannot be used: {error}.", error, path) from error
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def writing(path: Path) -> Generator[Tx]:
    """Open a database that no bot uses, hold its lock, and keep one transaction on it.

    A folder without one, or with another program's, stays exactly as it is.

    Raises
    ------
    StorageError
        There is no database, it has another version, a bot uses it, or it cannot be written.
    """
    with closing(open_reader(path)) as reader:
        # Opened for writing it would be brought to the newest version, which nobody has asked for.
        try:
            require_newest(reader)
        except sqlite3.DatabaseError as error:
            raise unusable(f"{path} cannot be read: {error}.", error, path) from error
    with held_lock(path.parent), changing(path) as tx:
        yield tx


@contextmanager
def changing(path: Path, key: ErasureKey | None = None) -> Generator[Tx]:
    """Keep one transaction on a database that is there, moved or not. The caller holds its lock.

    Raises
    ------
    StorageError
        It cannot be written.
    """
    with closing(open_writer(path, key, moved_too=True)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            raise unusable(f"{path} cannot be written: {error}.", error, path) from error


def open_reader(path: Path, key: ErasureKey | None = None, *, immutable: bool = False) -> sqlite3.Connection:
    """Open a read-only connection. ``mode=ro`` never checkpoints, so it cannot lose a commit.

    It may make the files that WAL needs beside the database; an ``immutable`` one makes none, and must not
    be trusted with what somebody writes meanwhile.

    Raises
    ------
    Unusable
        There is no database, or it cannot be read.
    """
    _require_file(path)
    uri = f"file:{quote(str(path.absolute()))}?mode=ro{'&immutable=1' * immutable}"
    try:
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, timeout=LOCK_WAIT / 1000, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise unusable(f"{path} cannot be read: {error}.", error, path) from error
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
        (key or ErasureKey(path.parent)).register(connection)
    except sqlite3.Error as error:
        connection.close()
        raise unusable(f"{path} cannot be read: {error}.", error, path) from error
    return connection


@contextmanager
def snapshot(path: Path, key: ErasureKey | None = None) -> Generator[Tx]:
    """Open a read-only connection of its own and keep one snapshot on it, beside a bot that goes on writing.

    Raises
    ------
    Unusable
        There is no database, it is damaged, or of another version.
    """
    connection = open_reader(path, key)
    try:
        connection.execute(CACHE)
        connection.execute("BEGIN")
        require_newest(connection)
        yield connection
    except sqlite3.DatabaseError as error:
        raise unusable(f"{path} cannot be read: {error}.", error, path) from error
    finally:
        connection.close()


def count_jobs(path: Path) -> int:
    """Return how many jobs a database of any version holds; nothing is changed or made, whatever is there.

    Raises
    ------
    StorageError
        There is no database, it cannot be read, or it is not one of Darkroom's.
    """
    # Whoever has it open made the log beside it: without one nobody writes.
    alone = not path.with_name(f"{path.name}-wal").exists()
    with closing(open_reader(path, immutable=alone)) as connection:
        try:
            return _count(connection)
        except sqlite3.DatabaseError as error:
            raise unusable(f"{path} cannot be read: {error}.", error, path) from error


def _count(connection: sqlite3.Connection) -> int:
    if version_of(connection) < 1:
        require_newest(connection)
    try:
        return int(connection.execute("SELECT count(*) FROM jobs").fetchone()[0])
    except sqlite3.DatabaseError:
        # What another program's lacks is said better.
        require_newest(connection)
        raise


def _require_file(path: Path) -> None:
    try:
        found = path.exists()
    except OSError as error:
        raise unusable_for(f"{path} cannot be read: {error.strerror}.", error) from error
    if found and not path.is_file():
        raise Unusable(f"{path} cannot be used: it is not a file.")
    if not found:
        _require_unmoved(path)
        raise Unusable(f"{path} cannot be read: there is no database in that folder; is DATA_DIR right?")


def _require_unmoved(path: Path) -> None:
    unfinished = path.with_name(MOVING)
    if unfinished.exists() and not path.exists():
        raise half_moved(str(unfinished))
