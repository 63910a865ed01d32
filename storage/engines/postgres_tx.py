"""What a transaction function gets on PostgreSQL: our SQL, its ``?`` numbered for psycopg's raw cursors."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, islice
from typing import Any, LiteralString, cast

import psycopg
from psycopg.adapt import AdaptersMap, Buffer, Loader
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumper

from storage.engines.postgres_schema import differences, version_of
from storage.errors import RuleBroken
from storage.tx import Cursor

Connection = psycopg.Connection[Any]

HASHED = "erasure_hash(?)"
"""A call that is made here: the key of erased members never goes to a database."""
_PIECES = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|erasure_hash\(\?\)|\?")
BATCH = 2_000
"""Rows that a long read has in memory at once."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with ``$1`` …; ``hashed``: places of the values of which only the hash is sent."""

    text: LiteralString
    hashed: frozenset[int]


@lru_cache(2_000)
def translated(sql: str) -> Statement:
    """Return a statement with numbers for its question marks, but for those in literals and comments."""
    numbers, hashed = count(1), set[int]()

    def place(found: re.Match[str]) -> str:
        if not found[0].endswith(("?", "?)")) or found[0][0] in "'\"-":
            return found[0]
        number = next(numbers)
        if found[0] == HASHED:
            hashed.add(number - 1)
        return f"${number}"

    # Every statement is ours: tests/faults/test_sql.py sees to that.
    return Statement(cast("LiteralString", _PIECES.sub(place, sql)), frozenset(hashed))


class _Text(StrDumper):
    """Text without NUL, which PostgreSQL cannot keep."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", "") if "\0" in obj else obj)


class _Integer(Loader):
    """A sum of integers, which PostgreSQL has as NUMERIC; an average is a float."""

    def load(self, data: Buffer) -> int | float:
        text = bytes(data)
        return float(text) if b"." in text or b"N" in text else int(text)


class _Number(Int8Dumper):
    """One type for all integers, as in the tables; truth is 0 or 1."""

    def dump(self, obj: int) -> Buffer | None:
        return super().dump(int(obj))


def _adapters() -> AdaptersMap:
    made = AdaptersMap(psycopg.adapters)
    made.register_dumper(int, _Number)
    made.register_dumper(bool, _Number)
    made.register_dumper(str, _Text)
    made.register_loader("numeric", _Integer)
    return made


ADAPTERS = _adapters()
"""How values are sent and read."""


class PostgresTx:
    """A transaction (or what is done outside of one) on a connection with raw cursors."""

    def __init__(self, connection: Connection, hash_of: Callable[[int], str]) -> None:
        self.connection = connection
        self._hash_of = hash_of

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor:
        """Execute a statement.

        Raises
        ------
        RuleBroken
            A constraint or a trigger refused it.
        psycopg.Error
            Something else is the matter: whoever keeps the transaction knows what to do.
        """
        statement = translated(sql)
        try:
            return self.connection.execute(statement.text, self._values(statement, parameters) or None)
        except psycopg.IntegrityError as error:
            raise RuleBroken(str(error.diag.message_primary)) from error

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        """Execute a statement for each of several rows of values; raises as ``execute`` does."""
        statement = translated(sql)
        cursor = self.connection.cursor()
        try:
            cursor.executemany(statement.text, [self._values(statement, row) for row in parameters])
        except psycopg.IntegrityError as error:
            raise RuleBroken(str(error.diag.message_primary)) from error
        return cursor

    def _values(self, statement: Statement, parameters: Sequence[Any]) -> Sequence[Any]:
        if not statement.hashed:
            return parameters
        return [
            self._hash_of(value) if place in statement.hashed else value
            for place, value in enumerate(parameters)
        ]


class WholeTx(PostgresTx):
    """A transaction from its BEGIN to its end: what was asked is not asked again until something is written.

    Functions ask who a member is, each for itself; on a server each question is a way there and back.
    """

    def __init__(self, connection: Connection, hash_of: Callable[[int], str]) -> None:
        super().__init__(connection, hash_of)
        self._known: dict[tuple[str, tuple[Any, ...]], Rows] = {}

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor:
        if not sql.startswith("SELECT"):
            self._known.clear()
            return super().execute(sql, parameters)
        asked = sql, tuple(parameters)
        if asked not in self._known:
            cursor = super().execute(sql, parameters)
            self._known[asked] = Rows(cursor.description, cursor.fetchall())
        known = self._known[asked]
        return Rows(known.description, known.rows)

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        self._known.clear()
        return super().executemany(sql, parameters)


class Rows:
    """The rows of a statement, all of them in memory."""

    def __init__(self, description: object, rows: list[Any]) -> None:
        self.description = description
        self.rows = rows
        self._left = iter(rows)

    def fetchone(self) -> Any:  # noqa: ANN401 - a row, or None
        return next(self._left, None)

    def fetchmany(self, size: int, /) -> list[Any]:
        return list(islice(self._left, size))

    def fetchall(self) -> list[Any]:
        return list(self._left)

    def __iter__(self) -> Iterator[Any]:
        return self._left


class StreamingTx(PostgresTx):
    """A snapshot for long reads: of no statement are more than some thousand rows in memory."""

    _numbers = count(1)

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor:
        name, statement = f"rows_{next(self._numbers)}", translated(sql)
        declared = cast("LiteralString", f"DECLARE {name} NO SCROLL CURSOR FOR {statement.text}")
        self.connection.execute(declared, self._values(statement, parameters) or None)
        return _Stream(self.connection, name)


class _Stream:
    """The rows of a statement, fetched some thousand at a time."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._batch: list[Any] = []
        self._whole = False
        self.description: Any = None
        self._fetch()

    def fetchone(self) -> Any:  # noqa: ANN401 - a row, or None
        return next(iter(self), None)

    def fetchmany(self, size: int, /) -> list[Any]:
        return list(islice(self, size))

    def fetchall(self) -> list[Any]:
        return list(self)

    def __iter__(self) -> Iterator[Any]:
        while self._batch or not self._whole:
            if self._batch:
                yield self._batch.pop()
            else:
                self._fetch()

    def _fetch(self) -> None:
        cursor = self._connection.execute(cast("LiteralString", f"FETCH FORWARD {BATCH} FROM {self._name}"))
        self.description = cursor.description
        self._batch = cursor.fetchall()[::-1]
        if len(self._batch) < BATCH:
            self._whole = True
            self._connection.execute(cast("LiteralString", f"CLOSE {self._name}"))


def unguarded_in(tx: PostgresTx) -> list[str]:
    """Return what is not as the migrations make it.

    Raises
    ------
    psycopg.Error
        It cannot be told.
    """
    return differences(tx.connection, version_of(tx.connection))
