"""Waking: what is done first in a process that was stopped, before it goes on where it stood."""

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def woken(look: Callable[[], object]) -> Generator[None]:
    """Have ``look`` called whenever this process goes on after SIGSTOP, until the end of the block.

    It runs between two steps of the program in the main thread, which is to be the caller's: anything that
    was about to be done there comes after it.
    """

    def wake(_number: int, _frame: FrameType | None) -> None:
        look()

    before = signal.signal(signal.SIGCONT, wake)
    try:
        yield
    finally:
        signal.signal(signal.SIGCONT, before)
