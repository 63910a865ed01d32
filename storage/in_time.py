"""Transactions for whoever waits for an answer: kept in time, or not at all."""

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Concatenate, Generic, ParamSpec, TypeVar

from storage.database import Database
from storage.errors import Late
from storage.tx import Tx

P = ParamSpec("P")
T = TypeVar("T")

IN_TIME = 2.0
"""Seconds from the call: Discord wants an answer in three."""
SINCE_ASKED = 2.5
"""Seconds from when a member asked, whatever was waited for before the call."""
LATE = "The database cannot be used just now: it did not answer in time."


def in_time(asked: float | None) -> float:
    """Return until when something may be kept that is begun now, in seconds of ``time.monotonic``.

    ``asked`` is when a member asked for it; ``None`` where nobody waits for an answer.
    """
    until = time.monotonic() + IN_TIME
    return until if asked is None else min(until, asked + SINCE_ASKED)


async def run_in_time(
    database: Database,
    until: float,
    fn: Callable[Concatenate[Tx, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Run ``fn(tx, …)`` as ``Database.run`` does, but give it up where its COMMIT is not sent in time.

    ``until`` is as ``in_time`` returns it. What holds it up may be a lock, a disk, a network, or others in
    line before it. Once COMMIT was sent, what becomes of it is waited for.

    Raises
    ------
    Late
        Not in time; nothing of the transaction is kept, or will be.
    Unusable
        The database cannot be used; the same.
    RuleBroken
        A rule of the schema refused a statement.
    """
    work = _InTime(partial(_with, fn, args, kwargs), until=until)
    running = asyncio.ensure_future(database.run(work))
    # It comes to its end, and nobody may be there any more to hear how.
    running.add_done_callback(_heard)
    done, _ = await asyncio.wait({running}, timeout=max(0.0, until - time.monotonic()))
    if not done and work.give_up():
        raise Late(LATE)
    return await running


class _InTime(Generic[T]):
    """A transaction of which two threads decide once whether it is kept."""

    def __init__(self, work: Callable[[Tx], T], *, until: float) -> None:
        self._work = work
        self._until = until
        self._lock = threading.Lock()
        self._kept = self._given_up = False

    def __call__(self, tx: Tx) -> T:
        # It may be begun anew: until then nothing of it was kept.
        self._go_on(kept=False)
        result = self._work(tx)
        self._go_on(kept=True)
        return result

    def give_up(self) -> bool:
        """Keep nothing of it; ``False`` if its COMMIT may have been sent."""
        with self._lock:
            self._given_up = not self._kept
            return self._given_up

    def _go_on(self, *, kept: bool) -> None:
        with self._lock:
            self._kept = False
            if self._given_up or time.monotonic() > self._until:
                raise Late(LATE)
            self._kept = kept


def _with(fn: Callable[..., T], args: tuple[object, ...], kwargs: dict[str, object], tx: Tx) -> T:
    return fn(tx, *args, **kwargs)


def _heard(running: asyncio.Future[T]) -> None:
    if not running.cancelled():
        running.exception()
