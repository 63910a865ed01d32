"""Asking a place of files that may be silent: for a while only, whatever is done with it meanwhile."""

import asyncio
import errno
from collections.abc import Callable
from typing import TypeVar

from storage.files import Unreachable

T = TypeVar("T")

ANSWERS_WITHIN = 10.0
"""Seconds after which a place that says nothing is one that does not answer: nobody works meanwhile."""


async def answered(ask: Callable[[], T], *, within: float | None = None) -> T:
    """Ask in a thread, and return what is answered within some seconds (``ANSWERS_WITHIN``).

    Raises
    ------
    Unreachable
        Nothing is; the thread may go on.
    """
    try:
        async with asyncio.timeout(ANSWERS_WITHIN if within is None else within):
            return await asyncio.to_thread(ask)
    except TimeoutError as error:
        raise Unreachable(errno.EIO, "The place of the files does not answer in time.") from error
