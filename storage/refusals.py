"""Rows of ``refusals``: jobs that the provider's safety check refused, kept for two days."""

from dataclasses import dataclass

from storage import members
from storage.tx import Tx


def note(tx: Tx, *, job_id: str, member_id: int, at: int) -> None:
    """Note that the provider's safety check refused a job."""
    tx.execute(
        "INSERT INTO refusals (job_id, member, at) VALUES (?, ?, ?) ON CONFLICT (job_id) DO NOTHING",
        (job_id, members.surrogate(tx, member_id), at),
    )


def of_member(tx: Tx, *, member_id: int, since: int, up_to: int) -> int:
    """Count a member's refused jobs after a moment, up to and with another."""
    whose = members.counting(tx, member_id)
    row = tx.execute(
        f"SELECT count(*) FROM refusals WHERE member IN ({', '.join('?' * len(whose))})"
        " AND at > ? AND at <= ?",
        (*whose, since, up_to),
    ).fetchone()
    return int(row[0])


@dataclass(frozen=True, slots=True)
class RefusalsOfADay:
    """How many jobs the safety check refused, and of how many members."""

    jobs: int
    members: int


def between(tx: Tx, *, start: int, end: int) -> RefusalsOfADay:
    """Count the refused jobs of all members from one moment up to, not including, another."""
    row = tx.execute(
        "SELECT count(*), count(DISTINCT member) FROM refusals WHERE at >= ? AND at < ?", (start, end)
    ).fetchone()
    return RefusalsOfADay(int(row[0]), int(row[1]))


def forget(tx: Tx, *, before: int) -> None:
    """Forget the refusals of before a moment."""
    tx.execute("DELETE FROM refusals WHERE at < ?", (before,))
