"""What a member sees of their own account in one server: ``/credits``."""

from collections.abc import Sequence

from accounts import blocks
from accounts.allowances import Ceilings, standings
from domain.errors import Refusal
from domain.periods import Period, span_of
from domain.reports import Statement
from domain.usage import Figures
from storage import entries, holds, statements, usage
from storage.tx import Tx

RECENT = 10
"""Jobs on a statement."""


def statement(
    tx: Tx, *, guild_id: int, member_id: int, role_ids: Sequence[int], at: int, ceilings: Ceilings
) -> Statement:
    """Return a member's account at a moment (Unix milliseconds): spent, held, left, and the last jobs."""

    def spent(period: Period) -> Figures:
        stretch = usage.coarsest(span_of(period, entries.in_order(tx, at)))
        return usage.figures(tx, guild_id=guild_id, stretch=stretch, member_id=member_id)

    return Statement(
        at=at,
        today=spent(Period.DAY),
        week=spent(Period.WEEK),
        month=spent(Period.MONTH),
        holds=holds.held(tx, guild_id=guild_id, member_id=member_id),
        standings=standings(
            tx, guild_id=guild_id, member_id=member_id, role_ids=role_ids, at=at, ceilings=ceilings
        ),
        recent=statements.recent(tx, guild_id=guild_id, member_id=member_id, limit=RECENT),
        block=_block(tx, guild_id=guild_id, member_id=member_id, at=at),
    )


def _block(tx: Tx, *, guild_id: int, member_id: int, at: int) -> Refusal | None:
    try:
        blocks.check(tx, guild_id=guild_id, member_id=member_id, at=at)
    except Refusal as refusal:
        return refusal
    return None
