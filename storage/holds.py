"""What open jobs hold, and what a key used.

A job's reserve and raise hold ``reserved + raised`` of its row until the charge or release that is booked in
the very transaction which moves the job out of ``HELD``: so the open jobs say what is held, and ``verify``
compares them with the sum over all entries.
"""

from collections.abc import Iterable

from domain.job import HELD, OPEN
from domain.limits import DAY
from domain.usage import Holds
from storage import members
from storage.database import Tx


def listed(statuses: Iterable[str]) -> str:
    """Write statuses as SQL, in the order in which the partial index has them."""
    return "(" + ", ".join(f"'{status}'" for status in sorted(statuses)) + ")"


IS_OPEN = f"status IN {listed(OPEN)}"
"""The condition of the partial index ``jobs_open``, word for word: SQLite uses it for no other."""
IS_HELD = f"{IS_OPEN} AND status IN {listed(HELD)}"


def held(tx: Tx, *, guild_id: int, member_id: int | None = None, model: str | None = None) -> Holds:
    """Return what the open jobs of a server hold: all of them, or one member's, or one model's."""
    where: list[tuple[str, str | int]] = [("guild_id = ?", guild_id)]
    if member_id is not None:
        where.append(("member = ?", members.find(tx, member_id)))
    if model is not None:
        where.append(("model = ?", model))
    row = tx.execute(
        "SELECT count(*), COALESCE(SUM(reserved + raised), 0) FROM jobs"
        f" WHERE {' AND '.join([IS_HELD, *(condition for condition, _ in where)])}",
        [value for _, value in where],
    ).fetchone()
    return Holds(jobs=int(row[0]), held=int(row[1]))


def used_in_a_day(tx: Tx, *, key_id: int, at: int) -> int:
    """Return what a key used in the day before a moment, thousandths: charged, held now, or never answered.

    A job that was given up because the provider never spoke of it may have cost all the same.
    """
    booked = tx.execute(
        "SELECT COALESCE(SUM(CASE WHEN kind = 'charge' THEN spent ELSE -held END), 0) FROM entries"
        " WHERE (kind = 'charge' OR cause = 'never_answered') AND key_id = ? AND at > ?",
        (key_id, at - DAY),
    ).fetchone()
    held_now = tx.execute(
        f"SELECT COALESCE(SUM(reserved + raised), 0) FROM jobs WHERE {IS_HELD} AND key_id = ?", (key_id,)
    ).fetchone()
    return int(booked[0]) + int(held_now[0])
