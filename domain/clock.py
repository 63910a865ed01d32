"""Time, passed in: nothing below ``tests/e2e`` waits for the real one."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What the product asks of time.

    Moments that are stored or shown are Unix milliseconds (``now``); spans that are waited for are
    seconds on a clock that never jumps (``monotonic``, ``sleep``).
    """

    def now(self) -> int:
        """Return the moment in Unix milliseconds."""
        ...

    def monotonic(self) -> float:
        """Return seconds on a clock that only goes forward."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for a span in seconds."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> int:
        """Return the moment in Unix milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Return seconds on a clock that only goes forward."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for a span in seconds."""
        await asyncio.sleep(seconds)
