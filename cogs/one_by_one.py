"""Keeping the events of a message in order."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class OneByOne:
    """Deals with the events of a message one by one: they may follow each other faster than they are done."""

    def __init__(self) -> None:
        self._locks: dict[int, asyncio.Lock] = {}
        self._waiting: Counter[int] = Counter()

    @asynccontextmanager
    async def __call__(self, message_id: int) -> AsyncGenerator[None]:
        """Wait until all earlier events of a message have been dealt with."""
        lock = self._locks.setdefault(message_id, asyncio.Lock())
        self._waiting[message_id] += 1
        try:
            async with lock:
                yield
        finally:
            self._waiting[message_id] -= 1
            if not self._waiting[message_id]:
                del self._waiting[message_id], self._locks[message_id]
