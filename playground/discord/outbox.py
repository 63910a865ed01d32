"""One websocket's way out: a queue and one writer, so that a slow reader never holds anybody up."""

import asyncio
from collections import deque
from collections.abc import Callable

from aiohttp import web


class Outbox:
    """Sends text frames in order from a task of its own.

    Parameters
    ----------
    abort
        Breaks the connection without a word.
    limit
        Frames that may wait; a reader that falls further behind is cut off.
    """

    def __init__(
        self, *, socket: web.WebSocketResponse, abort: Callable[[], None], limit: int = 20_000
    ) -> None:
        self._socket = socket
        self.abort = abort
        self._limit = limit
        self._waiting: deque[str] = deque()
        self._more = asyncio.Event()
        self._task = asyncio.create_task(self._write())

    def put(self, text: str) -> None:
        """Send a frame as soon as those before it are gone."""
        self._waiting.append(text)
        if len(self._waiting) > self._limit:
            self._waiting.clear()
            self.abort()
        self._more.set()

    async def _write(self) -> None:
        try:
            while not self._socket.closed:
                await self._more.wait()
                self._more.clear()
                while self._waiting:
                    await self._socket.send_str(self._waiting.popleft())
        except ConnectionError:
            # The reader went away between two frames; its own receive loop ends the same way.
            self._waiting.clear()

    async def close(self) -> None:
        """Stop writing; what waits is dropped."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
