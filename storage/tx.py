"""What a transaction function gets, whatever the engine: SQL is written once, with ``?`` for its values."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Cursor(Protocol):
    """The rows of a statement."""

    @property
    def description(self) -> Any: ...  # noqa: ANN401 - a name first in each column's tuple, the rest is an engine's own

    def fetchone(self) -> Any: ...  # noqa: ANN401 - a row, or None

    def fetchmany(self, size: int, /) -> list[Any]: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Tx(Protocol):
    """Inside BEGIN … COMMIT on the writer, a snapshot on a reader."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Cursor: ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor: ...


Snapshots = Callable[[], AbstractContextManager[Tx]]
"""Opens one consistent view of the database for a long read, on a connection of its own."""
