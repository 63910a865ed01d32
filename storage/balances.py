"""Rows of ``balances``, ``drifts`` and ``suspects``, and what ledger and open jobs say beside them."""

from dataclasses import dataclass

from domain.errors import Reason
from domain.job import Status
from domain.reports import Balance, Drift, Trace
from storage.holds import IS_OPEN
from storage.tx import Tx

MOST_SUSPECTS = 50
"""A drift with more suspects is no clue any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What we say the provider took: ``last_entry`` is the ledger's newest row, ``committed`` thousandths."""

    last_entry: int
    committed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A balance that was told while no other submission was open, and our books at that moment."""

    at: int
    remaining: int
    books: Books


def add(
    tx: Tx, *, job_id: str | None, cost: int | None, remaining: int, books: Books | None, at: int
) -> None:
    """Write down a reply's balance; with ``books`` if no other submission was open meanwhile."""
    tx.execute(
        "INSERT INTO balances (at, job_id, cost, remaining, alone, last_entry, committed)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            at,
            job_id,
            cost,
            remaining,
            int(books is not None),
            None if books is None else books.last_entry,
            None if books is None else books.committed,
        ),
    )


def last(tx: Tx) -> Balance | None:
    """Return the balance as the last reply told it."""
    row = tx.execute("SELECT at, remaining FROM balances ORDER BY id DESC LIMIT 1").fetchone()
    return None if row is None else Balance(at=int(row[0]), remaining=int(row[1]))


def last_reading(tx: Tx) -> Reading | None:
    """Return the last balance that can be compared."""
    row = tx.execute(
        "SELECT at, remaining, last_entry, committed FROM balances WHERE alone = 1 ORDER BY id DESC LIMIT 1"
    ).fetchone()
    if row is None:
        return None
    at, remaining, last_entry, committed = map(int, row)
    return Reading(at=at, remaining=remaining, books=Books(last_entry=last_entry, committed=committed))


def books(tx: Tx) -> Books:
    """Return our books at this moment: what accepted jobs that have not ended cost is committed."""
    newest = tx.execute("SELECT COALESCE(MAX(id), 0) FROM entries").fetchone()
    committed = tx.execute(
        "SELECT COALESCE(SUM(COALESCE(cost, reserved + raised)), 0) FROM jobs"
        f" WHERE {IS_OPEN} AND status = 'running'"
    ).fetchone()
    return Books(last_entry=int(newest[0]), committed=int(committed[0]))


def booked(tx: Tx, *, after: int, until: int) -> int:
    """Return what the ledger charged, net of refunds, between two of its rows."""
    row = tx.execute(
        "SELECT COALESCE(SUM(spent), 0) FROM entries"
        " WHERE id > ? AND id <= ? AND kind IN ('charge', 'refund')",
        (after, until),
    ).fetchone()
    return int(row[0])


def sent_at(tx: Tx, job_id: str) -> int | None:
    """Return when a job's submission left."""
    row = tx.execute("SELECT submitted_at FROM jobs WHERE id = ?", (job_id,)).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def other_open(tx: Tx, job_id: str) -> bool:
    """Tell whether the submission of another job is open now."""
    row = tx.execute(
        f"SELECT 1 FROM jobs WHERE {IS_OPEN} AND status = 'submitting' AND id <> ? LIMIT 1", (job_id,)
    )
    return row.fetchone() is not None


def last_other(tx: Tx, job_id: str) -> int | None:
    """Return when the last reply to another job's submission was written down."""
    row = tx.execute(
        "SELECT at FROM balances WHERE job_id <> ? ORDER BY id DESC LIMIT 1", (job_id,)
    ).fetchone()
    return None if row is None else int(row[0])


def repriced(tx: Tx, *, after: int, since: int) -> bool:
    """Tell whether, since a moment, an accepted job ended at another price than it was committed with.

    Looks at the ledger's rows after ``after``.
    """
    row = tx.execute(
        "SELECT 1 FROM entries AS e JOIN jobs AS j ON j.id = e.job_id WHERE e.id > ? AND e.at >= ?"
        " AND ((e.kind = 'release' AND j.provider_job_id IS NOT NULL) OR e.kind = 'refund'"
        "  OR (e.kind = 'charge' AND e.spent <> COALESCE(j.cost, j.reserved + j.raised))) LIMIT 1",
        (after, since),
    )
    return row.fetchone() is not None


def add_drift(tx: Tx, *, since: Reading, at: int, amount: int, until: int) -> None:
    """Write down a drift that showed between two readings, and the jobs that it may come from.

    Those are the jobs that are *unknown* or were given up as such, that failed although the provider had
    taken them, that were charged less than the provider's cost, or that turned up without a reply of their
    own: each may have moved the balance otherwise than our books say.
    """
    row = tx.execute(
        "INSERT INTO drifts (since, at, amount) VALUES (?, ?, ?) RETURNING id", (since.at, at, amount)
    ).fetchone()
    tx.execute(
        "INSERT INTO suspects (drift_id, job_id) SELECT DISTINCT ?, id FROM ("
        f"SELECT id FROM jobs WHERE {IS_OPEN} AND status = 'unknown'"
        f" UNION ALL SELECT id FROM jobs WHERE {IS_OPEN} AND status = 'running'"
        "  AND NOT EXISTS (SELECT 1 FROM balances WHERE balances.job_id = jobs.id)"
        " UNION ALL SELECT j.id FROM entries AS e JOIN jobs AS j ON j.id = e.job_id"
        "  WHERE e.id > ? AND e.id <= ? AND ("
        "   (e.kind = 'release' AND (j.provider_job_id IS NOT NULL OR e.cause = ?))"
        "   OR (e.kind = 'charge' AND (e.spent < j.cost OR e.spent < j.billed"
        "    OR NOT EXISTS (SELECT 1 FROM balances WHERE balances.job_id = j.id)))"
        "   OR e.kind = 'refund')) AS suspected LIMIT ?",
        (int(row[0]), since.books.last_entry, until, Reason.NEVER_ANSWERED, MOST_SUSPECTS),
    )


def drift_sums(tx: Tx, *, since: int, until: int) -> tuple[int, int]:
    """Return what the balance lost and what it gained beyond our charges, between two moments."""
    row = tx.execute(
        "SELECT COALESCE(SUM(CASE WHEN amount > 0 THEN amount END), 0),"
        " COALESCE(SUM(CASE WHEN amount < 0 THEN -amount END), 0) FROM drifts WHERE at >= ? AND at < ?",
        (since, until),
    ).fetchone()
    return int(row[0]), int(row[1])


def billed_beyond(tx: Tx, *, since: int, until: int) -> int:
    """Return by how much jobs that ended between two moments were billed above what they were taken for."""
    row = tx.execute(
        "SELECT COALESCE(SUM(billed - COALESCE(cost, reserved + raised)), 0) FROM jobs"
        " WHERE billed > COALESCE(cost, reserved + raised) AND completed_at >= ? AND completed_at < ?",
        (since, until),
    ).fetchone()
    return int(row[0])


def drifts(tx: Tx, *, since: int, until: int, limit: int) -> list[Drift]:
    """Return the newest drifts between two moments, newest first, with their suspects as they are now."""
    rows = tx.execute(
        "SELECT id, since, at, amount FROM drifts WHERE at >= ? AND at < ? ORDER BY id DESC LIMIT ?",
        (since, until, limit),
    ).fetchall()
    return [
        Drift(since=began, at=at, amount=amount, suspects=_suspects(tx, drift_id))
        for drift_id, began, at, amount in rows
    ]


_TRACE = (
    "j.id, j.guild_id, COALESCE((SELECT snowflake FROM members WHERE surrogate = j.member), 0), j.status,"
    " j.failure, j.submitted_at, COALESCE(j.billed, j.cost, j.reserved + j.raised)"
)


def parked(tx: Tx, *, limit: int) -> list[Trace]:
    """Return the jobs that are unknown now, oldest first."""
    rows = tx.execute(
        f"SELECT {_TRACE} FROM jobs AS j WHERE {IS_OPEN} AND status = 'unknown'"
        " ORDER BY j.submitted_at, j.id LIMIT ?",
        (limit,),
    )
    return [_trace(row) for row in rows]


def _suspects(tx: Tx, drift_id: int) -> list[Trace]:
    rows = tx.execute(
        f"SELECT {_TRACE} FROM suspects AS s JOIN jobs AS j ON j.id = s.job_id WHERE s.drift_id = ?"
        " ORDER BY j.submitted_at, j.id",
        (drift_id,),
    )
    return [_trace(row) for row in rows]


def _trace(row: tuple[str, int, int, str, str | None, int | None, int]) -> Trace:
    job_id, guild_id, member_id, status, failure, submitted_at, cost = row
    return Trace(
        job_id=job_id,
        guild_id=guild_id,
        member_id=member_id,
        status=Status(status),
        failure=None if failure is None else Reason(failure),
        submitted_at=submitted_at,
        cost=cost,
    )
