"""A usage report as a message: asked for by a command, turned and switched by its buttons.

It is private to the moderator who asked: it names what members spend. Its buttons carry the whole question in
their ids, so that they outlive a restart, and ask for the permission again.
"""

import asyncio
import hashlib
import io
import re
from dataclasses import replace
from typing import Any, Self, cast

import discord
from discord import ui
from discord.ext import commands

from accounts import manage, reports
from cogs.services import Services, services_in
from domain.errors import Reason, Refusal
from domain.reports import PAGE, Question, Report, ReportPeriod
from ui.boundary import PrivateItem
from ui.charts import render
from ui.reports import PERIOD_NAMES, PICTURE, build_report, chart_of

MODEL = re.compile(r"[\w.:/-]{1,50}")
"""Names of models that fit into an id (Discord: 100 characters in all) as they are."""
QUESTION = (
    r"(?P<period>[a-z0-9]{3,9}):(?P<offset>[0-9]{1,6}):(?P<member>[0-9]{0,20})"
    r":(?P<model>[\w.:/-]{0,50}|#[0-9a-f]{16})"
)


def model_code(model: str) -> str:
    """Write a model's name so that it fits into an id, whatever it is: long or odd ones as a fingerprint."""
    return model if MODEL.fullmatch(model) else "#" + hashlib.sha256(model.encode()).hexdigest()[:16]


def code(question: Question) -> str:
    """Write a question so that it fits into an id."""
    model = model_code(question.model) if question.model else ""
    return f"{question.period}:{question.offset}:{question.member_id or ''}:{model}"


def question_of(match: re.Match[str]) -> Question:
    """Read what ``code`` wrote, a model as its code. What is no period means 30 days."""
    known = {period.value: period for period in ReportPeriod}
    return Question(
        period=known.get(match["period"], ReportPeriod.DAYS_30),
        member_id=int(match["member"]) if match["member"] else None,
        model=match["model"] or None,
        offset=int(match["offset"]),
    )


class PeriodMenu(PrivateItem[ui.Select[Any]], template=rf"dr:usage:{QUESTION}"):
    """Switches the period of a report."""

    def __init__(self, question: Question) -> None:
        options = [
            discord.SelectOption(label=name, value=period, default=period is question.period)
            for period, name in PERIOD_NAMES.items()
        ]
        super().__init__(ui.Select(custom_id=f"dr:usage:{code(question)}", options=options))
        self.question = question

    @classmethod
    def again(cls, match: re.Match[str], /) -> Self:
        """Make the menu again from its id."""
        return cls(question_of(match))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        """Show the chosen period, from its first page."""
        # Not self.item.values: discord.py finds nothing there where an empty "resolved" comes along.
        chosen = cast("dict[str, Any]", interaction.data or {}).get("values", [])
        period = next((known for known in ReportPeriod if known in chosen), self.question.period)
        question = replace(self.question, period=period, offset=0)
        require_moderator(interaction)
        await interaction.response.defer()
        await show_report(interaction, question)


class ReportPageButton(PrivateItem[ui.Button[Any]], template=rf"dr:usagepage:{QUESTION}"):
    """Turns to another page of a report."""

    def __init__(self, question: Question, *, label: str = "page", disabled: bool = False) -> None:
        custom_id = f"dr:usagepage:{code(question)}"
        super().__init__(ui.Button(label=label, disabled=disabled, custom_id=custom_id))
        self.question = question

    @classmethod
    def again(cls, match: re.Match[str], /) -> Self:
        """Make the button again from its id."""
        return cls(question_of(match))

    async def pressed(self, interaction: discord.Interaction[Any]) -> None:
        require_moderator(interaction)
        await interaction.response.defer()
        await show_report(interaction, self.question)


def require_moderator(interaction: discord.Interaction[Any]) -> int:
    """Return the server's id.

    Raises
    ------
    Refusal
        This is no server, or the member may not moderate others here.
    """
    guild_id = services_in(interaction.client).gate.show(interaction)
    if not interaction.permissions.moderate_members:
        raise Refusal(Reason.MEMBER_MAY_NOT)
    return guild_id


async def show_report(interaction: discord.Interaction[Any], question: Question) -> None:
    """Answer an interaction, which was deferred, with a report; its picture is drawn off the event loop.

    Raises
    ------
    Refusal
        The member may not see it, or it is about a model that was never used here.
    """
    guild_id, services = require_moderator(interaction), services_in(interaction.client)
    if question.model is not None:
        question = replace(question, model=await _model_of(services, question.model, guild_id=guild_id))
    found = await services.read(reports.report, question, guild_id=guild_id, at=services.clock.now())
    guild = interaction.guild
    names = await services.names.of(guild, _members(found)) if guild is not None else {}
    view = await _view(interaction, found, names, guild_id=guild_id)
    files: list[discord.File] = []
    if found.bars.lines:
        picture = await asyncio.to_thread(render, chart_of(found, names))
        files.append(discord.File(io.BytesIO(picture), PICTURE))
    await interaction.edit_original_response(view=view, attachments=files)


async def _model_of(services: Services, asked: str, *, guild_id: int) -> str:
    """Return the model that a name, or a name's code, means: one that this server used.

    Raises
    ------
    Refusal
        It used none of that name.
    """
    used = await services.read(reports.models, guild_id=guild_id)
    found = next((model for model in used if asked in {model, model_code(model)}), None)
    if found is None:
        raise Refusal(Reason.MODEL_NEVER_USED, model=asked)
    return found


async def _view(
    interaction: discord.Interaction[Any], found: Report, names: dict[int, str], *, guild_id: int
) -> ui.LayoutView:
    services, member_id = services_in(interaction.client), found.question.member_id
    corrections = (
        ()
        if member_id is None
        else await services.read(manage.corrections, guild_id=guild_id, member_id=member_id)
    )
    # Many servers share one key: what the provider says of it is the operator's alone.
    operator = (
        await services.read(reports.operator_report, span=found.span, at=found.at)
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
