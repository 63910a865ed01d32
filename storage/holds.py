"""What open jobs hold, and what a key used.

A job's reserve and raise hold ``reserved + raised`` of its row until the charge or release that is booked in
the very transaction which moves the job out of ``HELD``: so the open jobs say what is held, and ``verify``
compares them with the sum over all entries.
"""

from collections.abc import Iterable

from domain.job import HELD, OPEN, OPERATOR_KEY
from domain.limits import DAY
from domain.usage import Holds
from storage import members
from storage.beyond import beyond_charges
from storage.tx import Tx


def listed(statuses: Iterable[str]) -> str:
    """Write statuses as SQL, in the order in which the partial index has them."""
    return "(" + ", ".join(f"'{status}'" for status in sorted(statuses)) + ")"


IS_OPEN = f"status IN {listed(OPEN)}"
"""The condition of the partial index ``jobs_open``, word for word: SQLite uses it for no other."""
IS_HELD = f"{IS_OPEN} AND status IN {listed(HELD)}"


def held(
    tx: Tx, *, guild_id: int | None = None, member_id: int | None = None, model: str | None = None
) -> Holds:
    """Return what open jobs hold: those of all servers or of one, of all members or one, of one model."""
    where: list[tuple[str, str | int]] = []
    if guild_id is not None:
        where.append(("guild_id = ?", guild_id))
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


_BOOKED = "CASE WHEN kind = 'charge' THEN spent ELSE -held END"
_OF_A_DAY = "(kind = 'charge' OR cause = 'never_answered') AND key_id = ? AND at > ?"


def used_in_a_day(tx: Tx, *, key_id: int, at: int) -> int:
    """Return what a key used in the day before a moment, thousandths.

    That is what was charged, what is held now, what was never answered (it may have cost all the same), and
    what the provider may have kept beyond that (``storage/beyond.py``).
    """
    booked = tx.execute(
        f"SELECT COALESCE(SUM({_BOOKED}), 0) FROM entries WHERE {_OF_A_DAY}", (key_id, at - DAY)
    ).fetchone()
    held_now = tx.execute(
        f"SELECT COALESCE(SUM(reserved + raised), 0) FROM jobs WHERE {IS_HELD} AND key_id = ?", (key_id,)
    ).fetchone()
    lost = sum(each.amount for each in beyond_charges(tx, key_id=key_id, at=at))
    return int(booked[0]) + int(held_now[0]) + lost


def lost_in_a_day(tx: Tx, *, member_id: int, at: int) -> int:
    """Return what the operator's key may have lost by a member's jobs, in all servers, unpaid."""
    whose = members.counting(tx, member_id)
    lost = beyond_charges(tx, key_id=OPERATOR_KEY, at=at)
    return sum(each.amount for each in lost if each.member in whose)


def booked_in_a_day(tx: Tx, *, key_id: int, at: int) -> list[tuple[int, int]]:
    """Return when so many thousandths were used of a key in the day before a moment, oldest first."""
    rows = tx.execute(f"SELECT at, {_BOOKED} FROM entries WHERE {_OF_A_DAY}", (key_id, at - DAY))
    lost = beyond_charges(tx, key_id=key_id, at=at)
    return sorted(
        [*((int(moment), int(amount)) for moment, amount in rows), *((each.at, each.amount) for each in lost)]
    )
