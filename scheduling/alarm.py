"""Waiting for a span or for a ring, whichever comes first."""

import asyncio
import math

from domain.clock import Clock


class Alarm:
    """Wakes one waiter; a ring that nobody waits for ends the next wait at once."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """End the wait under way, or the next one."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Wait for so many seconds (infinity: for ever) or for a ring."""
        sleeper = asyncio.create_task(self._sleep(seconds)) if seconds < math.inf else None
        try:
            await self._rung.wait()
            self._rung.clear()
        finally:
            if sleeper is not None:
                sleeper.cancel()

    async def _sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._rung.set()
