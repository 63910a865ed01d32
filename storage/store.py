"""Where a database is, for what is done beside the bot or without one: each engine's own way."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from storage import sqlite
from storage.engines.backup import backup
from storage.engines.lock import held_lock
from storage.erasure_key import ErasureKey
from storage.moving.move import Source
from storage.moving.sqlite_ends import SqliteSource
from storage.tx import Tx


class Store(Protocol):
    """One database, whether bots are at work on it or not. Its methods raise ``StorageError``."""

    @property
    def name(self) -> str:
        """Return where it is, without a password."""
        ...

    def count_jobs(self) -> int | None:
        """Return how many jobs it holds, of whatever version it is; ``None`` if that cannot be told."""
        ...

    def snapshot(self) -> AbstractContextManager[Tx]:
        """Keep one snapshot, beside bots that go on writing."""
        ...

    def writing(self) -> AbstractContextManager[Tx]:
        """Keep one transaction, while no bot works and none can begin to."""
        ...

    def backup(self, target: Path) -> None:
        """Copy it to a file that does not exist yet."""
        ...

    def resting(self) -> AbstractContextManager[Source]:
        """Keep one snapshot of all that is to be moved, while no bot works and none can begin to."""
        ...


class SqliteStore:
    """The database of a data directory."""

    def __init__(self, directory: Path, key: ErasureKey | None = None) -> None:
        self._directory = directory
        self._key = key
        self._path = directory / sqlite.FILE_NAME
        self.name = str(self._path)

    def count_jobs(self) -> int:
        return sqlite.count_jobs(self._path)

    def snapshot(self) -> AbstractContextManager[Tx]:
        return sqlite.snapshot(self._path, self._key)

    def writing(self) -> AbstractContextManager[Tx]:
        return sqlite.writing(self._path)

    def backup(self, target: Path) -> None:
        backup(self._path, target)

    @contextmanager
    def resting(self) -> Generator[Source]:
        # A folder without one, or with another program's, stays as it is.
        self.count_jobs()
        with held_lock(self._directory):
            with sqlite.snapshot(self._path, self._key) as tx:
                source = SqliteSource(tx, self._path, self._key)
                yield source
            if source.closed:
                # Out of the log: of what is copied the file may be all.
                sqlite.open_writer(self._path, self._key, moved_too=True).close()


def open_store(directory: Path, *, url: str | None, key: ErasureKey) -> Store:
    """Return the database at an address, or that of a data directory."""
    if url is None:
        return SqliteStore(directory, key)
    # What only this needs is not installed everywhere.
    from storage.engines.let_in import LetIn  # noqa: PLC0415
    from storage.postgres_store import PostgresStore  # noqa: PLC0415

    return PostgresStore(url, key, LetIn(directory, url))
