"""``python -m tests.crash.killed TRACE [TOUCH]``: bot.py as it is, ended by SIGKILL at one of its touches.

Settings come from the environment, as the bot's own do; the touches are written to ``TRACE``. With ``HURRY``
in the environment the bot's sleeps and its steady clock run so many times faster (its calendar does not):
for waits of minutes.
"""

import asyncio
import os
import runpy
import sys
import time
from pathlib import Path

import uvloop

import domain.clock
from tests.crash.touches import Order, Touches
from tests.crash.watching import watch

KILLED = Path(__file__)
BOT = KILLED.parents[2] / "bot.py"


def hurried(factor: float) -> type[domain.clock.SystemClock]:
    """Return a clock whose spans pass faster; what it says of the calendar is true."""

    class FastClock(domain.clock.SystemClock):
        def monotonic(self) -> float:
            return time.monotonic() * factor

        async def sleep(self, seconds: float) -> None:
            await asyncio.sleep(seconds / factor)

    return FastClock


def live(trace: Path, order: Order | None) -> None:
    """Run the bot in this process until it ends."""
    handle = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    folder = Path(os.environ["DATA_DIR"])
    watch(Touches(trace=handle, order=order), folder=folder)
    if hurry := os.environ.get("HURRY"):
        domain.clock.SystemClock = hurried(float(hurry))
    # What is watched is asyncio's own transport, written in Python.
    uvloop.run = asyncio.run
    sys.argv = [str(BOT)]
    runpy.run_path(str(BOT), run_name="__main__")


if __name__ == "__main__":
    live(Path(sys.argv[1]), Order.read(sys.argv[2]) if len(sys.argv) > 2 else None)
