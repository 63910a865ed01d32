"""``/operator``: what only the application's owner may do: block, pause, and see what is open.

It is a command of the owner's server where ``OPERATOR_GUILD`` names it, otherwise of direct messages.
"""

import re
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Range
from discord.ext import commands

from accounts import blocks
from accounts.overview import overview
from cogs.services import Services, services_in
from domain.blocks import EVERYBODY, EVERYWHERE, Block, Cause
from domain.text import storable
from ui.block_texts import (
    LASTS_CHOICES,
    NAME_ONE,
    blocked_text,
    end_of,
    lifted_text,
    overview_text,
)

_ID = re.compile(r"(?:<@!?)?([0-9]{15,20})>?")
Text = Range[str, 1, 200]
Target = tuple[int, int]
"""A server and a member, one of which is all."""
ALL: Target = (EVERYWHERE, EVERYBODY)


def target_of(member: str | None, server: str | None) -> Target | None:
    """Return the one member or server that is named; ``None``: none is, or two are."""
    found = _ID.fullmatch((member or server or "").strip())
    if found is None or (member is not None and server is not None):
        return None
    return (EVERYWHERE, int(found[1])) if member is not None else (int(found[1]), EVERYBODY)


class OperatorCog(
    commands.GroupCog,
    name="Operator",
    group_name="operator",
    group_description="For whoever runs this bot",
):
    """Blocks, pauses and tells."""

    def __init__(self, *, services: Services) -> None:
        self._services = services

    @app_commands.command(name="block", description="Refuse what a member or a server asks for")
    @app_commands.describe(
        reason="Why; they are told",
        lasts="For how long",
        member="A member, by id or mention: everywhere",
        server="A server, by id",
    )
    @app_commands.choices(lasts=LASTS_CHOICES)
    async def block(
        self,
        interaction: discord.Interaction[Any],
        reason: Text,
        lasts: str,
        member: str | None = None,
        server: str | None = None,
    ) -> None:
        """Block, and say so privately."""
        await self._services.gate.operate(interaction)
        target = target_of(member, server)
        if target is None:
            await interaction.response.send_message(NAME_ONE, ephemeral=True)
            return
        await self._block(interaction, target, reason=reason, lasts=lasts)

    async def _block(
        self, interaction: discord.Interaction[Any], target: Target, *, reason: str | None, lasts: str
    ) -> None:
        guild_id, member_id = target
        now = self._services.clock.now()
        block = Block(
            guild_id=guild_id,
            member_id=member_id,
            cause=Cause.OPERATOR,
            reason=None if reason is None else storable(reason),
            set_by=interaction.user.id,
            since=now,
            until=end_of(lasts, now=now),
        )
        await self._services.run(blocks.block, block)
        await interaction.response.send_message(blocked_text(block), ephemeral=True)

    @app_commands.command(name="unblock", description="End a block, or a pause by the safety check")
    @app_commands.describe(member="A member, by id or mention", server="A server, by id")
    async def unblock(
        self, interaction: discord.Interaction[Any], member: str | None = None, server: str | None = None
    ) -> None:
        """Lift what blocks somebody, and say so privately."""
        await self._services.gate.operate(interaction)
        target = target_of(member, server)
        if target is None:
            await interaction.response.send_message(NAME_ONE, ephemeral=True)
            return
        await self._lift(interaction, target)

    async def _lift(self, interaction: discord.Interaction[Any], target: Target) -> None:
        guild_id, member_id = target
        gone = await self._services.run(
            blocks.lift,
            guild_id=guild_id,
            member_id=member_id,
            by=Cause.OPERATOR,
            at=self._services.clock.now(),
        )
        await interaction.response.send_message(lifted_text(gone), ephemeral=True)

    @app_commands.command(name="pause", description="Take no new work, whoever asks; accepted jobs go on")
    @app_commands.describe(lasts="For how long", reason="Why; members are told")
    @app_commands.choices(lasts=LASTS_CHOICES)
    async def pause(
        self, interaction: discord.Interaction[Any], lasts: str, reason: Text | None = None
    ) -> None:
        """Pause all new work, and say so privately."""
        await self._services.gate.operate(interaction)
        await self._block(interaction, ALL, reason=reason, lasts=lasts)

    @app_commands.command(name="resume", description="Take new work again")
    async def resume(self, interaction: discord.Interaction[Any]) -> None:
        """End the pause, and say so privately."""
        await self._services.gate.operate(interaction)
        await self._lift(interaction, ALL)

    @app_commands.command(name="open", description="What is open, what the key has spent, who is blocked")
    async def open(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with what is open, privately."""
        await self._services.gate.operate(interaction)
        found = await self._services.read(
            overview, at=self._services.clock.now(), ceilings=self._services.ceilings
        )
        await interaction.response.send_message(overview_text(found), ephemeral=True)


async def setup(bot: commands.Bot) -> None:
    """Add the cog, to the operator's server or to direct messages."""
    services = services_in(bot)
    cog, guild_id = OperatorCog(services=services), services.operator_guild
    if guild_id is not None:
        await bot.add_cog(cog, guild=discord.Object(guild_id))
        return
    if cog.app_command is not None:
        cog.app_command.allowed_contexts = app_commands.AppCommandContext(guild=False, dm_channel=True)
    await bot.add_cog(cog)
