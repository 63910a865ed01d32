"""Threads in which stores are waited for: one that hangs keeps no process from ending."""

from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

TO_END = 2.0
"""Seconds that what is under way may take when the process ends."""


class LeavingThreads(ThreadPoolExecutor):
    """An executor that is left while its threads hang: the standard one keeps a process until they do not."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._most = most
        self._started = 0
        self._free = Semaphore(0)
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._under_way = set[Future[Any]]()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have something done in a thread."""
        future: Future[T] = Future()

        def attempt() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    result = fn(*args, **kwargs)
                except BaseException as error:  # noqa: BLE001 - handed on to whoever waits
                    future.set_exception(error)
                else:
                    future.set_result(result)

        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        self._asked.put(attempt)
        if not self._free.acquire(blocking=False) and self._started < self._most:
            self._started += 1
            Thread(target=self._work, name=f"store {self._started}", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT - its own
        """Wait for what is under way, but not for what hangs."""
        if wait:
            futures.wait(self._under_way.copy(), TO_END)

    def _work(self) -> None:
        while True:
            self._asked.get()()
            self._free.release()
