"""The product: the work, the real things that it touches, and the connection to Discord around it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp
import discord
from discord.ext import commands

from accounts import blocks
from accounts.export import export_parts
from adapters.access import Access
from adapters.asides import Asides
from adapters.client import DarkroomBot
from adapters.command_sync import CommandSync
from adapters.gate import Gate, Terms
from adapters.messenger import DiscordMessenger
from adapters.names import Names
from adapters.operator import DiscordOperator
from adapters.own_deletions import OwnDeletions
from adapters.rights import OwnRights
from assembly.keeping import kept_erasures, kept_files
from assembly.outside import Lease, Outside, always
from assembly.parts import Parts
from assembly.waking import woken
from cogs.card_actions import DiscordCardActions
from cogs.services import About, Services
from config.settings import Settings
from domain.clock import Clock
from domain.errors import Refusal
from domain.limits import MAX_SOURCE_BYTES
from jobs.delivery.places import Places
from jobs.delivery.ports import Messenger, Operator
from jobs.engine import Engine
from jobs.groups import Keeper, call_keeper, kept_calls, learned_durations
from jobs.prepare import FetchSource
from pictures.work import PictureWork
from pixeldojo.client import PixelDojo
from pixeldojo.download import Fetched, download
from pixeldojo.limits import RateLimit
from pixeldojo.replies import named_in
from pixeldojo.sessions import Sessions, look_before_sending
from pixeldojo.urls import UrlRule
from scheduling.durations import Durations
from scheduling.scheduler import Scheduler
from storage.database import Database, open_database
from storage.erasure_check import require_key
from storage.erasure_key import ErasureKey
from storage.errors import LeaseLost, Removed

SOURCE_SECONDS = 60.0
"""Seconds that an attachment may take to arrive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The work, what of it commands and buttons use, and how it begins."""

    parts: Parts
    engine: Engine
    services: Services
    actions: DiscordCardActions
    commands: CommandSync
    rights: OwnRights

    async def begin(self) -> None:
        """Publish the commands and take up open jobs."""
        await self.rights.begin()
        await self.parts.choosing.greetings.begin(first=not await self.commands.were_told())
        await self.commands.publish()
        await self.parts.leaving.eraser.replay()
        await self.engine.start()

    async def poke(self, secret: str, body: bytes) -> bool | None:
        """Take note of a webhook; ``False`` if the secret is nobody's, ``None`` if another process works."""
        try:
            return await self.engine.poke(secret, named_in(body))
        except LeaseLost:
            return None


def make_scheduler(settings: Settings, *, clock: Clock, durations: Durations, keep: Keeper) -> Scheduler:
    """Make the scheduler; ``keep`` stores what it notes of its calls."""
    return Scheduler(
        clock=clock,
        requests_per_minute=settings.requests_per_minute,
        submits_per_minute=settings.submits_per_minute,
        durations=durations,
        webhooks=settings.webhook_url is not None,
        keep=keep,
    )


def build(
    bot: commands.AutoShardedBot,
    settings: Settings,
    clock: Clock,
    places: Places,
    outside: Callable[[Messenger, Operator], Outside],
) -> Product:
    """Build everything around a connection to Discord."""
    operator = DiscordOperator(bot=bot, clock=clock)
    rights = OwnRights(bot=bot, clock=clock, places=places, changed=lambda ids: parts.stale.hurry_in(ids))  # noqa: PLW0108 - parts are made later

    async def keep(member_id: int, refusal: Refusal) -> None:
        # The archive is made of what needs the asides.
        await parts.archive.keep_untold(member_id, refusal)

    async def noted(member_id: int, message: discord.Message) -> None:
        await parts.leaving.personal.note_mention(
            member_id, channel_id=message.channel.id, message_id=message.id
        )

    asides = Asides(bot=bot, clock=clock, rights=rights, keep=keep, noted=noted)
    deletions = OwnDeletions()
    messenger = DiscordMessenger(bot=bot, asides=asides, rights=rights, deletions=deletions)
    parts = Parts(settings, outside(messenger, operator))
    register = CommandSync(tree=bot.tree, archive=parts.archive, operator_guild=settings.operator_guild)
    access = Access(bot=bot, clock=clock, command_ids=register.ids)
    services = _services(
        settings,
        clock,
        parts,
        operator=operator,
        rights=rights,
        gate=_gate(bot, settings, clock, parts, access),
        asides=asides,
        own_deletions=deletions,
        command_ids=register.ids,
    )
    return Product(
        parts=parts,
        engine=parts.engine,
        services=services,
        actions=DiscordCardActions(services=services),
        commands=register,
        rights=rights,
    )


def _services(
    settings: Settings,
    clock: Clock,
    parts: Parts,
    *,
    operator: DiscordOperator,
    rights: OwnRights,
    gate: Gate,
    asides: Asides,
    own_deletions: OwnDeletions,
    command_ids: Mapping[str, int],
) -> Services:
    return Services(
        clock=clock,
        ceilings=parts.ceilings,
        low_balance=settings.low_balance,
        read=parts.database.read,
        run=parts.database.run,
        export=partial(asyncio.to_thread, partial(export_parts, parts.database.snapshot)),
        acceptance=parts.acceptance,
        archive=parts.archive,
        models=parts.models,
        preferring=parts.choosing.preferring,
        packer=parts.packer,
        engine=parts.engine,
        reconciler=parts.reconciler,
        stale=parts.stale,
        outside=parts.leaving.outside,
        personal=parts.leaving.personal,
        own_deletions=own_deletions,
        cards=parts.cards,
        messenger=parts.outside.messenger,
        operator=operator,
        rights=rights,
        gate=gate,
        asides=asides,
        operator_guild=settings.operator_guild,
        about=_about(settings),
        names=Names(clock=clock),
        servers=parts.choosing.servers,
        styles=parts.choosing.styles,
        greetings=parts.choosing.greetings,
        command_ids=command_ids,
    )


def _about(settings: Settings) -> About:
    return About(days=settings.retention_days, contact=settings.operator_contact, url=settings.privacy_url)


def _gate(
    bot: commands.AutoShardedBot, settings: Settings, clock: Clock, parts: Parts, access: Access
) -> Gate:
    async def blocked(guild_id: int, member_id: int) -> None:
        await parts.database.read(blocks.check, guild_id=guild_id, member_id=member_id, at=clock.now())

    terms = Terms(
        allowed_guilds=settings.allowed_guilds,
        account_days=settings.account_days,
        joined_minutes=settings.joined_minutes,
    )
    return Gate(
        bot=bot,
        clock=clock,
        access=access,
        terms=terms,
        blocked=blocked,
        settings=parts.choosing.servers.settings,
    )


@asynccontextmanager
async def opened(
    settings: Settings, clock: Clock, *, lease: Lease | None = None
) -> AsyncGenerator[DarkroomBot[Product]]:
    """Open everything in order, and close it in the opposite one; ``lease``: where others could work as well.

    Raises
    ------
    StorageError
        The database or the data directory is in use, damaged, from a newer version, has another key or
        cannot be written.
    """
    async with AsyncExitStack() as stack:
        key = ErasureKey(settings.data_dir, settings.erasure_secret)
        fence = None if lease is None else lease.fence
        database = await open_database(settings.data_dir, url=settings.database_url, key=key, fence=fence)
        stack.push_async_callback(database.close)
        if lease is None:
            await require_key(database, key, alone=kept_erasures(settings))
        trusted = (*settings.discord_cdn_urls, settings.pixeldojo_api_url)
        may_send = always if lease is None else lease.may_send
        sessions = Sessions(trusted_origins=trusted, may_send=may_send)
        stack.push_async_callback(sessions.close)
        if lease is not None:
            stack.enter_context(woken(lambda: lease.is_held() or sessions.cut()))
        durations, keep = (
            await learned_durations(database),
            call_keeper(database, insist=clock if lease else None),
        )
        scheduler = make_scheduler(settings, clock=clock, durations=durations, keep=keep)
        scheduler.remember(await kept_calls(database))
        stack.push_async_callback(scheduler.rest, call_keeper(database))
        outside = partial(
            connect,
            settings,
            clock=clock,
            database=database,
            sessions=sessions,
            durations=durations,
            scheduler=scheduler,
            lease=lease,
        )
        places = Places(database=database, clock=clock)
        building = partial(build, settings=settings, clock=clock, places=places, outside=outside)
        look = None if lease is None else partial(look_before_sending, may_send=lease.is_held)
        bot = DarkroomBot(clock=clock, places=places, build=building, look=look)
        # Entered, not only closed at the end: discord.py's close() fails on a client that never was set up.
        await stack.enter_async_context(bot)
        parts = bot.product.parts
        bot.add_listener(parts.storing.warn_of, "on_out_of_reach")
        await asyncio.to_thread(parts.files.prepare)
        stack.push_async_callback(parts.outside.pictures.close)
        stack.push_async_callback(bot.product.engine.close)
        yield bot


def connect(
    settings: Settings,
    messenger: Messenger,
    operator: Operator,
    *,
    clock: Clock,
    database: Database,
    sessions: Sessions,
    durations: Durations,
    scheduler: Scheduler,
    lease: Lease | None,
) -> Outside:
    """Make what touches the disk, the provider and Discord's CDN."""
    return Outside(
        clock=clock,
        database=database,
        files=kept_files(settings),
        pictures=PictureWork(clock=clock),
        durations=durations,
        scheduler=scheduler,
        client=PixelDojo(
            session=sessions.provider,
            downloads=sessions.downloads,
            api_url=settings.pixeldojo_api_url,
            key=settings.pixeldojo_api_key,
            observe=partial(tell_limit, scheduler),
        ),
        messenger=messenger,
        operator=operator,
        fetch_source=source_fetcher(settings, sessions.downloads),
        may_send=always if lease is None else lease.may_send,
        taken_over=lease is not None,
    )


def source_fetcher(settings: Settings, session: aiohttp.ClientSession) -> FetchSource:
    """Return what streams an attachment to a path, from Discord's CDN only."""
    cdn = UrlRule.only(settings.discord_cdn_urls)

    async def fetch_source(url: str, path: Path) -> Fetched:
        return await download(
            session, url, path, allow=cdn, max_bytes=MAX_SOURCE_BYTES, seconds=SOURCE_SECONDS
        )

    return fetch_source


def tell_limit(scheduler: Scheduler, told: RateLimit) -> None:
    """Pass on to the scheduler what a reply says of the provider's request limit."""
    scheduler.observe(
        limit=told.limit,
        remaining=told.remaining,
        reset_at=told.reset_at,
        retry_after=told.retry_after,
        refused=told.refused,
    )


async def leave(bot: DarkroomBot[Product], name: str) -> None:
    """Stop because a file of the data directory was taken away: nothing that is stored now would last.

    Raises
    ------
    Removed
        Always, once the owner is told and what was stored is written to a file with a name.
    """
    product = bot.product
    product.engine.open = False
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            await product.services.operator.warn("files_removed", name=name)
    await product.engine.close()
    kept = await product.parts.database.rescue(product.services.clock.now())
    await bot.close()
    raise Removed(f"DATA_DIR's {name} was removed or replaced while the bot ran. {kept}")
