"""The database as everything else has it, whichever engine keeps it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from storage.engines.fence import Fence
from storage.erasure_key import ErasureKey
from storage.sqlite import open_sqlite
from storage.tx import Tx

P = ParamSpec("P")
T = TypeVar("T")


class Database(Protocol):
    """``run`` writes, ``read`` and ``snapshot`` read beside it.

    A transaction is a plain function ``fn(tx, …)``. It may be begun anew, so it has no effect outside ``tx``.
    It comes to its end though whoever asked for it was cancelled.
    """

    async def run(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``fn(tx, …)`` as one transaction, beside which no other seems to run.

        Raises
        ------
        Unusable
            The database cannot be reached, written or read; nothing of the transaction is kept.
        RuleBroken
            A rule of the schema refused a statement.
        """
        ...

    async def run_unfenced(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the same though another process may have taken over: what was paid for is worth storing.

        Raises
        ------
        Unusable, RuleBroken
            As ``run`` does.
        """
        ...

    async def read(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``fn(tx, …)`` on one snapshot that cannot be written, beside the writer.

        Raises
        ------
        Unusable
            The database cannot be read.
        """
        ...

    def snapshot(self) -> AbstractContextManager[Tx]:
        """Open a snapshot on a connection of its own, for a long read in a thread of its own.

        Raises
        ------
        Unusable
            The database cannot be read.
        """
        ...

    async def rescue(self, at: int) -> str:
        """Keep what is stored though the data directory is gone; say where, or why not (``at``: its name)."""
        ...

    async def truncate_log(self) -> None:
        """Keep nothing in a log of what was deleted, where the engine has one of its own."""
        ...

    async def close(self) -> None:
        """Close the connections; what was handed in before is finished first."""
        ...


async def open_database(
    directory: Path, *, key: ErasureKey | None = None, url: str | None = None, fence: Fence | None = None
) -> Database:
    """Open (and create or migrate) a database: the one at ``url``, or that of a data directory.

    The caller holds the directory's lock, or on PostgreSQL the leases that ``fence`` is about.

    Raises
    ------
    StorageError
        It cannot be opened, is damaged, or was written by a newer version.
    """
    key = key or ErasureKey(directory)
    if url is None:
        return await open_sqlite(directory, key=key)
    # What only this needs is not installed everywhere.
    from storage.postgres import open_postgres  # noqa: PLC0415

    return await open_postgres(url, key=key, fence=fence)
