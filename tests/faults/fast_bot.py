"""``python -m tests.faults.fast_bot``: bot.py as it is, except that it waits a thirtieth as long.

Its steady clock and its sleeps run thirty times faster, its calendar does not, but may be wrong by as much as
a file says; what it waits for of the provider is cut to a second or two, and discord.py identifies anew without its five seconds. All else, down
to exit status and log, is the bot's own.
"""

import asyncio
import os
import runpy
import sys
import time
from pathlib import Path

import discord

import jobs.ages
import jobs.asking.doubts
import jobs.asking.fetcher
import jobs.submitter
import storage.sqlite
from domain.clock import SystemClock
from domain.job import Job
from pixeldojo.client import PixelDojo

BOT = Path(__file__).parents[2] / "bot.py"
FACTOR = 30
SUBMIT_SECONDS, ASK_SECONDS, FETCH_SECONDS = 3.0, 1.0, 2.0
"""Instead of 90 for a submission, 15 for a question and 120 for a file."""
PATIENCE, LEAST_PATIENCE, DENIED = 60.0, 20.0, 60.0
"""Seconds of the faster clock instead of 600: for an unreachable provider, a file, and a denial."""
IN_FULL = "PATIENT_BOT"
"""The environment's word for a bot that waits for files and denials as long as bot.py does."""
WRONG_BY = "CLOCK_WRONG_BY"
"""The environment's word for a file with the seconds by which the bot's calendar is wrong just now."""
LOCK_WAIT = 400
"""Milliseconds instead of 2,000: on a busy machine the rest of Discord's three seconds would be too short."""


def age_by_row(self: jobs.ages.Ages, job: Job) -> int:
    """Tell ages as the rows have them: tests make jobs older behind the bot's back."""
    return self._by_wall(job)


def wrong_now(_: SystemClock) -> int:
    """Tell the calendar's moment, unless that is to be wrong."""
    wrong = os.environ.get(WRONG_BY)
    return time.time_ns() // 1_000_000 + (round(float(Path(wrong).read_text()) * 1000) if wrong else 0)


def fast_monotonic(_: SystemClock) -> float:
    return time.monotonic() * FACTOR


async def short_sleep(_: SystemClock, seconds: float) -> None:
    await asyncio.sleep(seconds / FACTOR)


async def identify_at_once(_client: discord.Client, _shard_id: int | None, *, initial: bool = False) -> None:
    """Do without the pause that discord.py makes before it identifies once more."""
    del initial


def main() -> None:
    """Run the bot in this process until it ends."""
    defaults = PixelDojo.__init__.__kwdefaults__
    assert {"submit_timeout", "ask_timeout"} <= defaults.keys()
    defaults |= {"submit_timeout": SUBMIT_SECONDS, "ask_timeout": ASK_SECONDS}
    assert jobs.asking.fetcher.FETCH_SECONDS > FETCH_SECONDS
    jobs.asking.fetcher.FETCH_SECONDS = FETCH_SECONDS
    if IN_FULL not in os.environ:
        jobs.asking.fetcher.LEAST_PATIENCE = LEAST_PATIENCE
        jobs.submitter.PATIENCE = PATIENCE
        jobs.asking.doubts.LONG_ENOUGH = DENIED
    if WRONG_BY not in os.environ:
        jobs.ages.Ages.of = age_by_row  # type: ignore[method-assign]
    assert storage.sqlite.LOCK_WAIT > LOCK_WAIT
    storage.sqlite.LOCK_WAIT = LOCK_WAIT
    # Its methods: the class may have been imported already.
    SystemClock.now, SystemClock.monotonic, SystemClock.sleep = wrong_now, fast_monotonic, short_sleep  # type: ignore[method-assign]
    discord.Client.before_identify_hook = identify_at_once
    discord.AutoShardedClient.before_identify_hook = identify_at_once
    sys.argv = [str(BOT), *sys.argv[1:]]
    runpy.run_path(str(BOT), run_name="__main__")


if __name__ == "__main__":
    main()
