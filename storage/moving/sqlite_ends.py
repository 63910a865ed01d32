"""SQLite's side of a move: a data directory that is read, or one that is made."""

import os
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from storage import moved
from storage.engines.migrate import migrate
from storage.engines.sqlite_errors import unusable
from storage.erasure_key import ErasureKey
from storage.errors import Unusable
from storage.moving.move import ARRAY, Row, Table, identity_of, tables, versions_table
from storage.sqlite import FILE_NAME, MOVING, changing, open_reader
from storage.tx import Tx


class SqliteSource:
    """The database of a data directory whose lock is held."""

    def __init__(self, tx: Tx, path: Path, key: ErasureKey | None) -> None:
        self.tx = tx
        self.name = str(path)
        self.closed = False
        """Whether it says by now where it was moved."""
        self._path = path
        self._key = key

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield a table's rows in the order of its key, without what no other engine takes."""
        return (tuple(map(_clean, row)) for row in _rows(self.tx, table))

    def close_for(self, target: str) -> None:
        """Write down where it was moved: see ``Source``."""
        # All of it is read, the lock is ours, and a snapshot would be in the way where there is no log yet.
        self.tx.execute("COMMIT")
        with changing(self._path, self._key) as tx:
            moved.note(tx, target)
        self.closed = True


def _clean(value: object) -> object:
    return value.replace("\0", "") if isinstance(value, str) and "\0" in value else value


def _rows(tx: Tx, table: Table) -> Iterator[Row]:
    cursor = tx.execute(table.query)
    while batch := cursor.fetchmany(ARRAY):
        yield from batch


class SqliteTarget:
    """A database that is made in a data directory whose lock is held."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME
        self._unfinished = directory / MOVING
        self.name = str(self._path)
        self._guards: list[str] = []

    @contextmanager
    def _in_a_sentence(self) -> Generator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            path = self._unfinished
            raise unusable(f"{path} cannot be used: {error}.", error, path) from error

    def begin(self, identity: str) -> set[str] | None:
        """Make the file, or go on with it: see ``Target``."""
        with self._in_a_sentence():
            return self._begun(identity)

    def _begun(self, identity: str) -> set[str] | None:
        if self._path.exists() or self._path.is_symlink():
            self._tx = open_reader(self._path)
            if identity_of(_rows(self._tx, versions_table())) == identity:
                moved.require_here(self._tx, self.name)
                self._unfinished.unlink(missing_ok=True)
                return None
            self._tx.close()
            raise Unusable(f"{self._path} exists already: what is moved gets a data directory of its own.")
        if (marks := self._marks()) is None:
            # Its tables had not been made whole, or it lacked nothing but its name.
            self._unfinished.unlink(missing_ok=True)
            marks = {f"from {identity}"}
        self._tx = self._open()
        self._make(identity)
        if f"from {identity}" not in marks:
            raise Unusable(f"{self._unfinished} belongs to another move: delete it, or go on with that one.")
        return marks - {f"from {identity}"}

    def _marks(self) -> set[str] | None:
        if not self._unfinished.exists():
            return None
        connection = sqlite3.connect(self._unfinished)
        try:
            return {str(row[0]) for row in connection.execute("SELECT what FROM moving")}
        except sqlite3.DatabaseError:
            return None
        finally:
            connection.close()

    def _open(self) -> sqlite3.Connection:
        # For its owner only, from the beginning.
        os.close(os.open(self._unfinished, os.O_WRONLY | os.O_CREAT, 0o600))
        return sqlite3.connect(self._unfinished, isolation_level=None)

    def _make(self, identity: str) -> None:
        """Make the tables without what guards them: what is moved was booked elsewhere."""
        fresh = self._tx.execute("SELECT 1 FROM sqlite_master WHERE name = 'moving'").fetchone() is None
        if fresh:
            migrate(self._tx)
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
            migrate(made)
            rows = made.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        self._guards = [str(sql) for _, sql in rows]
        if not fresh:
            return
        with self._transaction():
            for name, _ in rows:
                self._tx.execute(f"DROP TRIGGER {name}")
            for table in (*tables(), versions_table()):
                self._tx.execute(f"DELETE FROM {table.name}")
            self._tx.execute("CREATE TABLE moving (what TEXT PRIMARY KEY)")
            self._tx.execute("INSERT INTO moving VALUES (?)", (f"from {identity}",))

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self._tx.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._tx.execute("COMMIT")
        except BaseException:
            if self._tx.in_transaction:
                self._tx.execute("ROLLBACK")
            raise

    def fill(self, table: Table, rows: Iterable[Row]) -> None:
        """Write a whole table in one transaction: see ``Target``."""
        with self._in_a_sentence(), self._transaction():
            self._insert(table, rows)
            self._tx.execute("INSERT INTO moving VALUES (?)", (table.name,))

    def _insert(self, table: Table, rows: Iterable[Row]) -> None:
        places = ", ".join("?" * len(table.columns))
        self._tx.executemany(f"INSERT INTO {table.name} ({table.listed}) VALUES ({places})", rows)

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield a table's rows in the order of its key."""
        with self._in_a_sentence():
            yield from _rows(self._tx, table)

    def clear(self) -> None:
        """Take all rows away again."""
        with self._in_a_sentence(), self._transaction():
            for table in tables():
                self._tx.execute(f"DELETE FROM {table.name}")
            self._tx.execute("DELETE FROM moving WHERE what NOT LIKE 'from %'")

    def finish(self, versions: Iterable[Row], check: Callable[[Tx], None]) -> None:
        """Guard it and give it its name: see ``Target``."""
        with self._in_a_sentence(), self._transaction():
            self._insert(versions_table(), versions)
            for guard in self._guards:
                self._tx.execute(guard)
            self._tx.execute("DROP TABLE moving")
            check(self._tx)
        self._tx.close()
        # A link refuses what a rename would overwrite.
        os.link(self._unfinished, self._path)
        self._unfinished.unlink()
        handle = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
