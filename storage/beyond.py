"""What the provider may have taken in a day beyond what was charged: the operator's limits count it as used.

Members pay only for images that they were given, the operator for whatever the provider keeps. That is

- what a job cost that the provider took and that failed, unless the balance has shown that it came back;
- what is missing of a charge for fewer images than were asked for;
- what a job was billed above what it was taken for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.errors import Reason
from domain.limits import DAY
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Beyond:
    """An amount (thousandths) that was not charged, when, and whose job it was (a surrogate)."""

    at: int
    member: int
    amount: int


@dataclass(frozen=True, slots=True)
class _Failed:
    entry: int
    lost: Beyond


_KNOWN = "COALESCE(j.cost, -e.held)"


def beyond_charges(tx: Tx, *, key_id: int, at: int) -> list[Beyond]:
    """Return what a key may have lost beyond its charges in the day before a moment, oldest first."""
    since = at - DAY
    found = [*_failed(tx, key_id, since), *_partly(tx, key_id, since), *_billed(tx, key_id, since)]
    return sorted(found, key=lambda each: each.at)


def _failed(tx: Tx, key_id: int, since: int) -> Sequence[Beyond]:
    # From the jobs, of which few fail at the provider: releases are as many as members cancel. CROSS JOIN
    # keeps SQLite's planner to that order. A row's moment may lie before its entry's, which never goes back
    # when a clock does: hence two days of them.
    rows = tx.execute(
        f"SELECT e.id, e.at, e.member, {_KNOWN} FROM jobs AS j CROSS JOIN entries AS e"
        " WHERE j.status = 'failed' AND j.provider_job_id IS NOT NULL AND j.ended_at > ?"
        " AND e.job_id = j.id AND e.kind = 'release' AND e.cause <> ? AND e.key_id = ?"
        " AND e.at > ? ORDER BY e.id",
        (since - DAY, Reason.NEVER_ANSWERED, key_id, since),
    ).fetchall()
    failed = [
        _Failed(int(entry), Beyond(int(at), int(member), int(cost))) for entry, at, member, cost in rows
    ]
    return [each.lost for each in _not_returned(tx, failed)] if failed else []


def _not_returned(tx: Tx, failed: Sequence[_Failed]) -> list[_Failed]:
    """Take off what the next balance that can be compared (``accounts/balance``) shows to have come back."""
    left: list[_Failed] = []
    for reading, drift in _readings(tx, after=failed[0]):
        told = [each for each in failed if each.entry <= reading]
        failed = failed[len(told) :]
        unexplained = drift
        for each in told:
            kept = min(each.lost.amount, max(0, unexplained))
            unexplained -= kept
            if kept:
                left.append(replace(each, lost=replace(each.lost, amount=kept)))
    return [*left, *failed]


def _readings(tx: Tx, *, after: _Failed) -> list[tuple[int, int]]:
    """Return up to which entry each balance since a failure speaks, and what it lost beyond our books.

    The first balance of all has nothing to be compared with: it shows nothing.
    """
    drifts = dict(
        tx.execute("SELECT at, SUM(amount) FROM drifts WHERE at >= ? GROUP BY at", (after.lost.at,))
    )
    found: list[tuple[int, int]] = []
    for at, entry in tx.execute("SELECT at, last_entry FROM balances WHERE alone = 1 ORDER BY id DESC"):
        if entry < after.entry:
            return found[::-1]
        found.append((int(entry), int(drifts.get(at, 0))))
    return found[-2::-1]


def _partly(tx: Tx, key_id: int, since: int) -> Sequence[Beyond]:
    rows = tx.execute(
        f"SELECT e.at, e.member, {_KNOWN} - e.spent FROM entries AS e JOIN jobs AS j ON j.id = e.job_id"
        " WHERE e.kind = 'charge' AND e.key_id = ? AND e.at > ? AND e.spent < -e.held"
        f" AND e.spent < {_KNOWN} AND (j.billed IS NULL OR j.billed >= {_KNOWN})",
        (key_id, since),
    )
    return [Beyond(*map(int, row)) for row in rows]


def _billed(tx: Tx, key_id: int, since: int) -> Sequence[Beyond]:
    known = "COALESCE(cost, reserved + raised)"
    rows = tx.execute(
        f"SELECT completed_at, member, billed - {known} FROM jobs"
        f" WHERE billed > {known} AND completed_at > ? AND key_id = ?",
        (since, key_id),
    )
    return [Beyond(*map(int, row)) for row in rows]
