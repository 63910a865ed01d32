"""PostgreSQL's side of a move: a database at which nobody is at work, or one that is made."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, LiteralString, cast

import psycopg

from storage import moved
from storage.engines.postgres_schema import is_empty, require_all_texts, scripts
from storage.engines.postgres_session import UNHURRIED, Link, connect, unusable
from storage.engines.postgres_tx import PostgresTx, StreamingTx
from storage.errors import Unusable
from storage.moving.move import Different, Row, Table, identity_of, tables, versions_table
from storage.tx import Tx

MOVERS = 3_190_002
"""The advisory lock that whoever moves something to a database, or from it, holds."""


class PostgresSource:
    """A database on one snapshot, whose table of leases is locked along with it."""

    def __init__(self, link: Link, url: str, name: str, hash_of: Callable[[int], str]) -> None:
        self.tx = StreamingTx(link, hash_of)
        self.name = name
        self._link = link
        self._url = url
        self._hash_of = hash_of

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield a table's rows in the order of its key."""
        return iter(self.tx.execute(table.query))

    def close_for(self, target: str) -> None:
        """Write down where it was moved: see ``Source``."""
        # By itself: it has to stand there before the new one counts; the leases are locked until after that.
        with connect(self._url, settings=UNHURRIED) as other:
            try:
                other.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
                moved.note(PostgresTx(other, self._hash_of), target)
                # Where this connection was lost the lock went with it, and a bot may be at work here by now.
                self._link.execute("SELECT 1")
                other.execute("COMMIT")
            except psycopg.Error as error:
                raise unusable(error, self._url) from error


class PostgresTarget:
    """A database that is made, on a connection of its own."""

    def __init__(self, link: Link, name: str, hash_of: Callable[[int], str]) -> None:
        self._link = link
        self._hash_of = hash_of
        self.name = name

    def begin(self, identity: str) -> set[str] | None:
        """Make the tables, or go on with them: see ``Target``."""
        self._lock()
        if self._one("SELECT to_regclass('moving')") is not None:
            marks = {str(row[0]) for row in self._run("SELECT what FROM moving")}
            if f"from {identity}" not in marks:
                raise Unusable(
                    f"{self.name} belongs to another move: go on with that one, or make a new database."
                )
            return marks - {f"from {identity}"}
        if is_empty(self._link):
            require_all_texts(self._link)
            self._make(identity)
            return set()
        if self._one("SELECT to_regclass('versions')") is not None and self._identity() == identity:
            moved.require_here(PostgresTx(self._link, self._hash_of), self.name)
            return None
        raise Unusable(f"{self.name} is not empty: what is moved gets a database of its own.")

    def _lock(self) -> None:
        """Be the only one. Of a move that was killed the server learns a moment later."""
        try:
            self._run(f"SET lock_timeout = '5s'; SELECT pg_advisory_lock({MOVERS}); SET lock_timeout = 0")
        except psycopg.errors.LockNotAvailable as error:
            raise Unusable(
                f"Another move to or from {self.name} is under way; to itself nothing is moved."
            ) from error

    def _identity(self) -> str:
        return identity_of(self._run(versions_table().query))

    def _make(self, identity: str) -> None:
        """Make the tables, with what guards them asleep: what is moved was booked elsewhere."""
        with self._transaction():
            for file in scripts().values():
                self._run(file.read_text(encoding="utf-8"))
            for table in (*tables(), versions_table()):
                self._run(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
                self._run(f"DELETE FROM {table.name}")
            self._run("CREATE TABLE moving (what TEXT PRIMARY KEY)")
            self._run(f"INSERT INTO moving VALUES ('from {identity}')")

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._run("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        try:
            yield
            self._run("COMMIT")
        except BaseException:
            if not self._link.closed:
                self._run("ROLLBACK")
            raise

    def fill(self, table: Table, rows: Iterable[Row]) -> None:
        """Write a whole table in one transaction: see ``Target``."""
        try:
            with self._transaction():
                self._copy(table, rows)
                self._run(f"INSERT INTO moving VALUES ('{table.name}')")
        except psycopg.errors.ForeignKeyViolation as error:
            raise Different(f"{table.name} has rows that lead nowhere in {self.name}.") from error

    def _copy(self, table: Table, rows: Iterable[Row]) -> None:
        statement = cast("LiteralString", f"COPY {table.name} ({table.listed}) FROM STDIN")
        with self._link.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield a table's rows in the order of its key."""
        with self._transaction():
            yield from StreamingTx(self._link, self._hash_of).execute(table.query)

    def clear(self) -> None:
        """Take all rows away again."""
        with self._transaction():
            self._run(f"TRUNCATE {', '.join(table.name for table in tables())}")
            self._run("DELETE FROM moving WHERE what NOT LIKE 'from %'")

    def finish(self, versions: Iterable[Row], check: Callable[[Tx], None]) -> None:
        """Guard it and let it count: see ``Target``."""
        with self._transaction():
            self._copy(versions_table(), versions)
            for table in (*tables(), versions_table()):
                self._run(f"ALTER TABLE {table.name} ENABLE TRIGGER USER")
                self._go_on_after(table)
            self._run("DROP TABLE moving")
            self._run("ANALYZE")
            check(PostgresTx(self._link, self._hash_of))

    def _go_on_after(self, table: Table) -> None:
        """Draw the next number of a table's key after the highest."""
        sequence = self._one(f"SELECT pg_get_serial_sequence('{table.name}', '{table.key[0]}')")
        if sequence is not None:
            highest = f"MAX({table.key[0]})"
            values = f"COALESCE({highest}, 1), {highest} IS NOT NULL"
            self._run(f"SELECT setval('{sequence}', {values}) FROM {table.name}")

    def _run(self, sql: str) -> Any:  # noqa: ANN401 - a cursor of any rows
        return self._link.execute(cast("LiteralString", sql))

    def _one(self, sql: str) -> Any:  # noqa: ANN401 - whatever the column holds
        return self._run(sql).fetchone()[0]
