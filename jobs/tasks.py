"""Independent work in the background: one job's trouble never touches another's."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from domain.clock import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0
"""Seconds between tries of work that must succeed in the end."""


class Tasks:
    """Runs coroutines, keeps hold of them, and logs what escapes them.

    ``spawn`` starts what may be broken off at any await; ``shielded`` does what must come to its end before
    the bot stops, like storing the answer to a paid request.
    """

    def __init__(self) -> None:
        self._closed = False
        self._free: set[asyncio.Task[None]] = set()
        self._shielded: set[asyncio.Task[Any]] = set()

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Start work that may be broken off."""
        if self._closed:
            # The bot stops: rows say where the next start goes on.
            work.close()
            return
        task = asyncio.create_task(work, name=name)
        self._free.add(task)
        task.add_done_callback(self._free.discard)
        task.add_done_callback(_report)

    async def shielded(self, name: str, work: Coroutine[Any, Any, T]) -> T:
        """Do work that ``close`` waits for, even when whoever asked for it is broken off."""
        if self._closed:
            work.close()
            raise asyncio.CancelledError
        task = asyncio.create_task(work, name=name)
        self._shielded.add(task)
        task.add_done_callback(self._shielded.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            # Nobody is left who would hear of its failure.
            task.add_done_callback(_report)
            raise

    async def close(self, *, patience: float) -> None:
        """Break off what may be, and wait up to ``patience`` seconds for what must end.

        Nothing is started any more.
        """
        self._closed = True
        for task in self._free:
            task.cancel()
        if self._free:
            await asyncio.wait(set(self._free))
        if self._shielded:
            await asyncio.wait(set(self._shielded), timeout=patience)
        for task in self._shielded:
            log.warning("%s did not end in time.", task.get_name())
            task.cancel()


async def stubbornly(name: str, work: Callable[[], Awaitable[T]], *, clock: Clock) -> T:
    """Do work that may be repeated until it succeeds: a full disk or a surprise must not strand a job."""
    pause = FIRST_PAUSE
    while True:
        try:
            return await work()
        except Exception:
            log.exception("%s failed; again in %.0f s.", name, pause)
        await clock.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def _report(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s failed.", task.get_name(), exc_info=error)
