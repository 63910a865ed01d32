"""The ledger's rows, and the rollup that is kept in the same transaction.

The triggers of ``migrations/0001_start.sql`` refuse what no ledger may hold: a changed or deleted row, a
charge, release or refund without its reserve, a hold that ends twice.
"""

from collections.abc import Sequence
from operator import attrgetter

from domain.entries import Entry, EntryKind
from domain.errors import Reason
from domain.periods import day_of, month_of
from domain.reports import Correction
from domain.usage import SERVER
from storage.database import Tx


def append(tx: Tx, entry: Entry) -> bool:
    """Append an entry and count it in the rollup; ``False`` if this job has one of that kind already.

    Only *reserve*, *charge* and *release* are unique by job; any number of *refund* and *adjust* may follow.

    Raises
    ------
    sqlite3.IntegrityError
        The ledger's own rules forbid it: the caller has a bug, and its transaction goes.
    """
    row = tx.execute(
        "INSERT INTO entries (kind, guild_id, member_id, at, held, spent, images, model, job_id, cause,"
        " moderator_id, nth) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (job_id, kind, nth) DO NOTHING RETURNING id",
        (*_values(entry), _nth(tx, entry)),
    ).fetchone()
    if row is None:
        return False
    if entry.kind is not EntryKind.RESERVE:
        _count(tx, entry)
    return True


_values = attrgetter(
    "kind",
    "guild_id",
    "member_id",
    "at",
    "held",
    "spent",
    "images",
    "model",
    "job_id",
    "cause",
    "moderator_id",
)


def _nth(tx: Tx, entry: Entry) -> int:
    """Return which one of its kind an entry is for its job: only refunds repeat."""
    if entry.kind is not EntryKind.REFUND:
        return 1
    row = tx.execute(
        "SELECT COALESCE(MAX(nth), 0) + 1 FROM entries WHERE job_id = ? AND kind = 'refund'", (entry.job_id,)
    ).fetchone()
    return int(row[0])


def _count(tx: Tx, entry: Entry) -> None:
    """Add what ends a job or corrects an account; a reserve changes no figure of the rollup."""
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
        "INSERT INTO usage (guild_id, grain, start, member_id, model, jobs, images, failures, spent,"
        " refunded, adjusted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (guild_id, grain, start, member_id, model) DO UPDATE SET"
        " jobs = usage.jobs + excluded.jobs, images = usage.images + excluded.images,"
        " failures = usage.failures + excluded.failures, spent = usage.spent + excluded.spent,"
        " refunded = usage.refunded + excluded.refunded, adjusted = usage.adjusted + excluded.adjusted",
        [
            (entry.guild_id, grain, start, member, entry.model, *figures)
            for grain, start in (("day", day), ("month", month_of(day)), ("ever", 0))
            for member in (entry.member_id, SERVER)
        ],
    )


def by_hand(tx: Tx, *, guild_id: int, member_id: int, limit: int) -> Sequence[Correction]:
    """Return the newest corrections of one member's account, newest first."""
    rows = tx.execute(
        "SELECT at, member_id, -spent, cause, moderator_id FROM entries"
        " WHERE moderator_id IS NOT NULL AND guild_id = ? AND member_id = ?"
        " ORDER BY at DESC, id DESC LIMIT ?",
        (guild_id, member_id, limit),
    )
    return [
        Correction(at=at, member_id=member, amount=amount, cause=cause, moderator_id=moderator)
        for at, member, amount, cause, moderator in rows
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
