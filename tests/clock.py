"""Clocks for tests: time moves when the test says so, never by itself."""

import asyncio
import heapq
import itertools
from collections.abc import Iterator
from contextlib import contextmanager

START = 1_789_819_200_000
"""Saturday, 19 September 2026, 12:00 UTC, in Unix milliseconds."""
TURNS = 20
"""FairQueue of the event loop that whoever was woken gets before time moves on."""


class FakeClock:
    """Time stands still until ``advance``; who sleeps is woken in order, each at its own moment."""

    def __init__(self, *, start: int = START) -> None:
        self._start = start
        self._seconds = 0.0
        self._shift = 0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self.slept: list[float] = []

    def now(self) -> int:
        return self._start + self._shift + round(self._seconds * 1000)

    def monotonic(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._seconds + max(0.0, seconds), next(self._order), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let time pass, waking sleepers on the way."""
        end = self._seconds + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self._seconds, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                future.set_result(None)
            await self._settle()
        self._seconds = end
        await self._settle()

    def jump(self, milliseconds: int) -> None:
        """Set the wall clock forward or back; nobody who sleeps notices."""
        self._shift += milliseconds

    @staticmethod
    async def _settle() -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)


class HastyClock(FakeClock):
    """Whoever sleeps wakes at once, and time has passed: for work that waits in one place at a time."""

    def __init__(self, *, start: int = START) -> None:
        super().__init__(start=start)
        self._moves = asyncio.Event()
        self._moves.set()
        self._stands_at: int | None = None

    @contextmanager
    def standing(self, *, after: int = 0) -> Iterator[None]:
        """Let time stand still after so many more sleeps, until the test has done what it does meanwhile.

        Hours pass within one real second otherwise, and a busy machine would decide what has run out.
        """
        self._stands_at = len(self.slept) + after
        try:
            yield
        finally:
            self._stands_at = None
            self._moves.set()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self._stands_at is not None and len(self.slept) > self._stands_at:
            self._moves.clear()
        await self._moves.wait()
        self._seconds += max(0.0, seconds)
        await asyncio.sleep(0)
