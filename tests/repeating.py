"""``pytest --repeat-transactions``: each writing transaction is run, taken back and run again.

PostgreSQL asks for that whenever others were in the way, which seldom happens in a test. What a transaction
function does outside its transaction is then done twice, and a test that looks there fails. So does, for
nothing, one that has a transaction change the connection itself (a PRAGMA), or that counts seconds of many.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from psycopg import errors

from storage.engines.fence import Fence
from storage.engines.postgres_session import WRITING, Session
from storage.engines.postgres_tx import PostgresTx
from storage.sqlite import _Connection, _ReadOnly
from storage.tx import Tx

T = TypeVar("T")

ASKED = "DARKROOM_REPEAT_TRANSACTIONS"
"""By this name of the environment a bot that a test starts hears of it."""

on_sqlite, on_postgres = _Connection.run, Session.run


def repeat_transactions(patch: Callable[[Any, str, Any], object] = setattr) -> None:
    """Have everything that this process opens from now on do so, on either engine."""
    patch(_Connection, "run", _run_on_sqlite)
    patch(Session, "run", _run_on_postgres)


async def _run_on_sqlite(self: _Connection, fn: Callable[..., T], /, *args: object, **kwargs: object) -> T:
    def twice(tx: Tx, *args: object, **kwargs: object) -> T:
        if not isinstance(self, _ReadOnly):
            fn(tx, *args, **kwargs)
            tx.execute("ROLLBACK")
            tx.execute(self.begin)
        return fn(tx, *args, **kwargs)

    return await on_sqlite(self, twice, *args, **kwargs)


def _run_on_postgres(
    self: Session, work: Callable[[PostgresTx], T], *, asked_at: float, fence: Fence | None = None
) -> T:
    begun = False

    def again(tx: PostgresTx) -> T:
        nonlocal begun
        result = work(tx)
        if not begun and self._begin == WRITING:
            begun = True
            raise errors.SerializationFailure("others were in the way, a test says")
        return result

    return on_postgres(self, again, asked_at=asked_at, fence=fence)
