"""``python -m tests.crash.killed TRACE [TOUCH]``: bot.py as it is, ended or stopped at some of its touches.

Settings come from the environment, as the bot's own do; the touches are written to ``TRACE``. With ``HURRY``
in the environment the bot's sleeps and its steady clock run so many times faster (its calendar does not):
for waits of minutes. With ``HASTE`` leases are so many times shorter, with ``ORDERS`` (a folder) whoever is about to
take the leases takes the next order from there. Requests say which process sends them.
"""

import asyncio
import os
import runpy
import sys
import time
from pathlib import Path

import aiohttp.client_reqrep
import uvloop

from domain.clock import SystemClock
from storage import leases
from storage.turns import leaseholder
from tests.crash.orders import Orders
from tests.crash.touches import Order, Touches
from tests.crash.watching import watch

KILLED = Path(__file__)
BOT = KILLED.parents[2] / "bot.py"
ITS_TURN = "before taking the leases"
AT_LAST = 900
"""Touches: some one and a half times what the members' wishes take."""


def hurry(factor: float) -> None:
    """Let spans pass faster by the clock that everything has; what it says of the calendar is true."""

    def monotonic(_: SystemClock) -> float:
        return time.monotonic() * factor

    async def sleep(_: SystemClock, seconds: float) -> None:
        await asyncio.sleep(seconds / factor)

    SystemClock.monotonic, SystemClock.sleep = monotonic, sleep


def hasten(factor: float) -> None:
    """Make everything that a lease lasts, or leaves time for, shorter."""
    for module in (leases, leaseholder):
        for name in ("LENGTH", "RENEW_EVERY", "FOR_A_POST"):
            if hasattr(module, name):
                setattr(module, name, getattr(module, name) / factor)


def live(trace: Path, order: Order | None) -> None:
    """Run the bot in this process until it ends."""
    handle = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    watch(touches(handle, order), folder=Path(os.environ["DATA_DIR"]))
    if factor := os.environ.get("HURRY"):
        hurry(float(factor))
    if haste := os.environ.get("HASTE"):
        hasten(float(haste))
    aiohttp.client_reqrep.SERVER_SOFTWARE = str(os.getpid())
    # What is watched is asyncio's own transport, written in Python.
    uvloop.run = asyncio.run
    sys.argv = [str(BOT)]
    runpy.run_path(str(BOT), run_name="__main__")


def touches(trace: int, order: Order | None) -> Touches:
    """Return what counts them: for one order, or for those that are in a folder."""
    if folder := os.environ.get("ORDERS"):
        return Touches(trace=trace, take=Orders(Path(folder)).take, begins=ITS_TURN, at_last=AT_LAST)
    return Touches(trace=trace, take=lambda: order)


if __name__ == "__main__":
    live(Path(sys.argv[1]), Order.read(sys.argv[2]) if sys.argv[2:] else None)
