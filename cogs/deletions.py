"""Deletions that Discord tells of: a card that somebody deletes is deleted here too."""

import discord
from discord.ext import commands

from cogs.services import Services, services_in


class Deletions(commands.Cog):
    """Passes on what is gone, but for what we deleted ourselves."""

    def __init__(self, *, services: Services) -> None:
        self._services = services

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Take note of one message."""
        await self._gone({payload.message_id})

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """Take note of many messages."""
        await self._gone(payload.message_ids)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Take note of a channel with all that was in it."""
        await self._services.outside.place_lost(guild_id=channel.guild.id, channel_id=channel.id)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Take note of a thread with all that was in it."""
        await self._services.outside.place_lost(guild_id=payload.guild_id, channel_id=payload.thread_id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Take note that the bot is no longer in a server."""
        await self._services.outside.place_lost(guild_id=guild.id)

    async def _gone(self, message_ids: set[int]) -> None:
        by_others = {each for each in message_ids if each not in self._services.own_deletions}
        await self._services.outside.messages_deleted(by_others)


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Deletions(services=services_in(bot)))
