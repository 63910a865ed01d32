"""PostgreSQL: one writing connection a process and one that reads, each with a thread of its own.

Writers are SERIALIZABLE: as if one transaction had run after the other, whatever other processes write. Rules
and reasons: ``docs/storage.md``.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

import psycopg

from storage import moved
from storage.engines.fence import Fence
from storage.engines.postgres_pooling import require_own_sessions
from storage.engines.postgres_schema import migrate, require_known, require_newest, scripts
from storage.engines.postgres_session import READING, UNHURRIED, WRITING, Session, connect, require_writes
from storage.engines.postgres_trouble import unusable
from storage.engines.postgres_tx import PostgresTx, StreamingTx
from storage.engines.worker import Worker
from storage.erasure_key import ErasureKey
from storage.errors import Away, NotLetIn
from storage.tx import Tx

P = ParamSpec("P")
T = TypeVar("T")


class PostgresDatabase:
    """A database of a PostgreSQL server: a ``Database``.

    ``fence`` is asked by each transaction of ``run`` whether this process still holds its leases. Once
    ``given_up`` is set no answer is waited for any more.
    """

    def __init__(
        self, url: str, key: ErasureKey, fence: Fence | None, given_up: threading.Event | None
    ) -> None:
        self._url = url
        self._key = key
        self._writer = Session(url, begin=WRITING, hash_of=key.hash_of, given_up=given_up)
        self._reader = Session(url, begin=READING, hash_of=key.hash_of, given_up=given_up)
        self._writing = Worker("database")
        self._reading = Worker("database, reading")
        self._fence = fence

    async def run(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        work = partial(_with, fn, args, kwargs)
        return await self._writing.do(
            partial(self._writer.run, work, asked_at=time.monotonic(), fence=self._fence)
        )

    async def run_unfenced(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        work = partial(_with, fn, args, kwargs)
        return await self._writing.do(partial(self._writer.run, work, asked_at=time.monotonic()))

    async def read(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        work = partial(_with, fn, args, kwargs)
        return await self._reading.do(partial(self._reader.run, work, asked_at=time.monotonic()))

    def snapshot(self) -> AbstractContextManager[Tx]:
        # Looked at when it was opened; since then a newer version may have added something.
        return postgres_snapshot(self._url, self._key, known=True)

    async def rescue(self, at: int) -> str:  # noqa: ARG002 - PostgreSQL has a name for it
        return "All that was stored is in PostgreSQL."

    async def truncate_log(self) -> None:
        # The write-ahead log is the server's.
        return

    async def close(self) -> None:
        await self._reading.close()
        await self._writing.close()
        self._reader.close()
        self._writer.close()


def _with(fn: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object], tx: Tx) -> T:
    return fn(tx, *args, **kwargs)


async def open_postgres(
    url: str, *, key: ErasureKey, fence: Fence | None = None, given_up: threading.Event | None = None
) -> PostgresDatabase:
    """Open a database, bring it to the newest version, and connect to it.

    ``given_up``: set, from whatever thread, once no answer is waited for any more.

    Raises
    ------
    StorageError
        It cannot be reached or used, was written by a newer version, is not ours, or was moved.
    """
    try:
        if fence is None:
            await asyncio.to_thread(_require_own_sessions, url, given_up)
        await asyncio.to_thread(_migrated, url, key, given_up)
    except NotLetIn as error:
        if fence is None:
            raise
        # We were let in to take the leases: a password is being changed, and may be known at the next start.
        raise Away(str(error)) from error
    return PostgresDatabase(url, key, fence, given_up)


async def is_fresh(url: str, *, given_up: threading.Event | None = None) -> bool:
    """Tell whether a database has no tables yet; nothing is changed.

    Raises
    ------
    StorageError
        It cannot be reached, was written by a newer version, or is not ours.
    """
    return await asyncio.to_thread(_is_fresh, url, given_up)


def _is_fresh(url: str, given_up: threading.Event | None) -> bool:
    with connect(url, given_up=given_up) as link:
        try:
            require_writes(link, url)
            return require_known(link) == 0
        except psycopg.Error as error:
            raise unusable(error, url) from error


def _require_own_sessions(url: str, given_up: threading.Event | None) -> None:
    with connect(url, given_up=given_up) as one, connect(url, given_up=given_up) as other:
        try:
            require_own_sessions(one, other)
        except psycopg.Error as error:
            raise unusable(error, url) from error


def _migrated(url: str, key: ErasureKey, given_up: threading.Event | None) -> None:
    """Bring a database to the newest version; it is waited for without an end only where it has to change."""
    try:
        with connect(url, given_up=given_up) as link:
            require_writes(link, url)
            if version := require_known(link):
                moved.require_here(PostgresTx(link, key.hash_of))
        if version < max(scripts()):
            with connect(url, settings=UNHURRIED, given_up=given_up) as link:
                migrate(link)
    except psycopg.Error as error:
        raise unusable(error, url) from error


@contextmanager
def postgres_snapshot(url: str, key: ErasureKey, *, known: bool = False) -> Generator[Tx]:
    """Keep one snapshot on a connection of its own, beside bots that write; ``known``: it is of our version.

    Raises
    ------
    StorageError
        The database cannot be reached or read, or has another version.
    """
    with connect(url, settings=UNHURRIED) as link:
        try:
            if not known:
                # Comparing its tables makes others beside them.
                require_writes(link, url)
                require_newest(link)
            link.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield StreamingTx(link, key.hash_of)
        except psycopg.Error as error:
            raise unusable(error, url) from error
