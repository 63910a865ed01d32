"""``python -m benchmarks.watched_bot``: bot.py as it is, with an eye on how long its event loop stands still.

A task in the bot's own loop sleeps five milliseconds at a time. Whenever it wakes more than ten too late, the
file that ``STALLS`` names gets a line: Unix seconds at which it woke, and the seconds that it was late.
"""

import asyncio
import os
import runpy
import sys
import time
from pathlib import Path
from typing import TextIO

from discord.ext import commands

BOT = Path(__file__).parents[1] / "bot.py"
EVERY, NOTED = 0.005, 0.010
"""Seconds between looks, and from which on a delay is written down."""


async def watch(file: TextIO) -> None:
    """Write down how late this task is woken, for ever."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + EVERY
        await asyncio.sleep(EVERY)
        late = loop.time() - due
        if late > NOTED:
            file.write(f"{time.time():.3f} {late:.4f}\n")


def main() -> None:
    """Run the bot in this process until it ends."""
    login = commands.AutoShardedBot.login
    watching: set[asyncio.Task[None]] = set()
    with Path(os.environ["STALLS"]).open("w", buffering=1, encoding="ascii") as file:

        async def watched_login(self: commands.AutoShardedBot, token: str) -> None:
            watching.add(asyncio.create_task(watch(file)))
            await login(self, token)

        commands.AutoShardedBot.login = watched_login
        sys.argv = [str(BOT), *sys.argv[1:]]
        runpy.run_path(str(BOT), run_name="__main__")


if __name__ == "__main__":
    main()
