"""Simulated time: an asyncio event loop whose clock jumps to the next timer instead of waiting for it."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

START_MS = 1_767_225_600_000
"""Unix milliseconds at which simulations begin: 1 January 2026."""


class _JumpingSelector(selectors.BaseSelector):
    """Asks the real selector without waiting, and lets the time pass that would have been waited."""

    def __init__(self) -> None:
        self._real = selectors.DefaultSelector()
        self.time = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("nothing is left that could ever happen")
        self.time += max(0.0, timeout)
        return self._real.select(0)

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self._real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._real.unregister(fileobj)

    def close(self) -> None:
        self._real.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._real.get_map()


class InlineExecutor(ThreadPoolExecutor):
    """Runs everything at once where it is asked for: simulated time has no threads."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - handed on to whoever waits
            future.set_exception(error)
        return future


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop on simulated time; everything that waits on timers waits on it."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        self.set_default_executor(InlineExecutor(1))

    def time(self) -> float:
        """Return seconds of simulated time."""
        return self._jumping.time


class SimulatedClock:
    """The product's clock on a simulated loop."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop

    def now(self) -> int:
        """Return the moment in Unix milliseconds."""
        return START_MS + int(self._loop.time() * 1000)

    def monotonic(self) -> float:
        """Return seconds on a clock that only goes forward."""
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """Wait for a span in seconds of simulated time."""
        await asyncio.sleep(seconds)


def simulate(loop: SimulatedLoop, work: Coroutine[object, object, T]) -> T:
    """Run something to its end in simulated time; what still runs then is broken off."""
    try:
        return loop.run_until_complete(work)
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
