"""Running: from the settings to the exit status."""

import asyncio
import logging
import signal
from functools import partial

import discord
from discord.http import Route

from adapters.duty import Duty
from adapters.login import login_held_off
from assembly.distance import warn_of_distance
from assembly.endings import UNAVAILABLE
from assembly.keeping import look_at_files
from assembly.listening import listening
from assembly.outside import Lease, is_lost
from assembly.product import leave, opened
from assembly.provider_key import look_at_key, tell_of_another_key
from assembly.threads import LeavingThreads
from config.environment import env_file, readable_by_others
from config.settings import Settings
from domain.clock import Clock, SystemClock
from storage.engines.lock import locked_directory
from storage.engines.watch import removed

log = logging.getLogger("darkroom")

LOGIN_PATIENCE = 5.0
"""Seconds that a login under way may take to end once the bot is closed."""
AT_THE_STORE = 64
"""Threads in which files that are not on a disk of our own are waited for."""


async def run(settings: Settings) -> int:
    """Run the bot until it is told to stop; return the exit status."""
    log.info("Darkroom starts: its data is in %s.", settings.data_dir)
    _warn(settings)
    Route.BASE = settings.discord_api_url
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if settings.files_url is not None:
        # What waits for a slow store must keep neither everything else that waits for a thread nor a stop.
        asyncio.get_running_loop().set_default_executor(LeavingThreads(AT_THE_STORE))
    duty = Duty()
    async with listening(settings, duty):
        if settings.database_url is not None:
            # Its driver is there only where it is asked for.
            from assembly.turns import take_turns  # noqa: PLC0415

            pause = await take_turns(settings, settings.database_url, duty=duty, stop=stop, work=work)
            # Without the lease: whoever waits may have an address from which Discord can be asked.
            return await _stay_away(pause, stop)
        with locked_directory(settings.data_dir):
            pause = await work(settings, SystemClock(), duty=duty, stop=stop, lease=None)
            return await _stay_away(pause, stop)


async def _stay_away(seconds: int, stop: asyncio.Event) -> int:
    """Wait as long as Discord wants to be left alone, and return the exit status."""
    if not seconds:
        return 0
    await asyncio.wait({asyncio.create_task(stop.wait(), name="stop")}, timeout=seconds)
    return 0 if stop.is_set() else UNAVAILABLE


async def work(
    settings: Settings, clock: Clock, *, duty: Duty, stop: asyncio.Event, lease: Lease | None
) -> int:
    """Connect to Discord and work until it is time to stop; return ``login_held_off``."""
    async with (
        opened(settings, clock, lease=lease) as bot,
        duty.at_work(
            poked=bot.product.poke,
            connected=lambda: bot.product.engine.open and bot.is_ready(),
            ends=lambda: stop.is_set() or is_lost(lease),
        ),
    ):
        if lease is not None:
            loop = asyncio.get_running_loop()
            submitter = bot.product.parts.submitter
            lease.before_the_end(
                owed=lambda: submitter.owes, leave=lambda: loop.call_soon_threadsafe(stop.set)
            )
            bot.product.parts.tasks.spawn(
                "the way to the database", warn_of_distance(bot.product.parts.database)
            )
        product = bot.product
        tell = partial(tell_of_another_key, settings, product.parts.database, product.services.operator)
        bot.add_listener(tell, "on_ready")
        product.parts.tasks.spawn("a look at the key", look_at_key(product.parts))
        product.parts.tasks.spawn("a look at the files", look_at_files(product.parts.files))
        connected = asyncio.create_task(bot.start(settings.discord_token), name="discord")
        stopped = asyncio.create_task(stop.wait(), name="stop")
        gone = asyncio.create_task(_taken_away(settings, clock), name="watch")
        await asyncio.wait({connected, stopped, gone}, return_when=asyncio.FIRST_COMPLETED)
        duty.stops()
        if gone.done():
            await leave(bot, gone.result())
        for each in (stopped, gone):
            each.cancel()
        log.info("Stopping: open jobs go on at the next start.")
        if lease is not None and not lease.may_send():
            # Another process may hear members by now, and answer them.
            await bot.close()
        await bot.product.engine.close()
        await bot.close()
        await asyncio.wait({connected}, timeout=LOGIN_PATIENCE)
        return await login_held_off(bot, connected, asked_to_stop=stop.is_set())


async def _taken_away(settings: Settings, clock: Clock) -> str:
    """Wait until a file that all depends on is taken away; return its name."""
    if settings.database_url is not None:
        await asyncio.Event().wait()
    return await removed(settings.data_dir, clock=clock)


def _warn(settings: Settings) -> None:
    """Say what an operator would rather know before somebody else does."""
    if settings.allowed_guilds is None:
        log.warning("ALLOWED_GUILDS is any: every server that invites this bot spends this key.")
    for sentence in settings.misspelt:
        log.warning("In the environment: %s", sentence)
    if (dotenv := env_file()) and readable_by_others(dotenv):
        log.warning("%s can be read by others on this machine: chmod 600 it.", dotenv)
    if settings.listens_openly:
        log.warning(
            "WEBHOOK_LISTEN can be reached from other machines, and PIXELDOJO_WEBHOOK_URL is not https: put a"
            " reverse proxy before it (docs/deploy.md), or what is sent there can be read on its way."
        )
