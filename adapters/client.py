"""The connection to Discord: what is asked of the gateway, which commands there are, what begins when."""

import asyncio
import gc
import logging
from collections.abc import Callable, MutableMapping
from typing import Any, Generic, Protocol, TypeVar

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from adapters.arrivals import note_arrival
from adapters.breaker import Breaker
from adapters.login import from_discord, gateway_in, tell_of_pauses
from adapters.rights import OwnRights
from domain.clock import Clock
from domain.text import counted
from jobs.delivery.places import Places
from ui.boundary import SafeTree
from ui.buttons import CARD_BUTTONS, CardActions

log = logging.getLogger("darkroom")

HANDLERS = ("discord.py: ", "CommandTree-invoker", "discord-ui-")
"""How the names of discord.py's tasks begin that answer members."""
ANSWERING = 3.0
"""Seconds: nobody takes an answer that comes later."""
COGS = (
    "cogs.server_settings",
    "cogs.welcome",
    "cogs.help",
    "cogs.edit",
    "cogs.sent_forms",
    "cogs.reactions",
    "cogs.deletions",
    "cogs.moderation",
    "cogs.jobs",
    "cogs.privacy",
    "cogs.credits",
    "cogs.settings",
    "cogs.allowance",
    "cogs.styles",
    "cogs.usage",
    "cogs.notices",
    "cogs.operator",
)

UNHEARD = (
    "MESSAGE_CREATE",
    "MESSAGE_UPDATE",
    "MESSAGE_POLL_VOTE_ADD",
    "MESSAGE_POLL_VOTE_REMOVE",
    "CHANNEL_PINS_UPDATE",
)
"""What comes along with deletions of messages: nothing is made of it (docs/benchmarks.md)."""


class Product(Protocol):
    """What is built around a client, and begins once it is logged in."""

    @property
    def services(self) -> object:
        """What commands and persistent buttons find on the client."""
        ...

    @property
    def actions(self) -> CardActions:
        """What the buttons of cards do."""
        ...

    @property
    def rights(self) -> OwnRights:
        """What is known of the bot's own permissions."""
        ...

    async def begin(self) -> None:
        """Publish the commands and take up open jobs."""
        ...


Parser = Callable[[Any], None]


def skip_unreadable(parsers: MutableMapping[str, Parser]) -> None:
    """Have the library skip gateway events that it cannot parse: one of them would end the connection.

    discord.py lets what a parser raises out of its receiving loop, and that out of ``start``. Each event is
    logged once by its name, without what it holds.
    """
    logged: set[str] = set()

    def guarded(event: str, parse: Parser) -> Parser:
        def parse_or_skip(data: object) -> None:
            try:
                parse(data)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is about one event
                if event not in logged:
                    logged.add(event)
                    # Its text may hold what members wrote.
                    log.error("The event %s cannot be read (%s): skipped.", event, type(error).__name__)  # noqa: TRY400

        return parse_or_skip

    for event, parse in list(parsers.items()):
        parsers[event] = guarded(event, parse)


ProductT = TypeVar("ProductT", bound=Product)


class DarkroomBot(commands.AutoShardedBot, Generic[ProductT]):
    """The Discord side. Its parts need it and it needs them: it is built with what builds them.

    ``look`` is hooked into each of its requests, to hold one back.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        places: Places,
        build: Callable[[commands.AutoShardedBot], ProductT],
        look: Callable[[aiohttp.TraceConfig], None] | None = None,
    ) -> None:
        trace = Breaker(clock=clock, places=places, guild_of=self._guild_of).trace()
        tell_of_pauses(trace, self.is_ready)
        if look is not None:
            look(trace)
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=SafeTree,
            intents=discord.Intents(guilds=True, guild_reactions=True, guild_messages=True),
            allowed_mentions=discord.AllowedMentions.none(),
            activity=discord.CustomActivity(name="/edit a picture · /help"),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            guild_ready_timeout=0.05,
            http_trace=trace,
            # Said for each command: left out, the application's settings in Discord's portal would decide.
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            allowed_contexts=app_commands.AppCommandContext(guild=True),
        )
        for event in UNHEARD:
            del self._connection.parsers[event]
        skip_unreadable(self._connection.parsers)
        self.product = build(self)
        self.services = self.product.services
        self.actions = self.product.actions

    def _guild_of(self, channel_id: int) -> int:
        return self.product.rights.guild_of(channel_id)

    async def setup_hook(self) -> None:
        """Load the commands, tell Discord of them if they changed, and take up open jobs."""
        for button in CARD_BUTTONS:
            self.add_dynamic_items(button)
        for cog in COGS:
            await self.load_extension(cog)
        # discord.py asks for the gateway once and forgets: after some reconnects it would go to its default.
        with from_discord():
            url, shards = gateway_in(await self.http.request(Route("GET", "/gateway/bot")))
            DiscordWebSocket.DEFAULT_GATEWAY = URL(url)
        # Else it would ask the same once more.
        self.shard_count = shards
        await self.product.begin()
        # All that was loaded by now stays: no collection of garbage need walk it again.
        gc.collect()
        gc.freeze()

    async def close(self) -> None:
        """Hear nothing more, let what was heard be answered, and end."""
        self._connection.parsers.clear()
        under_way = {each for each in asyncio.all_tasks() if each.get_name().startswith(HANDLERS)}
        if under_way:
            await asyncio.wait(under_way, timeout=ANSWERING)
        await super().close()

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Note when a member's wish came."""
        note_arrival(interaction)

    async def on_ready(self) -> None:
        """Say that the bot is there."""
        log.info("Ready as %s in %s.", self.user, counted(len(self.guilds), "server"))
