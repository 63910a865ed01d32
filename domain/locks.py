"""One at a time for each of many things: a job's card, the events of a message."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Hashable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class KeyedLocks(Generic[K]):
    """A lock for each key, as long as somebody holds it or waits for it; who came first goes first."""

    def __init__(self) -> None:
        self._locks: dict[K, asyncio.Lock] = {}
        self._waiting: Counter[K] = Counter()

    def __contains__(self, key: K) -> bool:
        """Tell whether somebody holds a key's lock or waits for it."""
        return key in self._locks

    @asynccontextmanager
    async def __call__(self, key: K) -> AsyncGenerator[None]:
        """Wait until all who came earlier with this key are done."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        self._waiting[key] += 1
        try:
            async with lock:
                yield
        finally:
            self._waiting[key] -= 1
            if not self._waiting[key]:
                del self._waiting[key], self._locks[key]
