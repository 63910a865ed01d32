"""``/credits``: what a member spent, what they have left, their last jobs; only they see it."""

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from accounts.statements import statement
from cogs.services import Services, services_in
from domain.errors import Reason, Refusal
from domain.job import Kind
from domain.options import Options
from domain.reports import Statement
from domain.views import ListPrice
from ui.statements import build_statement


class Credits(commands.Cog):
    """A member's own account in the server where they ask."""

    def __init__(self, *, services: Services) -> None:
        self._services = services

    @app_commands.command(
        name="credits", description="What you spent here, what you have left, your last jobs"
    )
    @app_commands.guild_only()
    async def credits(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with the member's statement, privately; where nobody may ask, with what they had there."""
        guild_id = self._services.gate.show(interaction)
        found = await statement_for(self._services, interaction)
        if found.is_closed and found.is_empty:
            raise Refusal(Reason.GUILD_NOT_ALLOWED)
        view = build_statement(found, guild_id=guild_id, prices=await prices_of(self._services))
        await interaction.response.send_message(view=view, ephemeral=True)


async def statement_for(services: Services, interaction: discord.Interaction[Any]) -> Statement:
    """Return the account of whoever asks, in the server where they do."""
    member = interaction.user
    roles = member.roles if isinstance(member, discord.Member) else []
    guild_id = interaction.guild_id or 0
    found = await services.read(
        statement,
        guild_id=guild_id,
        member_id=member.id,
        role_ids=[role.id for role in roles],
        at=services.clock.now(),
        ceilings=services.ceilings,
    )
    if not services.gate.serves(guild_id):
        return replace(found, block=Refusal(Reason.GUILD_NOT_ALLOWED))
    return replace(found, block=found.block or await services.gate.too_young(member))


async def prices_of(services: Services) -> list[ListPrice]:
    """Return what an image of each model on offer costs."""
    models = services.models
    await models.settle()
    offered = dict.fromkeys(model for kind in Kind for model in models.offered(kind))
    return [models.list_price(model, Options()) for model in offered]


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Credits(services=services_in(bot)))
