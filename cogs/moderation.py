"""The message command **Hide result**: for moderators, on the message of any job."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.services import Services, services_in
from domain.errors import Reason, Refusal
from domain.job import Status
from ui.boundary import answer_privately
from ui.moderation import HIDDEN, told_hidden


class Moderation(commands.Cog):
    """Takes results out of sight."""

    def __init__(self, *, bot: commands.Bot, services: Services) -> None:
        self._services = services
        menu = app_commands.ContextMenu(name="Hide result", callback=self._hide)
        bot.tree.add_command(
            app_commands.default_permissions(manage_messages=True)(app_commands.guild_only(menu))
        )

    async def _hide(self, interaction: discord.Interaction[Any], message: discord.Message) -> None:
        """End a job in public: what it made, or makes, is its owner's alone."""
        guild_id = self._services.gate.show(interaction)
        if not interaction.permissions.manage_messages:
            raise Refusal(Reason.MEMBER_MAY_NOT)
        job = await self._services.archive.by_card(message.id)
        if job is None or job.guild_id != guild_id:
            raise Refusal(Reason.NO_RESULT_THERE)
        hidden = await self._services.outside.hide(job.id)
        await answer_privately(interaction, HIDDEN)
        if hidden is not None and hidden.status is Status.DONE and not hidden.deleted:
            await self._services.asides.whisper(job.member_id, told_hidden(job.channel_id))


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Moderation(bot=bot, services=services_in(bot)))
