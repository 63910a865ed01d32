"""The texts of ``/allowance``: what is set for whom, what was changed, and what the operator allows."""

from collections.abc import Sequence
from typing import Any

from discord import ui

from domain.allowances import Allowance, TargetKind
from domain.blocks import Block
from domain.credits import credits_text
from domain.periods import Period
from ui.block_texts import blocks_text
from ui.statements import PERIOD_WORDS

RENEWS = {
    Period.DAY: "every midnight UTC",
    Period.WEEK: "on Mondays, 00:00 UTC",
    Period.MONTH: "on the first of the month, 00:00 UTC",
}

ROWS = 20
"""Allowances on one page."""


def target_text(kind: TargetKind, target_id: int, *, guild_id: int) -> str:
    """Name whose allowance it is; a mention shows the name as of now and pings nobody."""
    if kind is TargetKind.SERVER:
        return "This server, all together"
    if kind is TargetKind.MEMBER:
        return f"<@{target_id}>"
    return "Everyone, each" if target_id == guild_id else f"<@&{target_id}>, each"


def allowance_text(allowance: Allowance, *, guild_id: int) -> str:
    """Write one allowance."""
    who = target_text(allowance.kind, allowance.target_id, guild_id=guild_id)
    amount, period = credits_text(allowance.credits), PERIOD_WORDS[allowance.period]
    if allowance.credits == 0:
        return f"{who}: **blocked** ({amount} {period}) until a manager changes that with /allowance set"
    return f"{who}: **{amount}** {period}"


def whole_server_text(allowance: Allowance) -> str:
    """Ask before all of a server shares one limit."""
    amount = f"{credits_text(allowance.credits)} {PERIOD_WORDS[allowance.period]}"
    what = "nobody in it could ask for anything" if allowance.credits == 0 else "all its members share that"
    return (
        f"You named no member and no role: this would limit **this whole server** to {amount}, and {what}."
        " Nothing was changed yet. To limit somebody, use the command again with `target`."
    )


def set_text(allowance: Allowance, *, guild_id: int) -> str:
    """Say what was set, and what else bears on it."""
    notes = {
        TargetKind.MEMBER: "For this period it replaces what their roles give.",
        TargetKind.ROLE: "Of several roles the most generous counts; a member’s own allowance replaces it.",
        TargetKind.SERVER: "It is one pot for all and applies beside everything else.",
    }
    what = allowance_text(allowance, guild_id=guild_id)
    if allowance.credits == 0:
        return f"{what}. To give a reason or an end, use /allowance block."
    return f"{what}. It renews {RENEWS[allowance.period]}. {notes[allowance.kind]}"


def too_high_text(ceiling: int) -> str:
    """Say that the operator allows less."""
    return (
        f"The bot’s own limit is {credits_text(ceiling)} a month there. Nothing was changed;"
        " set that much or less."
    )


def cleared_text(gone: Sequence[Allowance], *, kind: TargetKind, target_id: int, guild_id: int) -> str:
    """Say what was removed."""
    who = target_text(kind, target_id, guild_id=guild_id)
    if not gone:
        return f"{who}: nothing was set, nothing was changed."
    removed = ", ".join(f"{credits_text(each.credits)} {PERIOD_WORDS[each.period]}" for each in gone)
    return f"{who}: {removed} no longer applies."


def build_list(
    allowances: Sequence[Allowance],
    *,
    guild_id: int,
    count: int,
    offset: int,
    member_ceiling: int | None,
    server_ceiling: int | None,
    blocked: Sequence[Block],
    paging: Sequence[ui.Item[Any]],
) -> ui.LayoutView:
    """Return one page of a server's allowances, who is blocked, and the operator's limits."""
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container()
    pages = f" · {offset + 1:,} to {offset + len(allowances):,} of {count:,}" if count > ROWS else ""
    lines = [f"### Allowances{pages}", *(allowance_text(each, guild_id=guild_id) for each in allowances)]
    if not count:
        lines.append("None is set: members may spend without limit, up to the bot’s own limits.")
    container.add_item(ui.TextDisplay("\n".join(lines)))
    if blocked:
        container.add_item(ui.TextDisplay(blocks_text(blocked)))
    container.add_item(ui.TextDisplay(_operator(member_ceiling, server_ceiling)))
    layout.add_item(container)
    if paging:
        layout.add_item(ui.ActionRow(*paging))
    return layout


def _operator(member: int | None, server: int | None) -> str:
    def limit(amount: int | None) -> str:
        return "no limit" if amount is None else f"{credits_text(amount)} a month"

    return (
        f"-# The bot’s own limits: {limit(member)} for each member in all servers, {limit(server)} for the"
        " server. Days, weeks (from Monday) and months are UTC."
    )
