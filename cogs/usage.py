"""``/usage``: who spent what, for moderators. Declared for them and checked again in every handler."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import discord
from discord import app_commands
from discord.app_commands import AppCommandChannel, Choice, Range
from discord.ext import commands

from accounts import manage, notices, reports
from accounts.export import Selection
from adapters.rights import told_permissions
from cogs.requests import asked_at
from cogs.services import Services, services_in
from cogs.usage_report import PeriodMenu, ReportPageButton, model_code, require_moderator, show_report
from domain.credits import thousandths_of
from domain.errors import Reason, Refusal
from domain.limits import MIB
from domain.periods import iso_utc
from domain.reports import Correction, Question, ReportPeriod, report_span
from domain.text import storable
from ui.reports import PERIOD_NAMES
from ui.usage_texts import (
    ASSIGNED,
    NOT_THE_OPERATOR,
    correction_text,
    export_text,
    gives_too_much,
    missing_in_channel,
    nothing_corrected,
    notices_state,
    notices_text,
)

MOST_ROWS = 1_000_000
"""Rows of one export through Discord; ``python bot.py --export`` has no limit."""
MOST_NAMED = 2_000
"""Members that an export names; the others are there by id."""
DEFAULT_UPLOAD = 10 * MIB
FILES, TOGETHER = 10, 24 * MIB
"""What one message takes: files, and bytes of all of them (Discord: 25 MiB a request)."""
CHOICE = 100
"""Characters that a choice's name and value take (Discord)."""
MOST_CORRECTED = 1_000_000

PERIOD_CHOICES = [Choice(name=name, value=period.value) for period, name in PERIOD_NAMES.items()]
Amount = Range[float, -MOST_CORRECTED, MOST_CORRECTED]


class TextPlace(app_commands.Transformer):
    """A text channel as the command names it: one that is hidden from us is not in the cache as it is."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """What Discord asks for."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """What Discord offers."""
        return [discord.ChannelType.text, discord.ChannelType.news]

    async def transform(
        self, _interaction: discord.Interaction[Any], value: AppCommandChannel, /
    ) -> AppCommandChannel:
        """Return it unchanged."""
        return value


@app_commands.guild_only()
@app_commands.default_permissions(moderate_members=True)
class Usage(commands.GroupCog, group_name="usage", group_description="Who spent what in this server"):
    """Reports, exports, corrections and notices."""

    def __init__(self, *, bot: commands.Bot, services: Services) -> None:
        self._services = services
        # An export keeps a core busy for seconds: one at a time.
        self._exporting = asyncio.Semaphore(1)
        bot.add_dynamic_items(PeriodMenu, ReportPageButton)

    @app_commands.command(
        name="report", description="Credits by member or model, with a chart; only you see it"
    )
    @app_commands.describe(
        period="Which days (UTC); left out: the last 30",
        member="Only this member, by model",
        model="Only this model",
    )
    @app_commands.choices(period=PERIOD_CHOICES)
    @app_commands.checks.has_permissions(moderate_members=True)
    async def report(
        self,
        interaction: discord.Interaction[Any],
        period: str = ReportPeriod.DAYS_30.value,
        member: discord.User | None = None,
        model: Range[str, 1, CHOICE] | None = None,
    ) -> None:
        """Answer with a report, privately."""
        require_moderator(interaction)
        question = Question(
            period=ReportPeriod(period), member_id=None if member is None else member.id, model=model
        )
        await interaction.response.defer(ephemeral=True, thinking=True)
        await show_report(interaction, question)

    @report.autocomplete("model")
    async def _suggest_models(self, interaction: discord.Interaction[Any], current: str) -> list[Choice[str]]:
        if not self._services.gate.shows(interaction) or not interaction.permissions.moderate_members:
            return []
        used = await self._services.read(reports.models, guild_id=interaction.guild_id or 0)
        fitting = [model for model in used if current.lower() in model.lower()]
        return [
            Choice(name=model[:CHOICE], value=model if len(model) <= CHOICE else model_code(model))
            for model in fitting[:25]
        ]

    @app_commands.command(
        name="export", description="Every job and entry as CSV, for a spreadsheet; only you see it"
    )
    @app_commands.describe(period="Which days (UTC); left out: all time", member="Only this member")
    @app_commands.choices(period=PERIOD_CHOICES)
    @app_commands.checks.has_permissions(moderate_members=True)
    async def export(
        self,
        interaction: discord.Interaction[Any],
        period: str = ReportPeriod.ALL.value,
        member: discord.User | None = None,
    ) -> None:
        """Answer with CSV files, privately."""
        guild_id = require_moderator(interaction)
        asked = ReportPeriod(period)
        now = self._services.clock.now()
        selection = Selection(
            guild_id=guild_id,
            span=None if asked is ReportPeriod.ALL else report_span(asked, now),
            member_id=None if member is None else member.id,
            limit=MOST_ROWS,
        )
        await interaction.response.defer(ephemeral=True, thinking=True)
        async with self._exporting:
            with tempfile.TemporaryDirectory() as folder:
                await self._send_export(interaction, selection, Path(folder), f"usage-{iso_utc(now)[:10]}")

    async def _send_export(
        self, interaction: discord.Interaction[Any], selection: Selection, folder: Path, name: str
    ) -> None:
        limit = min(interaction.filesize_limit, DEFAULT_UPLOAD)
        asked = await self._services.read(reports.people, selection, limit=MOST_NAMED)
        guild = interaction.guild
        names = await self._services.names.of_all(guild, asked) if guild is not None else {}
        made = await self._services.export(
            folder, selection=selection, name=name, part_bytes=limit, names=names
        )
        text = export_text(made.rows, files=len(made.paths), cut=made.rows >= MOST_ROWS)
        first, *more = bundles(made.paths)
        await interaction.edit_original_response(
            content=text, attachments=[discord.File(path) for path in first]
        )
        for paths in more:
            files = [discord.File(path) for path in paths]
            await interaction.followup.send("The export goes on:", files=files, ephemeral=True)

    @app_commands.command(name="adjust", description="Correct a member's account by hand, on record")
    @app_commands.describe(
        member="Whose account",
        credits="Credits to give back, at most what they were charged this month; below zero: to take",
        reason="Why; moderators can read it in reports and exports",
    )
    async def adjust(
        self,
        interaction: discord.Interaction[Any],
        member: discord.User,
        credits: Amount,  # noqa: A002 - the option's name
        reason: Range[str, 1, 200],
    ) -> None:
        """Book a correction and say so, privately."""
        guild_id = self._services.gate.manage(interaction)
        amount, cause = thousandths_of(credits), " ".join(storable(reason).split())
        require_right(interaction, giving=amount > 0)
        if not amount or not cause or (amount > 0 and member.id == interaction.user.id):
            await interaction.response.send_message(nothing_corrected(), ephemeral=True)
            return
        correction = Correction(
            at=asked_at(interaction),
            member_id=member.id,
            amount=amount,
            cause=cause,
            moderator_id=interaction.user.id,
        )
        event = f"i{interaction.id}"
        most = await self._services.run(manage.correct, correction, guild_id=guild_id, event=event)
        text = correction_text(correction) if most is None else gives_too_much(most)
        await interaction.response.send_message(text, ephemeral=True)

    @app_commands.command(
        name="notices", description="Where to say that an allowance is nearly, or all, used: shows or sets it"
    )
    @app_commands.describe(
        channel="The channel for these notices from now on", off="True: no more notices from now on"
    )
    @app_commands.checks.has_permissions(moderate_members=True)
    async def notices(
        self,
        interaction: discord.Interaction[Any],
        channel: app_commands.Transform[AppCommandChannel, TextPlace] | None = None,
        off: bool = False,
    ) -> None:
        """Choose the channel for notices, if the bot may write there; with no option say which it is."""
        guild_id = require_moderator(interaction)
        if channel is None and not off:
            now = await self._services.read(notices.chosen_channel, guild_id=guild_id)
            await interaction.response.send_message(notices_state(now), ephemeral=True)
            return
        if off:
            channel = None
        if channel is not None:
            self._services.gate.manage(interaction)
            if not _may_write(interaction, channel):
                await interaction.response.send_message(missing_in_channel(channel.id), ephemeral=True)
                return
        channel_id = None if channel is None else channel.id
        await self._services.run(notices.choose_channel, guild_id=guild_id, channel_id=channel_id)
        await interaction.response.send_message(notices_text(channel_id), ephemeral=True)

    @app_commands.command(
        name="assign",
        description="For the bot's owner: say which of PixelDojo's jobs one without an answer is",
    )
    @app_commands.describe(
        job="The job without an answer, as /usage report names it", name="What PixelDojo calls it (jobId)"
    )
    @app_commands.checks.has_permissions(moderate_members=True)
    async def assign(
        self, interaction: discord.Interaction[Any], job: Range[str, 1, 80], name: Range[str, 1, 200]
    ) -> None:
        """Take a parked job up under a name, privately."""
        require_moderator(interaction)
        if not await cast("commands.Bot", interaction.client).is_owner(interaction.user):
            await interaction.response.send_message(NOT_THE_OPERATOR, ephemeral=True)
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        assigned = await self._services.reconciler.assign(job.strip(), name.strip())
        await interaction.followup.send(ASSIGNED[assigned], ephemeral=True)


def require_right(interaction: discord.Interaction[Any], *, giving: bool) -> None:
    """Refuse a correction by somebody who may not make it.

    Raises
    ------
    Refusal
        Giving needs Manage Server, taking needs Moderate Members.
    """
    rights = interaction.permissions
    if giving and not rights.manage_guild:
        raise Refusal(Reason.MANAGERS_GIVE if rights.moderate_members else Reason.MEMBER_MAY_NOT)
    if not giving and not rights.moderate_members:
        raise Refusal(Reason.MEMBER_MAY_NOT)


def _may_write(interaction: discord.Interaction[Any], channel: AppCommandChannel) -> bool:
    permissions = told_permissions(interaction, channel.id)
    return permissions.view_channel and permissions.send_messages


def bundles(paths: Sequence[Path]) -> list[list[Path]]:
    """Group files so that each message holds what Discord takes of them."""
    groups: list[list[Path]] = []
    size = 0
    for path in paths:
        more = path.stat().st_size
        if not groups or size + more > TOGETHER or len(groups[-1]) == FILES:
            groups.append([])
            size = 0
        groups[-1].append(path)
        size += more
    return groups


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Usage(bot=bot, services=services_in(bot)))
