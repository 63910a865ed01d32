"""A thread with a queue of its own: what is handed in is done in its order, whatever becomes of who asked."""

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")


class Worker:
    """Does one thing after the other in its thread.

    An executor would drop what still waits when its caller is cancelled, and what waits when it is shut down.
    """

    def __init__(self, name: str) -> None:
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def do(self, work: Callable[[], T]) -> T:
        """Do something and return what it returns, or raise what it raises.

        Raises
        ------
        ValueError
            The worker is closed.
        """
        if self._closed:
            raise ValueError("The database is closed.")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def attempt() -> None:
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 - raised where it was asked for
                tell(_fail, answer, error)
            else:
                tell(_succeed, answer, result)

        def tell(how: Callable[..., None], *values: object) -> None:
            # The loop may have ended meanwhile: then nobody waits for an answer.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(how, *values)

        self._queue.put(attempt)
        return await answer

    async def close(self) -> None:
        """Finish what was handed in, and end."""
        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            work()


def _succeed(answer: asyncio.Future[T], result: T) -> None:
    if not answer.done():
        answer.set_result(result)


def _fail(answer: asyncio.Future[T], error: BaseException) -> None:
    if not answer.done():
        answer.set_exception(error)
    else:
        log.warning("What nobody waited for any more failed: %s", error)
