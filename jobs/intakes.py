"""Who may take in sources now: three jobs of a member at a time; more wait, and each may be called off."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

OPEN_PER_MEMBER = 3
"""Jobs of one member whose sources are fetched and looked at side by side."""


class Intakes:
    """Work that is done before payment, so that a member may have little of it at a time."""

    def __init__(self) -> None:
        self._places: dict[int, asyncio.Semaphore] = {}
        self._waiting: Counter[int] = Counter()
        self._open: dict[str, asyncio.Task[object]] = {}

    async def run(self, job_id: str, member_id: int, work: Callable[[], Awaitable[T]]) -> T | None:
        """Do a job's work when its member has a place; ``None`` if it was called off."""
        task = asyncio.ensure_future(self._in_place(member_id, work))
        self._open[job_id] = task
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            # The bot stops: nothing of it may go on behind.
            task.cancel()
            await asyncio.wait({task})
            raise
        finally:
            called_off = self._open.pop(job_id, None) is None
        return None if called_off and task.cancelled() else task.result()

    def call_off(self, job_id: str) -> None:
        """End a job's work, or its waiting, because nobody wants it any more."""
        task = self._open.pop(job_id, None)
        if task is not None:
            task.cancel()

    def settle(self, job_id: str) -> None:
        """Take note that a job's work is to come to its end: it cannot be called off any more."""
        self._open.pop(job_id, None)

    async def _in_place(self, member_id: int, work: Callable[[], Awaitable[T]]) -> T:
        places = self._places.setdefault(member_id, asyncio.Semaphore(OPEN_PER_MEMBER))
        self._waiting[member_id] += 1
        try:
            async with places:
                return await work()
        finally:
            self._waiting[member_id] -= 1
            if not self._waiting[member_id]:
                del self._waiting[member_id], self._places[member_id]
