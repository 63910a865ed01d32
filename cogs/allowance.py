"""``/allowance``: who may spend how much, for managers. Declared for them, and checked in every handler."""

import re
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.app_commands import Choice, Range
from discord.ext import commands

from accounts import blocks, manage
from cogs.services import Services, services_in
from domain.allowances import Allowance, TargetKind
from domain.blocks import Block, Cause
from domain.credits import thousandths_of
from domain.errors import Reason, Refusal
from domain.periods import Period
from domain.text import storable
from ui.allowance_list import ROWS, build_list, cleared_text, set_text, too_high_text, whole_server_text
from ui.block_texts import LASTS_CHOICES, blocked_text, end_of, lifted_text
from ui.boundary import PrivateItem

MOST = 1_000_000
"""Credits of one allowance: more is a mistake."""
PERIOD_CHOICES = [
    Choice(name="a day", value=Period.DAY.value),
    Choice(name="a week, from Monday", value=Period.WEEK.value),
    Choice(name="a month", value=Period.MONTH.value),
]
Target = discord.Member | discord.Role
"""One mentionable option."""
TARGET = "A member or a role; left out: the whole server"


def require_manager(interaction: discord.Interaction[Any]) -> int:
    """Return the server's id.

    Raises
    ------
    Refusal
        This is no server that may use the bot, or the member may not manage it.
    """
    guild_id = services_in(interaction.client).gate.manage(interaction)
    if not interaction.permissions.manage_guild:
        raise Refusal(Reason.MEMBER_MAY_NOT)
    return guild_id


def target_of(target: Target | None) -> tuple[TargetKind, int]:
    """Return whose allowance an option is about."""
    if target is None:
        return TargetKind.SERVER, 0
    return (TargetKind.ROLE if isinstance(target, discord.Role) else TargetKind.MEMBER), target.id


class AllowancePageButton(PrivateItem[ui.Button[Any]], template=r"dr:allowances:(?P<offset>[0-9]{1,6})"):
    """Turns to another page of the list."""

    def __init__(self, offset: int, *, label: str = "page", disabled: bool = False) -> None:
        super().__init__(ui.Button(label=label, disabled=disabled, custom_id=f"dr:allowances:{offset}"))
        self.offset = offset

    @classmethod
    def again(cls, match: re.Match[str], /) -> Self:
        """Make the button again from its id."""
        return cls(int(match["offset"]))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the page, if the member still may see it."""
        guild_id = require_manager(interaction)
        view = await _list(services_in(interaction.client), guild_id, self.offset)
        await interaction.response.edit_message(view=view)


class LimitServerButton(
    PrivateItem[ui.Button[Any]],
    template=r"dr:limit-server:(?P<credits>[0-9]{1,10}):(?P<period>day|week|month)",
):
    """Sets one limit for all of a server together, once its manager has seen that it does."""

    def __init__(self, allowance: Allowance) -> None:
        custom_id = f"dr:limit-server:{allowance.credits}:{allowance.period}"
        style = discord.ButtonStyle.danger
        super().__init__(ui.Button(label="Limit the whole server", style=style, custom_id=custom_id))
        self.allowance = allowance

    @classmethod
    def again(cls, match: re.Match[str], /) -> Self:
        """Make the button again from its id."""
        period, amount = Period(match["period"]), int(match["credits"])
        return cls(Allowance(kind=TargetKind.SERVER, target_id=0, period=period, credits=amount))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Set it, if the member still may."""
        text = await _set(interaction, self.allowance, guild_id=require_manager(interaction))
        await interaction.response.edit_message(content=text, view=None)


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class AllowanceCog(
    commands.GroupCog,
    name="Allowance",
    group_name="allowance",
    group_description="Who may spend how many credits",
):
    """Sets, clears and lists allowances, and blocks members."""

    def __init__(self, *, bot: commands.Bot, services: Services) -> None:
        self._services = services
        bot.add_dynamic_items(AllowancePageButton, LimitServerButton)

    @app_commands.command(
        name="set", description="Allow a member, each holder of a role, or the server some credits"
    )
    @app_commands.describe(
        credits="How many credits; 0 blocks", period="How often it renews (UTC)", target=TARGET
    )
    @app_commands.choices(period=PERIOD_CHOICES)
    @app_commands.checks.has_permissions(manage_guild=True)
    async def set(
        self,
        interaction: discord.Interaction[Any],
        credits: Range[float, 0, MOST],  # noqa: A002 - the option's name
        period: str,
        target: Target | None = None,
    ) -> None:
        """Set an allowance, unless the bot's operator allows less; for a whole server, ask first."""
        guild_id = require_manager(interaction)
        kind, target_id = target_of(target)
        allowance = Allowance(
            kind=kind, target_id=target_id, period=Period(period), credits=thousandths_of(credits)
        )
        if kind is TargetKind.SERVER:
            view = ui.View(timeout=None).add_item(LimitServerButton(allowance))
            text = whole_server_text(allowance)
            await interaction.response.send_message(text, view=view, ephemeral=True)
            return
        text = await _set(interaction, allowance, guild_id=guild_id)
        await interaction.response.send_message(text, ephemeral=True)

    @app_commands.command(name="clear", description="Remove an allowance")
    @app_commands.describe(target=TARGET, period="Only this one; left out: all of the target's")
    @app_commands.choices(period=PERIOD_CHOICES)
    @app_commands.checks.has_permissions(manage_guild=True)
    async def clear(
        self,
        interaction: discord.Interaction[Any],
        target: Target | None = None,
        period: str | None = None,
    ) -> None:
        """Remove what is set for a target."""
        guild_id = require_manager(interaction)
        kind, target_id = target_of(target)
        gone = await self._services.run(
            manage.clear_allowance,
            guild_id=guild_id,
            kind=kind,
            target_id=target_id,
            period=None if period is None else Period(period),
        )
        text = cleared_text(gone, kind=kind, target_id=target_id, guild_id=guild_id)
        await interaction.response.send_message(text, ephemeral=True)

    @app_commands.command(name="block", description="Refuse what a member asks for in this server")
    @app_commands.describe(member="Whom", reason="Why; they are told", lasts="For how long")
    @app_commands.choices(lasts=LASTS_CHOICES)
    @app_commands.checks.has_permissions(manage_guild=True)
    async def block(
        self,
        interaction: discord.Interaction[Any],
        member: discord.User,
        reason: Range[str, 1, 200],
        lasts: str,
    ) -> None:
        """Block a member here, whatever their allowances are."""
        guild_id, now = require_manager(interaction), self._services.clock.now()
        block = Block(
            guild_id=guild_id,
            member_id=member.id,
            cause=Cause.MANAGER,
            reason=storable(reason),
            set_by=interaction.user.id,
            since=now,
            until=end_of(lasts, now=now),
        )
        await self._services.run(blocks.block, block)
        await interaction.response.send_message(blocked_text(block), ephemeral=True)

    @app_commands.command(name="unblock", description="End a member's block in this server")
    @app_commands.describe(member="Whose")
    @app_commands.checks.has_permissions(manage_guild=True)
    async def unblock(self, interaction: discord.Interaction[Any], member: discord.User) -> None:
        """Lift a member's block here."""
        guild_id = require_manager(interaction)
        gone = await self._services.run(
            blocks.lift,
            guild_id=guild_id,
            member_id=member.id,
            by=Cause.MANAGER,
            at=self._services.clock.now(),
        )
        await interaction.response.send_message(lifted_text(gone), ephemeral=True)

    @app_commands.command(name="list", description="All allowances of this server; only you see it")
    @app_commands.checks.has_permissions(manage_guild=True)
    async def list(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with the first page, privately."""
        view = await _list(self._services, require_manager(interaction), 0)
        await interaction.response.send_message(view=view, ephemeral=True)


async def _set(interaction: discord.Interaction[Any], allowance: Allowance, *, guild_id: int) -> str:
    """Set an allowance, unless the operator allows less; return what to say."""
    services = services_in(interaction.client)
    ceiling = await services.run(
        manage.set_allowance,
        allowance,
        guild_id=guild_id,
        set_by=interaction.user.id,
        at=services.clock.now(),
        ceilings=services.ceilings,
    )
    return set_text(allowance, guild_id=guild_id) if ceiling is None else too_high_text(ceiling)


def page_start(offset: int, count: int, *, rows: int) -> int:
    """Return where a page of a list begins that may have become shorter: at most where its last one does."""
    return min(offset, max(count - 1, 0) // rows * rows)


async def _list(services: Services, guild_id: int, offset: int) -> ui.LayoutView:
    found, count = await services.read(manage.list_allowances, guild_id=guild_id, limit=ROWS, offset=offset)
    if (first := page_start(offset, count, rows=ROWS)) < offset:
        return await _list(services, guild_id, first)
    blocked = await services.read(blocks.of_server, guild_id=guild_id, at=services.clock.now())
    paging: list[ui.Item[Any]] = []
    if count > ROWS:
        after = offset + ROWS
        paging = [
            AllowancePageButton(max(offset - ROWS, 0), label="Back", disabled=offset == 0),
            AllowancePageButton(after, label="More", disabled=after >= count),
        ]
    return build_list(
        found,
        guild_id=guild_id,
        count=count,
        offset=offset,
        member_ceiling=services.ceilings.member,
        server_ceiling=services.ceilings.server,
        blocked=blocked,
        paging=paging,
    )


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(AllowanceCog(bot=bot, services=services_in(bot)))
