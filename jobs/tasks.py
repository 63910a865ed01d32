"""Independent work in the background: one job's trouble never touches another's."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from domain.clock import Clock
from domain.errors import OutOfReach

log = logging.getLogger(__name__)

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 600.0
"""Seconds between tries of work that must succeed in the end."""
LONGEST_FOR_STORAGE = 60.0
"""Seconds at most where a disk or a server of ours is in trouble: asking is free, and members wait for it."""


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


class Pauses:
    """Pauses between tries, twice as long after each failure; what went well meanwhile begins them anew."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._pause = FIRST_PAUSE
        self._since = clock.monotonic()

    async def failed(self, name: str, error: Exception) -> None:
        """Log what ended a try, and wait.

        A try that took longer than the pause before it had gone well until then.
        """
        if self._clock.monotonic() - self._since > self._pause:
            self._pause = FIRST_PAUSE
        longest = LONGEST_FOR_STORAGE if isinstance(error, OSError | OutOfReach) else LONGEST_PAUSE
        pause = min(self._pause, longest)
        log.error("%s failed; again in %.0f s.", name, pause, exc_info=error)
        await self._clock.sleep(pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        self._since = self._clock.monotonic()


async def stubbornly(name: str, work: Callable[[], Awaitable[T]], *, clock: Clock) -> T:
    """Do work that may be repeated until it succeeds: a full disk or a surprise must not strand a job."""
    pauses = Pauses(clock=clock)
    while True:
        try:
            return await work()
        except Exception as error:  # noqa: BLE001 - it is logged with the pause
            await pauses.failed(name, error)


def _report(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("%s failed.", task.get_name(), exc_info=error)
