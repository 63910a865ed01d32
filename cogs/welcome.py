"""What is said in a server that the bot comes into: once, in its system channel, if it has one."""

import logging
from typing import Any

import discord
from discord import ui
from discord.ext import commands

from adapters.known_again import nonce_of
from adapters.rights import permissions_in
from adapters.trouble import TROUBLE
from cogs.server_settings import SetUpButton
from cogs.services import Services, services_in
from domain.locks import KeyedLocks
from ui.welcome import WHY, stranger_text, welcome_text

log = logging.getLogger(__name__)


class Welcome(commands.Cog):
    """Hears of servers that the bot comes into."""

    def __init__(self, *, services: Services) -> None:
        self._services = services
        self._locks = KeyedLocks[int]()

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Greet a server that the bot comes into."""
        await self._greet(guild)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Greet a server that the bot came into while it was down: of such a one only this is heard."""
        await self._greet(guild)

    @commands.Cog.listener()
    async def on_guild_channel_update(self, _before: object, after: discord.abc.GuildChannel) -> None:
        """Greet a server whose system channel was closed to the bot, and may be open now."""
        if after.id == getattr(after.guild.system_channel, "id", None):
            await self._greet(after.guild)

    @commands.Cog.listener()
    async def on_guild_role_update(self, _before: object, after: discord.Role) -> None:
        """Do the same where a role of the bot's may have opened it."""
        if after in after.guild.me.roles:
            await self._greet(after.guild)

    @commands.Cog.listener()
    async def on_member_update(self, _before: object, after: discord.Member) -> None:
        """Do the same where the bot got a role that may have opened it."""
        if after.id == after.guild.me.id:
            await self._greet(after.guild)

    @commands.Cog.listener()
    async def on_guild_update(self, before: discord.Guild, after: discord.Guild) -> None:
        """Do the same where another channel became that one."""
        if before.system_channel != after.system_channel:
            await self._greet(after)

    async def _greet(self, guild: discord.Guild) -> None:
        # Another event may come while the greeting is sent, and find another channel for it.
        async with self._locks(guild.id):
            joined_at = int(guild.me.joined_at.timestamp() * 1000) if guild.me.joined_at else 0
            greetings, served = self._services.greetings, self._services.gate.serves(guild.id)
            due = await greetings.is_due(guild.id, joined_at=joined_at, served=served)
            if due and await self._say_hello(guild, served=served):
                await greetings.note(guild.id, joined_at=joined_at, served=served)

    async def _say_hello(self, guild: discord.Guild, *, served: bool) -> bool:
        """Say how to begin, and what is lacking; in a server that may not use the bot, that.

        Returns whether nothing is left to be said: also where there is no channel for it. One that is closed
        to the bot may be opened.
        """
        if guild.system_channel is None:
            return True
        # One that was hidden and a role has opened may be in the cache as it was.
        channel = await self._services.rights.channel(guild.system_channel.id)
        permissions = discord.Permissions.none() if channel is None else permissions_in(channel, guild.me)
        sees, writes = permissions.view_channel, permissions.send_messages
        if not (isinstance(channel, discord.TextChannel) and sees and writes):
            log.info(
                "The system channel of server %s is closed to the bot: greeted once that is open.", guild.id
            )
            return False
        said = self._greeting(guild, permissions, served=served)
        try:
            # Said twice because the event came twice, it is one message.
            await channel.send(**said, nonce=nonce_of("welcome", guild.id, guild.me.joined_at, served))
        except TROUBLE as error:
            log.warning("A new server could not be greeted (%s).", type(error).__name__)
            return False
        return True

    def _greeting(
        self, guild: discord.Guild, permissions: discord.Permissions, *, served: bool
    ) -> dict[str, Any]:
        if not served:
            return {"content": stranger_text(guild.id, contact=self._services.about.contact)}
        text = welcome_text(
            self._services.command_ids,
            here=_lacking(permissions),
            at_large=_lacking(guild.me.guild_permissions),
        )
        return {"content": text, "view": ui.View(timeout=None).add_item(SetUpButton())}


def _lacking(permissions: discord.Permissions) -> list[str]:
    return [name for name in WHY if not getattr(permissions, name)]


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Welcome(services=services_in(bot)))
