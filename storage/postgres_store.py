"""A PostgreSQL database for what is done beside the bots, or without any: a ``Store``."""

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from storage import leases
from storage.engines.let_in import LetIn
from storage.engines.postgres_address import address_of
from storage.engines.postgres_pooling import require_own_sessions
from storage.engines.postgres_schema import require_newest
from storage.engines.postgres_session import UNHURRIED, Link, connect, require_writes
from storage.engines.postgres_trouble import unusable
from storage.engines.postgres_tx import PostgresTx
from storage.erasure_key import ErasureKey
from storage.errors import DataDirLocked, Unusable
from storage.moving.move import Source, Target
from storage.moving.postgres_ends import MOVERS, PostgresSource, PostgresTarget
from storage.postgres import postgres_snapshot
from storage.tx import Tx

PATIENCE = "SET LOCAL lock_timeout = '5s'"


class PostgresStore:
    """A database of a PostgreSQL server; ``let_in``: what this host knows of its logins."""

    def __init__(self, url: str, key: ErasureKey, let_in: LetIn | None = None) -> None:
        self._asking = nullcontext if let_in is None else let_in.asking
        self._url = url
        self._key = key
        self.name = address_of(url)

    def count_jobs(self) -> int | None:
        # Whatever is done, this is asked first.
        with self._asking(), connect(self._url, settings=UNHURRIED) as link:
            try:
                row = link.execute("SELECT count(*) FROM jobs").fetchone()
            except psycopg.Error:
                # Empty, or another program's: whoever reads on says so better.
                return None
        return None if row is None else int(row[0])

    def snapshot(self) -> AbstractContextManager[Tx]:
        return postgres_snapshot(self._url, self._key)

    @contextmanager
    def writing(self) -> Generator[Tx]:
        with self._at_rest() as link:
            yield PostgresTx(link, self._key.hash_of)

    def backup(self, target: Path) -> None:
        parts = urlsplit(self._url)
        user, _, host = parts.netloc.rpartition("@")
        netloc = f"{user.partition(':')[0]}@{host}" if user else host
        bare = urlunsplit((parts.scheme, netloc, parts.path, "", ""))
        raise Unusable(f"PostgreSQL has a program for that: pg_dump --format=custom --file={target} {bare}")

    @contextmanager
    def resting(self) -> Generator[Source]:
        with self._at_rest() as link:
            # Who moves something to here has it too: this is no move to itself.
            link.execute("SELECT pg_advisory_xact_lock($1)", (MOVERS,))
            yield PostgresSource(link, self._url, self.name, self._key.hash_of)

    @contextmanager
    def _at_rest(self) -> Generator[Link]:
        """Keep one transaction and the table of leases: nobody has one, waits, or can take one meanwhile."""
        with connect(self._url, settings=UNHURRIED) as link:
            try:
                require_writes(link, self._url)
                require_newest(link)
                link.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE")
                link.execute(PATIENCE)
                # Before the snapshot is taken, which the first query does.
                link.execute("LOCK TABLE leases IN SHARE ROW EXCLUSIVE MODE")
                if (user := leases.user(link)) is not None:
                    raise DataDirLocked(
                        f"{self.name} is in use: {' '.join(user)} on it. Stop all bots first."
                    )
                yield link
                link.execute("COMMIT")
            except psycopg.Error as error:
                raise unusable(error, self._url) from error


@contextmanager
def postgres_target(url: str, key: ErasureKey) -> Generator[Target]:
    """Connect to the database that a move is to make.

    Raises
    ------
    Unusable
        It cannot be reached or written, or has no address.
    """
    name = address_of(url)
    with connect(url, settings=UNHURRIED) as link:
        try:
            require_writes(link, url)
            with connect(url) as other:
                require_own_sessions(other, link)
            yield PostgresTarget(link, name, key.hash_of)
        except psycopg.Error as error:
            raise unusable(error, url) from error
