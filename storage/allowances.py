"""Rows of ``allowances``."""

from collections.abc import Iterable

from domain.allowances import Allowance, TargetKind
from domain.periods import Period
from storage import members
from storage.tx import Tx

_KINDS = {kind.value: kind for kind in TargetKind}
_PERIODS = {period.value: period for period in Period}
"""Looked up: a check reads dozens of rows, and an enum's own call costs more than the query."""

_COLUMNS = "target_kind, target_id, period, credits"


def put(tx: Tx, allowance: Allowance, *, guild_id: int, set_by: int, at: int) -> None:
    """Set an allowance; what was set for the same target and period before is replaced."""
    tx.execute(
        "INSERT INTO allowances (guild_id, target_kind, target_id, period, credits, set_by, set_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (guild_id, target_kind, target_id, period)"
        " DO UPDATE SET credits = excluded.credits, set_by = excluded.set_by, set_at = excluded.set_at",
        (guild_id, allowance.kind, allowance.target_id, allowance.period, allowance.credits, set_by, at),
    )


def clear(
    tx: Tx, *, guild_id: int, kind: TargetKind, target_id: int, period: Period | None
) -> list[Allowance]:
    """Remove a target's allowance for a period, or for all of them; return what was removed."""
    periods = list(Period) if period is None else [period]
    past = [-each for each in members.past(tx, target_id)] if kind is TargetKind.MEMBER else []
    rows = tx.execute(
        "DELETE FROM allowances WHERE guild_id = ? AND target_kind = ?"
        f" AND target_id IN (?{', ?' * len(past)})"
        f" AND period IN ({', '.join('?' * len(periods))}) RETURNING {_COLUMNS}",
        (guild_id, kind, target_id, *past, *periods),
    ).fetchall()
    return _allowances(rows)


def for_member(tx: Tx, *, guild_id: int, member_id: int) -> list[Allowance]:
    """Return all that may apply to a member: their own, every role's and the server's."""
    past = [-surrogate for surrogate in members.past(tx, member_id)]
    rows = tx.execute(
        # Three stretches of the key: with OR, SQLite looks at every member who has an allowance.
        f"SELECT {_COLUMNS} FROM allowances WHERE guild_id = ? AND target_kind = 'member'"
        f" AND target_id IN (?{', ?' * len(past)})"
        f" UNION ALL SELECT {_COLUMNS} FROM allowances WHERE guild_id = ? AND target_kind = 'role'"
        f" UNION ALL SELECT {_COLUMNS} FROM allowances WHERE guild_id = ? AND target_kind = 'server'",
        (guild_id, member_id, *past, guild_id, guild_id),
    )
    # What is said of them now counts above what was said before they were erased.
    return sorted(_allowances(rows), key=lambda allowance: allowance.target_id > 0)


def roles(tx: Tx, *, guild_id: int) -> set[int]:
    """Return the roles that have an allowance."""
    rows = tx.execute(
        "SELECT target_id FROM allowances WHERE guild_id = ? AND target_kind = 'role'", (guild_id,)
    )
    return {int(row[0]) for row in rows}


def page(tx: Tx, *, guild_id: int, limit: int, offset: int) -> tuple[list[Allowance], int]:
    """Return a page of a server's allowances (its own, then roles, then members) and how many there are."""
    rows = tx.execute(
        f"SELECT {_COLUMNS} FROM allowances WHERE guild_id = ? AND target_id >= 0"
        " ORDER BY CASE target_kind WHEN 'server' THEN 0 WHEN 'role' THEN 1 ELSE 2 END, target_id,"
        " CASE period WHEN 'day' THEN 0 WHEN 'week' THEN 1 ELSE 2 END LIMIT ? OFFSET ?",
        (guild_id, limit, offset),
    )
    query = "SELECT count(*) FROM allowances WHERE guild_id = ? AND target_id >= 0"
    count = tx.execute(query, (guild_id,)).fetchone()
    return _allowances(rows), int(count[0])


def _allowances(rows: Iterable[tuple[str, int, str, int]]) -> list[Allowance]:
    return [
        Allowance(kind=_KINDS[kind], target_id=target, period=_PERIODS[period], credits=amount)
        for kind, target, period, amount in rows
    ]
