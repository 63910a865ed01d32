"""Waiting for what nobody tells of, and how long."""

import asyncio
import time
from collections.abc import Callable

LONG = 20.0
"""Seconds within which anything that is waited for has happened; none of the tests gets near it."""
PATIENCE = 45.0
"""Seconds that a process may take to start or to end on a busy machine."""


async def until(test: Callable[[], bool], *, what: Callable[[], str], seconds: float = LONG) -> None:
    """Wait for something that nobody tells of."""
    end = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < end, f"waited {seconds} s for {what()}"
        await asyncio.sleep(0.01)
