"""The ledger's rows, and the rollup that is kept in the same transaction.

The triggers refuse what no ledger may hold: a changed or deleted row, an entry without its reserve, a hold
that ends twice or not whole, a charge above it (``docs/storage.md``).
"""

from collections.abc import Sequence
from dataclasses import replace

from domain.entries import Entry, EntryKind
from domain.errors import Reason
from domain.limits import DAY
from domain.periods import day_of, month_of
from domain.reports import Correction
from domain.usage import SERVER
from storage import members
from storage.tx import Tx

SET_BACK = 7 * DAY
"""A newest entry further ahead than this is no clock that was set back, but one that was wrong then."""


REPEATED = frozenset({EntryKind.RAISE, EntryKind.REFUND})
"""What a job may have any number of: each belongs to a move of its row, which is made once."""


def append(tx: Tx, entry: Entry) -> bool:
    """Append an entry and count it in the rollup; ``False`` if this job has one of that kind already.

    Only *raise*, *refund* and *adjust* may repeat. Its moment is never before the newest booked day
    (``in_order``).

    Raises
    ------
    RuleBroken
        The ledger's own rules forbid it: the caller has a bug, and its transaction goes.
    """
    entry = replace(entry, at=in_order(tx, entry.at))
    member = members.surrogate(tx, entry.member_id)
    moderator = None if entry.moderator_id is None else members.surrogate(tx, entry.moderator_id)
    row = tx.execute(
        "INSERT INTO entries (kind, key_id, guild_id, member, at, held, spent, images, model, job_id, cause,"
        " reason_id, moderator, nth) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (job_id, kind, nth) DO NOTHING RETURNING id",
        (
            entry.kind,
            entry.key_id,
            entry.guild_id,
            member,
            entry.at,
            entry.held,
            entry.spent,
            entry.images,
            entry.model,
            entry.job_id,
            entry.cause,
            _written(tx, entry),
            moderator,
            _nth(tx, entry),
        ),
    ).fetchone()
    if row is None:
        return False
    _count(tx, entry, member)
    return True


def in_order(tx: Tx, at: int) -> int:
    """Return a moment, or the begin of the newest booked day if that is later (Unix milliseconds).

    A clock that is set back over midnight would otherwise open yesterday's allowance once more.
    """
    row = tx.execute("SELECT at FROM entries ORDER BY id DESC LIMIT 1").fetchone()
    begin = at if row is None else int(row[0]) // DAY * DAY
    return begin if at < begin <= at + SET_BACK else at


def _written(tx: Tx, entry: Entry) -> int | None:
    """Keep what somebody wrote beside the ledger, where it can be taken away."""
    if entry.reason is None:
        return None
    row = tx.execute(
        "INSERT INTO reasons (text, event) VALUES (?, ?) RETURNING id", (entry.reason, entry.event)
    ).fetchone()
    return int(row[0])


def was_asked_for(tx: Tx, event: str) -> bool:
    """Tell whether an event has made its correction before."""
    return tx.execute("SELECT 1 FROM reasons WHERE event = ?", (event,)).fetchone() is not None


def _nth(tx: Tx, entry: Entry) -> int:
    """Return which one of its kind an entry is for its job."""
    if entry.kind not in REPEATED:
        return 1
    row = tx.execute(
        "SELECT COALESCE(MAX(nth), 0) + 1 FROM entries WHERE job_id = ? AND kind = ?",
        (entry.job_id, entry.kind),
    ).fetchone()
    return int(row[0])


def _count(tx: Tx, entry: Entry, member: int) -> None:
    """Add what ends a job or corrects an account; a hold changes no figure of the rollup."""
    failed = entry.kind is EntryKind.RELEASE and entry.cause != Reason.CANCELLED
    figures = (
        int(entry.kind is EntryKind.CHARGE or failed),
        entry.images,
        int(failed),
        entry.spent,
        -entry.spent if entry.kind is EntryKind.REFUND else 0,
        -entry.spent if entry.kind is EntryKind.ADJUST else 0,
    )
    if not any(figures):
        return
    day = day_of(entry.at)
    tx.executemany(
        "INSERT INTO usage (guild_id, grain, start, member, model, jobs, images, failures, spent,"
        " refunded, adjusted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (guild_id, grain, start, member, model) DO UPDATE SET"
        " jobs = usage.jobs + excluded.jobs, images = usage.images + excluded.images,"
        " failures = usage.failures + excluded.failures, spent = usage.spent + excluded.spent,"
        " refunded = usage.refunded + excluded.refunded, adjusted = usage.adjusted + excluded.adjusted",
        [
            (entry.guild_id, grain, start, whose, entry.model, *figures)
            for grain, start in (("day", day), ("month", month_of(day)), ("ever", 0))
            for whose in (member, SERVER)
        ],
    )


def by_hand(tx: Tx, *, guild_id: int, member_id: int, limit: int) -> Sequence[Correction]:
    """Return the newest corrections of one member's account, newest first."""
    rows = tx.execute(
        "SELECT e.at, -e.spent, COALESCE(r.text, e.cause), o.snowflake FROM entries AS e"
        " LEFT JOIN reasons AS r ON r.id = e.reason_id JOIN members AS o ON o.surrogate = e.moderator"
        " WHERE e.moderator IS NOT NULL AND e.guild_id = ? AND e.member = ?"
        " ORDER BY e.at DESC, e.id DESC LIMIT ?",
        (guild_id, members.find(tx, member_id), limit),
    )
    return [
        Correction(at=at, member_id=member_id, amount=amount, cause=cause, moderator_id=moderator or SERVER)
        for at, amount, cause, moderator in rows
    ]


def spent_on(tx: Tx, job_ids: Sequence[str]) -> dict[str, int]:
    """Return what jobs cost their members, in thousandths and net of refunds; absent: nothing was booked."""
    if not job_ids:
        return {}
    places = ", ".join("?" * len(job_ids))
    rows = tx.execute(
        f"SELECT job_id, SUM(spent) FROM entries WHERE job_id IN ({places})"
        " AND kind IN ('charge', 'refund') GROUP BY job_id",
        job_ids,
    )
    return {str(job_id): int(spent) for job_id, spent in rows}
