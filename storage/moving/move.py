"""Moving a whole database from one engine to the other: every row, compared, and gone on with after a kill.

The target has a table ``moving`` until the move is done: whose move it is, and which tables are there. Until
then it has no row in ``versions``, so that no bot takes it for a database of ours.
"""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from typing import Any, Protocol

from domain.text import counted
from storage import moved
from storage.engines.migrate import migrate
from storage.errors import Unusable
from storage.tx import Tx

ARRAY = 2_000
"""Rows that are fetched at once."""
PATIENCE = 10.0
"""Seconds without a word."""

Row = Sequence[Any]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Table:
    """A table that both engines have: its columns, and the key in whose order its rows are read."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def listed(self) -> str:
        """Return its columns as a statement lists them."""
        return ", ".join(self.columns)

    @property
    def query(self) -> str:
        """Return the query for all of its rows that are moved, in order."""
        # Where the old one was moved is no word of the new one.
        but = f" WHERE name <> '{moved.NAME}'" * (self.name == "facts")
        return f"SELECT {self.listed} FROM {self.name}{but} ORDER BY {', '.join(self.key)}"


VERSIONS = "versions"


@cache
def tables() -> tuple[Table, ...]:
    """Return all tables but ``versions``, those first to which others refer."""
    return tuple(table for table in _all() if table.name != VERSIONS)


def versions_table() -> Table:
    """Return the table that is written last."""
    return next(table for table in _all() if table.name == VERSIONS)


@cache
def _all() -> tuple[Table, ...]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as made:
        migrate(made)
        rows = made.execute(
            "SELECT t.name, c.name, c.pk, (SELECT count(*) FROM pragma_foreign_key_list(t.name))"
            " FROM sqlite_master AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table'"
        ).fetchall()
    names = sorted({(int(refers), str(name)) for name, _, _, refers in rows})
    return tuple(
        Table(
            name=name,
            columns=tuple(str(column) for table, column, _, _ in rows if table == name),
            key=tuple(
                column
                for place, column in sorted((row[2], row[1]) for row in rows if row[0] == name)
                if place
            ),
        )
        for _, name in names
    )


class Source(Protocol):
    """A database that nobody writes, on one snapshot."""

    @property
    def name(self) -> str:
        """Return what it is called, without a password."""
        ...

    @property
    def tx(self) -> Tx:
        """Return the snapshot."""
        ...

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield a table's rows in the order of its key."""
        ...

    def close_for(self, target: str) -> None:
        """Write down, at once, where it was moved: from then on no bot works on it.

        Raises
        ------
        Unusable
            It cannot be written, or nothing keeps bots from it any more.
        """
        ...


class Target(Protocol):
    """A database that is made by a move."""

    @property
    def name(self) -> str:
        """Return what it is called, without a password."""
        ...

    def begin(self, identity: str) -> set[str] | None:
        """Make the tables, or find those of the same move; return which are filled (``None``: all is done).

        Raises
        ------
        Unusable
            It is not empty, belongs to another move, or was moved itself.
        """
        ...

    def fill(self, table: Table, rows: Iterable[Row]) -> None:
        """Write a whole table, and that it is there, in one transaction."""
        ...

    def rows(self, table: Table) -> Iterator[Row]:
        """Yield a table's rows in the order of its key."""
        ...

    def clear(self) -> None:
        """Take all rows away again."""
        ...

    def finish(self, versions: Iterable[Row], check: Callable[[Tx], None]) -> None:
        """Make it a database that a bot opens, in one transaction, unless ``check`` raises before its end."""
        ...


def identity_of(versions: Iterable[Row]) -> str:
    """Return what tells a database from others: when its migrations were applied."""
    return hashlib.sha256(repr([tuple(row) for row in versions]).encode()).hexdigest()[:16]


def move(source: Source, target: Target, *, say: Say, check: Callable[[Tx], None]) -> None:
    """Bring every row of a source to a target, from where an earlier attempt ended, and compare all of them.

    ``check`` looks at the whole before it counts; then the source is closed.

    Raises
    ------
    Unusable
        The target is not empty or another move's, or has other rows than the source in the end.
    """
    versions = list(source.rows(versions_table()))
    filled = target.begin(identity_of(versions))
    if filled is None:
        try:
            _compare_all(source, target, say)
        except Different as error:
            raise Unusable(f"{target.name} is not empty: {error}") from error
        source.close_for(target.name)
        say(f"All of it was in {target.name} already.")
        return
    try:
        _fill(source, target, filled, say)
        _compare_all(source, target, say)
    except Different as error:
        if not filled:
            raise
        say(f"{error} It has changed since the move was begun, which is begun anew.")
        target.clear()
        _fill(source, target, set(), say)
        _compare_all(source, target, say)
    say("Checking every identity of the new one.")

    def close(tx: Tx) -> None:
        check(tx)
        # Before the new one counts: killed between the two, neither does, until the move is gone on with.
        source.close_for(target.name)

    target.finish(versions, close)


class Different(Unusable):
    """A row of the source is not in the target, or another one is."""


def _fill(source: Source, target: Target, filled: set[str], say: Say) -> None:
    for table in tables():
        if table.name in filled:
            say(f"{table.name}: filled before")
        else:
            progress = _Progress(table.name, say)
            target.fill(table, progress.count(source.rows(table)))
            say(f"{table.name}: {counted(progress.rows, 'row')}")


def _compare_all(source: Source, target: Target, say: Say) -> None:
    say("Comparing every row.")
    for table in tables():
        ours = _Progress(f"{table.name}, comparing", say).count(source.rows(table))
        for there, here in zip_longest(ours, target.rows(table)):
            if there is None or here is None or tuple(there) != tuple(here):
                raise Different(f"{table.name} is not the same in {target.name} as in {source.name}.")


class _Progress:
    """Counts rows, and says every few seconds how many there were."""

    def __init__(self, what: str, say: Say) -> None:
        self._what = what
        self._say = say
        self.rows = 0

    def count(self, rows: Iterable[Row]) -> Iterator[Row]:
        said = time.monotonic()
        for row in rows:
            self.rows += 1
            if not self.rows % ARRAY and time.monotonic() - said > PATIENCE:
                said = time.monotonic()
                self._say(f"{self._what}: {self.rows:,} rows so far")
            yield row
