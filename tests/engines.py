"""The database of a test, on either engine: ``--engine sqlite`` (as it is), or ``--engine postgres``."""

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Any, LiteralString, Self, cast

import psycopg

from accounts.verify import Finding, verify_snapshot
from playground.postgres import PrivatePostgres
from storage.database import Database, open_database
from storage.engines.postgres_schema import migrate
from storage.engines.postgres_session import connect
from storage.engines.postgres_tx import PostgresTx
from storage.erasure_key import ErasureKey
from storage.errors import RuleBroken
from storage.postgres import postgres_snapshot
from storage.postgres_store import PostgresStore
from storage.sqlite import FILE_NAME, open_writer, snapshot
from storage.store import SqliteStore, Store
from storage.tx import Tx

REFUSED = (sqlite3.IntegrityError, RuleBroken)
"""What a statement raises that a rule of the schema refuses, past ``Database``."""
SECRET = "what only the hosts know, and nobody guesses"


class Engine:
    """A fresh database, and connections to it: ``open`` as the bot opens it, ``connect`` past it."""

    url: str | None = None
    begin = "BEGIN IMMEDIATE"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / FILE_NAME
        self._opened: list[Any] = []

    async def open(self) -> Database:
        return await open_database(self.folder)

    def connect(self) -> Tx:
        if not self.path.exists():
            self.path.write_bytes(empty_file())
        opened = open_writer(self.path)
        # What a crash of the machine would lose is not what these tests are about.
        opened.execute("PRAGMA synchronous = OFF")
        self._opened.append(opened)
        return opened

    def in_memory(self) -> Tx:
        """Connect to a database that nobody opens twice: quick, where that can be had."""
        opened = in_memory()
        self._opened.append(opened)
        return opened

    def snapshot(self) -> AbstractContextManager[Tx]:
        return snapshot(self.path)

    @contextmanager
    def transaction(self, tx: Tx) -> Iterator[Tx]:
        tx.execute(self.begin)
        try:
            yield tx
            tx.execute("COMMIT")
        except BaseException:
            tx.execute("ROLLBACK")
            raise

    @property
    def store(self) -> Store:
        """What maintenance has of it."""
        return SqliteStore(self.folder)

    def verify(self) -> list[Finding]:
        return verify_snapshot(self.snapshot)

    def unguard(self, tx: Tx) -> None:
        """Take away what would refuse a row, as somebody with the database's own program might."""
        for (trigger,) in tx.execute("SELECT name FROM catalogue WHERE type = 'trigger'").fetchall():
            tx.execute(f"DROP TRIGGER {trigger}")
        tx.execute("DROP INDEX jobs_by_provider_id")
        tx.execute("PRAGMA foreign_keys = OFF")

    def drop_trigger(self, tx: Tx, name: str, *, table: str) -> None:
        tx.execute(f"DROP TRIGGER {name}")

    def close(self) -> None:
        for each in self._opened:
            each.close()


class PostgresEngine(Engine):
    begin = "BEGIN ISOLATION LEVEL SERIALIZABLE"

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder)
        self.url: str = url
        self.changed = False
        """Whether its schema is another by now."""
        self.key = ErasureKey(folder, SECRET)

    @property
    def store(self) -> Store:
        return PostgresStore(self.url, self.key)

    async def open(self) -> Database:
        return await open_database(self.folder, key=self.key, url=self.url)

    def connect(self) -> Tx:
        opened = connect(self.url)
        opened.execute("SET synchronous_commit = off")
        self._opened.append(opened)
        return PostgresTx(opened, self.key.hash_of)

    def in_memory(self) -> Tx:
        return self.connect()

    def ask(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """Ask as an operator would beside a running bot: rows by name and by number."""
        cursor = self._beside.execute(sql, values)
        names = [str(column[0]) for column in cursor.description]
        return [Row.of(names, row) for row in cursor]

    def change(self, sql: str, values: Sequence[Any]) -> None:
        self._beside.execute(sql, values)

    @cached_property
    def _beside(self) -> Tx:
        return self.connect()

    def unguard(self, tx: Tx) -> None:
        self.changed = True
        tx.execute("SET session_replication_role = replica")
        tx.execute("DROP INDEX jobs_by_provider_id")

    def drop_trigger(self, tx: Tx, name: str, *, table: str) -> None:
        self.changed = True
        tx.execute(f"DROP TRIGGER {name} ON {table}")

    def snapshot(self) -> AbstractContextManager[Tx]:
        return postgres_snapshot(self.url, self.key)


class Row(tuple[Any, ...]):  # noqa: SLOT001 - a subclass of tuple has no slots of its own
    """What SQLite's own rows can: values by number and by name."""

    names: list[str]

    @classmethod
    def of(cls, names: list[str], values: Sequence[Any]) -> Self:
        made = cls(values)
        made.names = names
        return made

    def keys(self) -> list[str]:
        return self.names

    def __getitem__(self, place: Any) -> Any:
        return super().__getitem__(self.names.index(place) if isinstance(place, str) else place)


class Databases:
    """Databases of one server for tests one after the other: emptied, which takes a tenth of making one."""

    def __init__(self, server: PrivatePostgres) -> None:
        self._server = server
        self._free: list[str] = []
        self._statements = ""

    @contextmanager
    def lent(self, folder: Path) -> Iterator[PostgresEngine]:
        engine = PostgresEngine(folder, self._free.pop() if self._free else self._made())
        yield engine
        engine.close()
        if engine.changed:
            self._server.drop_database(engine.url)
        else:
            self._empty(engine.url)
            self._free.append(engine.url)

    @cached_property
    def _template(self) -> str:
        url = self._server.new_database()
        with psycopg.connect(url, autocommit=True) as made:
            migrate(made)
        return url.rsplit("/", 1)[1]

    def _made(self) -> str:
        return self._server.new_database(template=self._template)

    def _empty(self, url: str) -> None:
        with psycopg.connect(url, autocommit=True) as link:
            link.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            # No trigger fires, and no row is missed that another refers to.
            link.execute("SET session_replication_role = replica")
            link.execute(cast("LiteralString", self._emptying(link)))

    def _emptying(self, link: psycopg.Connection[Any]) -> str:
        """Return the statements that bring a database back to what a migrated one holds."""
        if not self._statements:
            tables = link.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            numbers = link.execute(
                "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"
            ).fetchall()
            kept = {"versions": "FALSE", "keys": "id <> 1"}
            self._statements = "; ".join(
                [
                    *(f"DELETE FROM {table} WHERE {kept.get(table, 'TRUE')}" for (table,) in tables),
                    "UPDATE keys SET ended_at = NULL, guild_id = 0",
                    *(f"ALTER SEQUENCE {name} RESTART" for (name,) in numbers),
                ]
            )
        return self._statements


def in_memory() -> sqlite3.Connection:
    """A SQLite database of the newest version, on no disk."""
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.deserialize(empty_in_memory())
    return made


@cache
def empty_in_memory() -> bytes:
    made = open_writer(Path(":memory:"))
    try:
        return made.serialize()
    finally:
        made.close()


@cache
def empty_file() -> bytes:
    """A SQLite database with nothing in it, migrated once for all tests."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE_NAME
        open_writer(path).close()
        return path.read_bytes()
