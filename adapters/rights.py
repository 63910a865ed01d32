"""What the bot itself may do in a channel, looked at before it sends.

Discord hides what a bot may not view: such a channel is in discord.py's cache under a made-up name, with one
overwrite that denies everybody everything. What an interaction says (``app_permissions``) is true wherever it
comes from, until something about permissions changes.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
from discord.ext import commands

from domain.clock import Clock
from domain.places import Deed
from jobs.delivery.places import Places

log = logging.getLogger(__name__)

NOTED, NOTED_FOR = 5_000, 900.0
"""Channels of which it is remembered what an interaction said of them, and for how many seconds."""

Located = discord.abc.GuildChannel | discord.Thread


@dataclass(frozen=True, slots=True)
class _Noted:
    guild_id: int
    permissions: discord.Permissions
    until: float


class OwnRights:
    """Knows what the bot may do where, as far as that can be told without asking.

    ``changed`` hears of channels (ids) in which that may be more than it was.
    """

    def __init__(
        self,
        *,
        bot: commands.AutoShardedBot,
        clock: Clock,
        places: Places,
        changed: Callable[[Iterable[int]], None],
    ) -> None:
        self._bot = bot
        self._clock = clock
        self._places = places
        self._tell = changed
        self._noted: OrderedDict[int, _Noted] = OrderedDict()

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Take note of what an interaction says of its channel."""
        if interaction.guild_id is None or interaction.channel_id is None:
            return
        self._noted[interaction.channel_id] = _Noted(
            interaction.guild_id, interaction.app_permissions, self._clock.monotonic() + NOTED_FOR
        )
        self._noted.move_to_end(interaction.channel_id)
        if len(self._noted) > NOTED:
            self._noted.popitem(last=False)

    def guild_of(self, channel_id: int) -> int:
        """Return a channel's server, 0 if it has none or that is not known."""
        noted = self._noted.get(channel_id)
        channel = self._bot.get_channel(channel_id)
        if isinstance(channel, Located):
            return channel.guild.id
        return 0 if noted is None else noted.guild_id

    def may(self, deed: Deed, channel_id: int, *, files: bool = False) -> bool:
        """Tell whether the bot may do something in a channel; ``True`` where only Discord can tell."""
        channel = self._bot.get_channel(channel_id)
        noted = self._noted.get(channel_id)
        if noted is not None and self._clock.monotonic() < noted.until:
            permissions = noted.permissions
        elif isinstance(channel, Located):
            permissions = permissions_in(channel, channel.guild.me)
        else:
            return True
        if not permissions.view_channel:
            return False
        match deed:
            case Deed.READ:
                return permissions.read_message_history
            case Deed.SEND:
                return _may_send(permissions, channel) and (permissions.attach_files or not files)
            case Deed.EDIT:
                return permissions.attach_files or not files
            case Deed.REACT:
                return permissions.add_reactions and permissions.read_message_history

    async def channel(self, channel_id: int) -> Located | None:
        """Return a channel as it is, asked for where the cache does not know; ``None`` if it is hidden."""
        channel: object = self._bot.get_channel(channel_id)
        if not isinstance(channel, Located) or not permissions_in(channel, channel.guild.me).view_channel:
            try:
                channel = await self._bot.fetch_channel(channel_id)
            except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
                log.info("A channel could not be looked at (%s).", type(error).__name__)
                return None
        return channel if isinstance(channel, Located) else None

    async def begin(self) -> None:
        """Take up which places refused; hear of interactions and changes of permissions from now on."""
        await self._places.load()
        for handler in (
            self.on_interaction,
            self.on_guild_channel_update,
            self.on_guild_role_update,
            self.on_member_update,
            self.on_guild_join,
        ):
            self._bot.add_listener(handler, handler.__name__)

    async def on_guild_channel_update(
        self, _before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """Try a channel again that changed: who may do what there is among what may have."""
        self._noted.pop(after.id, None)
        await self._places.permissions_changed(after.guild.id, after.id)
        self._tell([after.id])

    async def on_guild_role_update(self, _before: discord.Role, after: discord.Role) -> None:
        """Try again where a role changed, maybe one of ours."""
        await self._changed(after.guild)

    async def on_member_update(self, _before: discord.Member, after: discord.Member) -> None:
        """Our own roles changed: of nobody else we hear."""
        if self._bot.user is not None and after.id == self._bot.user.id:
            await self._changed(after.guild)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """We are back in a server."""
        await self._changed(guild)

    async def _changed(self, guild: discord.Guild) -> None:
        for channel_id in [each for each, noted in self._noted.items() if noted.guild_id == guild.id]:
            del self._noted[channel_id]
        await self._places.permissions_changed(guild.id)
        self._tell(channel.id for channel in guild.channels)


def permissions_in(channel: Located, member: discord.Member) -> discord.Permissions:
    """Return what somebody may do in a channel; nothing in a thread whose channel is not known."""
    try:
        return channel.permissions_for(member)
    except discord.ClientException:
        return discord.Permissions.none()


def is_age_restricted(channel: object) -> bool:
    """Tell whether only adults are let into a channel; a thread is as the channel that it is in."""
    kinds = (discord.TextChannel, discord.VoiceChannel, discord.StageChannel, discord.ForumChannel)
    return isinstance(channel, (*kinds, discord.Thread)) and channel.is_nsfw()


def told_permissions(interaction: discord.Interaction[Any], channel_id: int) -> discord.Permissions:
    """Return what Discord says that the bot may do in a channel that was chosen in a command."""
    data: Any = interaction.data or {}
    chosen = data.get("resolved", {}).get("channels", {}).get(str(channel_id), {})
    return discord.Permissions(int(chosen.get("app_permissions", 0)))


def _may_send(permissions: discord.Permissions, channel: object) -> bool:
    if isinstance(channel, discord.Thread):
        return permissions.send_messages_in_threads
    if channel is None:
        # An archived thread, say: what it is shows only when somebody writes there.
        return permissions.send_messages or permissions.send_messages_in_threads
    return permissions.send_messages
