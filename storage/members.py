"""Rows of ``members``: everything but Discord knows a member by the surrogate.

``SERVER`` stands for itself on both sides: the rollup keeps a server under it.
"""

from collections.abc import Iterable, Sequence

from domain.usage import SERVER
from storage.tx import Tx

NOBODY = -1
"""The surrogate of whoever has none yet: no row has it."""


def surrogate(tx: Tx, snowflake: int) -> int:
    """Return a member's surrogate; the first time it is made."""
    if (found := find(tx, snowflake)) != NOBODY:
        return found
    row = tx.execute(
        "INSERT INTO members (snowflake) VALUES (?) RETURNING surrogate", (snowflake,)
    ).fetchone()
    return int(row[0])


def find(tx: Tx, snowflake: int) -> int:
    """Return a member's surrogate, ``NOBODY`` if they have none."""
    if snowflake == SERVER:
        return SERVER
    if snowflake >= 2**63:
        # Made up: no integer of a database is that large.
        return NOBODY
    row = tx.execute("SELECT surrogate FROM members WHERE snowflake = ?", (snowflake,)).fetchone()
    return NOBODY if row is None else int(row[0])


def find_all(tx: Tx, snowflakes: Iterable[int]) -> dict[int, int]:
    """Return members' surrogates by snowflake."""
    return {snowflake: find(tx, snowflake) for snowflake in snowflakes}


def past(tx: Tx, snowflake: int) -> list[int]:
    """Return the surrogates that a member had when they were erased, as long as their periods run."""
    if tx.execute("SELECT 1 FROM erased LIMIT 1").fetchone() is None:
        return []
    rows = tx.execute("SELECT surrogate FROM erased WHERE hash = erasure_hash(?)", (snowflake,))
    return [int(row[0]) for row in rows]


def counting(tx: Tx, snowflake: int) -> list[int]:
    """Return all surrogates that count for a member's allowances and blocks, the present one first."""
    return [find(tx, snowflake), *([] if snowflake == SERVER else past(tx, snowflake))]


def snowflakes(tx: Tx, surrogates: Sequence[int]) -> list[int]:
    """Return members' snowflakes in the order of their surrogates; those without one are left out."""
    if not surrogates:
        return []
    rows = tx.execute(
        f"SELECT surrogate, snowflake FROM members WHERE surrogate IN ({', '.join('?' * len(surrogates))})"
        " AND snowflake IS NOT NULL",
        surrogates,
    )
    found = {int(row[0]): int(row[1]) for row in rows}
    return [found[each] for each in surrogates if each in found]
