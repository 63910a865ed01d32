"""A usage report as a message: asked for by a command, turned and switched by its buttons.

It is private to the moderator who asked: it names what members spend. Its buttons carry the whole question in
their ids, so that they outlive a restart, and ask for the permission again.
"""

import asyncio
import io
import re
from dataclasses import replace
from typing import Any, Protocol, Self, cast

import discord
from discord import ui
from discord.ext import commands

from accounts import manage, reports
from adapters.names import Names
from cogs.services import Services
from domain.errors import Reason, Refusal
from domain.reports import PAGE, Question, Report, ReportPeriod
from ui.boundary import SafeItem
from ui.charts import render
from ui.reports import PERIOD_NAMES, PICTURE, build_report, chart_of

MODEL_LENGTH = 50
"""Characters of a model's name that fit into an id (Discord: 100 in all)."""
QUESTION = (
    r"(?P<period>[a-z0-9]{3,9}):(?P<offset>[0-9]{1,6}):(?P<member>[0-9]{0,20}):(?P<model>[\w.:/-]{0,50})"
)


def code(question: Question) -> str:
    """Write a question so that it fits into an id."""
    return f"{question.period}:{question.offset}:{question.member_id or ''}:{question.model or ''}"


def question_of(match: re.Match[str]) -> Question:
    """Read what ``code`` wrote. Ids come from outside: what is no period asks about 30 days."""
    known = {period.value: period for period in ReportPeriod}
    return Question(
        period=known.get(match["period"], ReportPeriod.DAYS_30),
        member_id=int(match["member"]) if match["member"] else None,
        model=match["model"] or None,
        offset=int(match["offset"]),
    )


class PeriodMenu(SafeItem[ui.Select[Any]], template=rf"dr:usage:{QUESTION}"):
    """Switches the period of a report."""

    def __init__(self, question: Question) -> None:
        options = [
            discord.SelectOption(label=name, value=period, default=period is question.period)
            for period, name in PERIOD_NAMES.items()
        ]
        super().__init__(ui.Select(custom_id=f"dr:usage:{code(question)}", options=options))
        self.question = question

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the menu again from its id."""
        del interaction, item
        return cls(question_of(match))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the chosen period, from its first page."""
        # Not self.item.values: discord.py finds nothing there where an empty "resolved" comes along.
        chosen = cast("dict[str, Any]", interaction.data or {}).get("values", [])
        period = next((known for known in ReportPeriod if known in chosen), self.question.period)
        question = replace(self.question, period=period, offset=0)
        await interaction.response.defer()
        await reporter_of(interaction).show(interaction, question)


class ReportPageButton(SafeItem[ui.Button[Any]], template=rf"dr:usagepage:{QUESTION}"):
    """FairQueue to another page of a report."""

    def __init__(self, question: Question, *, label: str = "page", disabled: bool = False) -> None:
        custom_id = f"dr:usagepage:{code(question)}"
        super().__init__(ui.Button(label=label, disabled=disabled, custom_id=custom_id))
        self.question = question

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """Make the button again from its id."""
        del interaction, item
        return cls(question_of(match))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        await reporter_of(interaction).show(interaction, self.question)


def require_moderator(interaction: discord.Interaction[Any]) -> int:
    """Return the server's id.

    Raises
    ------
    Refusal
        This is no server, or the member may not moderate others here.
    """
    if interaction.guild_id is None:
        raise Refusal(Reason.DIRECT_MESSAGE)
    if not interaction.permissions.moderate_members:
        raise Refusal(Reason.MEMBER_MAY_NOT)
    return interaction.guild_id


class Reporter:
    """Makes reports: asks the ledger and Discord, draws off the event loop, and answers."""

    def __init__(self, *, services: Services, names: Names) -> None:
        self._services = services
        self._names = names

    async def show(self, interaction: discord.Interaction[Any], question: Question) -> None:
        """Answer an interaction, which was deferred, with a report.

        Raises
        ------
        Refusal
            The member may not see it.
        """
        guild_id = require_moderator(interaction)
        guild = interaction.guild
        found = await self._services.read(
            reports.report, question, guild_id=guild_id, at=self._services.clock.now()
        )
        names = await self._names.of(guild, _members(found)) if guild is not None else {}
        view = await self._view(interaction, found, names, guild_id=guild_id)
        picture = await asyncio.to_thread(render, chart_of(found, names))
        file = discord.File(io.BytesIO(picture), PICTURE)
        await interaction.edit_original_response(view=view, attachments=[file])

    async def _view(
        self, interaction: discord.Interaction[Any], found: Report, names: dict[int, str], *, guild_id: int
    ) -> ui.LayoutView:
        member_id = found.question.member_id
        corrections = (
            ()
            if member_id is None
            else await self._services.read(manage.corrections, guild_id=guild_id, member_id=member_id)
        )
        # Many servers share one key: what the provider says of it is the operator's alone.
        operator = (
            await self._services.read(reports.operator_report, span=found.span, at=found.at)
            if await cast("commands.Bot", interaction.client).is_owner(interaction.user)
            else None
        )
        return build_report(
            found,
            names,
            operator=operator,
            corrections=corrections,
            menu=PeriodMenu(found.question),
            paging=_paging(found),
        )


class _HasReporter(Protocol):
    reporter: Reporter


def reporter_of(interaction: discord.Interaction[Any]) -> Reporter:
    """Return the reporter of the bot's usage cog."""
    return cast("_HasReporter", interaction.client.get_cog("Usage")).reporter


def _members(found: Report) -> set[int]:
    keys = [share.key for share in found.shares] + [line.key for line in found.bars.lines]
    asked = {found.question.member_id} - {None}
    return {key for key in (*keys, *asked) if isinstance(key, int)}


def _paging(found: Report) -> list[ui.Item[Any]]:
    question = found.question
    if question.member_id is not None or (found.count <= PAGE and question.offset == 0):
        return []
    before = replace(question, offset=max(question.offset - PAGE, 0))
    after = replace(question, offset=question.offset + PAGE)
    return [
        ReportPageButton(before, label="Higher ranks", disabled=question.offset == 0),
        ReportPageButton(after, label="Lower ranks", disabled=after.offset >= found.count),
    ]
