"""Darkroom: opens everything, wires it, starts and stops it. See ``python bot.py --help``."""

import argparse
import asyncio
import gc
import logging
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import discord
import uvloop
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from accounts.allowances import Ceilings
from accounts.maintenance import maintain
from cogs.access import Access
from cogs.breaker import Breaker
from cogs.card_actions import DiscordCardActions
from cogs.commands import CommandRegister
from cogs.delivery import DiscordStage
from cogs.operator import DiscordOperator
from cogs.sources import images_of
from config import Settings, SettingsError, load_settings, read_environment, set_up_logging
from domain.clock import Clock, SystemClock
from domain.job import Job
from domain.limits import MAX_SOURCE_BYTES
from domain.request import NewSource
from jobs.archive import Archive
from jobs.desk import Desk
from jobs.engine import Engine
from jobs.files import Files
from jobs.groups import learned_durations
from jobs.ladder import Ladder
from jobs.model_health import ModelHealth
from jobs.models import Models
from jobs.pace import Pace
from jobs.packer import Packer
from jobs.pictures.work import PictureWork
from jobs.retention import Retention
from jobs.scheduling.durations import Durations
from jobs.scheduling.observer import limit_observer
from jobs.scheduling.scheduler import Call, Permit, Scheduler
from jobs.tasks import Tasks, stubbornly
from jobs.tools import Tools
from jobs.webhook import WebhookListener
from pixeldojo.client import PixelDojo
from pixeldojo.download import Fetched, download
from pixeldojo.sessions import Sessions
from pixeldojo.urls import UrlRule
from storage.database import Database, open_database
from storage.errors import StorageError
from storage.lock import locked_directory
from ui.boundary import SafeTree
from ui.buttons import CARD_BUTTONS

log = logging.getLogger("darkroom")

CONFIGURATION = 78
"""Exit status for settings that are missing or wrong (``EX_CONFIG`` of sysexits.h)."""
UNAVAILABLE = 69
"""Exit status while Discord cannot be reached (``EX_UNAVAILABLE``): worth another start in a while."""
COGS = (
    "cogs.edit",
    "cogs.reactions",
    "cogs.jobs",
    "cogs.credits",
    "cogs.allowance",
    "cogs.usage",
    "cogs.notices",
)
SOURCE_SECONDS = 60.0


class DarkroomBot(commands.AutoShardedBot):
    """The Discord side; its attributes are what the cogs use."""

    def __init__(self, *, settings: Settings, clock: Clock, database: Database) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=SafeTree,
            intents=discord.Intents(guilds=True, guild_reactions=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            guild_ready_timeout=0.05,
            http_trace=Breaker(clock=clock).trace(),
        )
        self.settings = settings
        self.clock = clock
        self.database = database
        self.ceilings = Ceilings(member=settings.member_ceiling, server=settings.server_ceiling)
        self.stage = DiscordStage(bot=self)
        self.operator = DiscordOperator(bot=self, clock=clock)
        self.actions = DiscordCardActions(bot=self)
        self.access = Access(bot=self, clock=clock)
        self.command_ids: dict[str, int] = {}
        self.models: Models
        self.engine: Engine
        self.desk: Desk
        self.archive: Archive
        self.packer: Packer
        self.begin: Callable[[], Awaitable[None]]

    async def setup_hook(self) -> None:
        """Load the commands, tell Discord of them if they changed, and take up open jobs."""
        for button in CARD_BUTTONS:
            self.add_dynamic_items(button)
        for cog in COGS:
            await self.load_extension(cog)
        self.command_ids = await CommandRegister(bot=self).publish()
        # discord.py asks for the gateway once and forgets: after some reconnects it would go to its default.
        gateway = await self.http.request(Route("GET", "/gateway/bot"))
        DiscordWebSocket.DEFAULT_GATEWAY = URL(gateway["url"])
        await self.begin()
        # All that was loaded by now stays: no collection of garbage need walk it again.
        gc.collect()
        gc.freeze()

    async def on_ready(self) -> None:
        """Say that the bot is there."""
        log.info("Ready as %s in %d servers.", self.user, len(self.guilds))

    def again_model(self, job: Job) -> str | None:
        """Return the model for doing a job again: its own while it is on offer, else the default."""
        return job.model if job.model in self.models.offered(job.kind) else None

    def images_of(self, message: discord.Message) -> list[NewSource]:
        """Return the images of a message that lie on Discord's CDN."""
        return images_of(message, from_cdn=self.desk.is_from_cdn, is_card=message.author == self.user)


def build_tools(
    *, bot: DarkroomBot, settings: Settings, sessions: Sessions, scheduler: Scheduler, tasks: Tasks
) -> Tools:
    """Make what the workers share."""
    client = PixelDojo(
        session=sessions.provider,
        downloads=sessions.downloads,
        api_url=settings.pixeldojo_api_url,
        key=settings.pixeldojo_api_key,
        observe=limit_observer(scheduler),
    )
    cdn = UrlRule.only(settings.discord_cdn_urls)

    async def fetch_source(url: str, path: Path) -> Fetched:
        return await download(
            sessions.downloads, url, path, allow=cdn, max_bytes=MAX_SOURCE_BYTES, seconds=SOURCE_SECONDS
        )

    async def permit() -> Permit:
        return await scheduler.permit(Call.CATALOGUE)

    return Tools(
        database=bot.database,
        clock=bot.clock,
        client=client,
        models=Models(
            client=client,
            edit_models=settings.edit_models,
            generate_models=settings.generate_models,
            permit=permit,
            health=ModelHealth(database=bot.database, clock=bot.clock),
            clock=bot.clock,
        ),
        files=Files(settings.data_dir),
        pictures=PictureWork(),
        stage=bot.stage,
        operator=bot.operator,
        ladder=Ladder(stage=bot.stage, database=bot.database, clock=bot.clock),
        scheduler=scheduler,
        tasks=tasks,
        pace=Pace(clock=bot.clock),
        fetch_source=fetch_source,
        webhook_url=settings.webhook_url,
    )


@asynccontextmanager
async def opened(settings: Settings, clock: Clock) -> AsyncGenerator[DarkroomBot]:
    """Open everything in order, and close it in the opposite one.

    Raises
    ------
    StorageError
        The data directory is in use, damaged, from a newer version or cannot be written.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(locked_directory(settings.data_dir))
        database = await open_database(settings.data_dir)
        stack.push_async_callback(database.close)
        trusted = (*settings.discord_cdn_urls, settings.pixeldojo_api_url)
        sessions = Sessions(trusted_origins=trusted)
        stack.push_async_callback(sessions.close)
        bot = DarkroomBot(settings=settings, clock=clock, database=database)
        # Entered, not only closed at the end: discord.py's close() fails on a client that never was set up.
        await stack.enter_async_context(bot)
        tasks = Tasks()
        durations = await learned_durations(database)
        scheduler = make_scheduler(settings, clock, durations)
        tools = build_tools(bot=bot, settings=settings, sessions=sessions, scheduler=scheduler, tasks=tasks)
        await asyncio.to_thread(tools.files.prepare)
        stack.push_async_callback(tools.pictures.close)
        wire(bot, settings, tools, durations)
        stack.push_async_callback(bot.engine.close)
        yield bot


def make_scheduler(settings: Settings, clock: Clock, durations: Durations) -> Scheduler:
    """Make the scheduler."""
    return Scheduler(
        clock=clock,
        requests_per_minute=settings.requests_per_minute,
        submits_per_minute=settings.submits_per_minute,
        durations=durations,
        webhooks=settings.webhook_url is not None,
    )


def wire(bot: DarkroomBot, settings: Settings, tools: Tools, durations: Durations) -> None:
    """Give the bot its workers."""
    bot.models = tools.models
    bot.archive = Archive(database=bot.database, files=tools.files, clock=bot.clock)
    bot.packer = Packer(tools=tools)
    bot.engine = Engine(
        tools=tools,
        clock=bot.clock,
        durations=durations,
        in_flight=settings.max_jobs_in_flight,
        per_member=settings.max_jobs_per_member,
        submits_per_minute=settings.submits_per_minute,
    )
    bot.desk = Desk(
        database=bot.database,
        clock=bot.clock,
        models=tools.models,
        ceilings=bot.ceilings,
        allowed_guilds=settings.allowed_guilds,
        cdn_origins=settings.discord_cdn_urls,
        is_open=lambda: bot.engine.open,
    )
    retention = Retention(
        database=bot.database,
        clock=bot.clock,
        files=tools.files,
        days=settings.retention_days,
        limit=settings.storage_limit,
    )

    async def begin() -> None:
        tools.tasks.spawn("catalogue", tools.models.keep_fresh())
        tools.tasks.spawn("retention", retention.run())
        tools.tasks.spawn("tokens", stubbornly("tokens", retention.wipe_tokens, clock=bot.clock))
        await bot.engine.start()

    bot.begin = begin


@asynccontextmanager
async def listening(bot: DarkroomBot, settings: Settings) -> AsyncGenerator[None]:
    """Listen for webhooks while the bot runs, where a public address is configured."""
    if settings.webhook_url is None:
        yield
        return
    listener = WebhookListener(
        host=settings.webhook_host,
        port=settings.webhook_port,
        path=urlsplit(settings.webhook_url).path,
        poked=bot.engine.poke,
        healthy=lambda: bot.engine.open and bot.is_ready(),
    )
    try:
        await listener.start()
    except OSError as error:
        raise SettingsError([f"WEBHOOK_LISTEN cannot be used: {error.strerror or error}."]) from error
    try:
        yield
    finally:
        await listener.close()


async def run(settings: Settings) -> int:
    """Run the bot until it is told to stop; return the exit status."""
    if settings.allowed_guilds is None:
        log.warning("ALLOWED_GUILDS is not set: every server that invites this bot spends this key.")
    Route.BASE = settings.discord_api_url
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with opened(settings, SystemClock()) as bot, listening(bot, settings):
        connected = asyncio.create_task(bot.start(settings.discord_token), name="discord")
        stopped = asyncio.create_task(stop.wait(), name="stop")
        await asyncio.wait({connected, stopped}, return_when=asyncio.FIRST_COMPLETED)
        log.info("Stopping: open jobs go on at the next start.")
        await bot.engine.close()
        await bot.close()
        stopped.cancel()
        await connected
    return 0


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says and return the exit status."""
    parser = argparse.ArgumentParser(prog="bot.py", description="Darkroom, a Discord bot that edits images.")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--verify", action="store_true", help="check every identity of the ledger and exit")
    group.add_argument(
        "--export", type=Path, metavar="FILE", help="write the ledger as CSV (.gz: compressed)"
    )
    group.add_argument("--backup", type=Path, metavar="FILE", help="copy the database while the bot runs")
    group.add_argument("--rebuild", action="store_true", help="sum the ledger up anew while no bot runs")
    options = parser.parse_args(arguments)
    try:
        if options.verify or options.rebuild or options.export or options.backup:
            folder = Path(read_environment().get("DATA_DIR", "data"))
            return maintain(folder, export=options.export, copy=options.backup, rebuild=options.rebuild)
        settings = load_settings(read_environment())
        set_up_logging(settings)
        return uvloop.run(run(settings))
    except SettingsError as error:
        problems = "".join(f"\n  - {problem}" for problem in error.problems)
        return _complain(f"Darkroom cannot start:{problems}\nSee .env.example.")
    except StorageError as error:
        return _complain(f"Darkroom cannot start: {error}")
    except discord.LoginFailure:
        return _complain("Darkroom cannot start: Discord does not accept DISCORD_TOKEN.")
    except (aiohttp.ClientError, discord.DiscordException) as error:
        return _complain(f"Darkroom stops: Discord cannot be reached ({type(error).__name__}).", UNAVAILABLE)
    except OSError as error:
        return _complain(f"Darkroom cannot start: {error.strerror or error}.")


def _complain(text: str, status: int = CONFIGURATION) -> int:
    print(text, file=sys.stderr)  # noqa: T201 - for whoever started it
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
