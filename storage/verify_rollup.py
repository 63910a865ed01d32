"""What ``--verify`` checks of the rollup: every sum is the sum of its parts."""

from collections.abc import Iterator

from domain.periods import next_month
from storage import rollup as derived
from storage.identities import Identity
from storage.tx import Tx

_KEPT = f"SELECT {derived.COLUMNS} FROM usage"
_SERVERS = (
    f"SELECT guild_id, grain, start, 0 AS member, model, {derived.SUMS}"
    " FROM usage WHERE member <> 0 GROUP BY guild_id, grain, start, model"
)
Sided = tuple[str, tuple[int, ...]]
"""A query and its values."""


def _same(sentence: str, summed: Sided, kept: Sided) -> Iterator[Identity]:
    """Yield two identities: nothing of the one side is missing on the other."""
    for word, (one, values), (other, more) in (("lacks", summed, kept), ("adds", kept, summed)):
        yield Identity(f"{sentence}; the rollup {word}", f"{one} EXCEPT {other}", (*values, *more))


def rollup(tx: Tx) -> Iterator[Identity]:
    """Yield the identities of the rollup: months one by one, since SQL has no calendar that all share."""
    yield from _same(
        "A day is the sum of its entries",
        (derived.from_entries(of_server=False), ()),
        (f"{_KEPT} WHERE grain = 'day' AND member <> 0", ()),
    )
    months = derived.months_with_days(tx)
    for first in months:
        yield from _same(
            "A month is the sum of its days",
            (derived.MONTH_FROM_DAYS, (first, first, next_month(first))),
            (f"{_KEPT} WHERE grain = 'month' AND start = ?", (first,)),
        )
    # Without any day 0 stands in: no list is empty, and no month begins there but January 1970.
    starts = tuple(months) or (0,)
    places = ", ".join("?" * len(starts))
    yield Identity(
        "A month begins on its first day",
        f"{_KEPT} WHERE grain = 'month' AND start NOT IN ({places})",
        starts,
    )
    yield from _same(
        "All time is the sum of its months",
        (derived.EVER_FROM_MONTHS, ()),
        (f"{_KEPT} WHERE grain = 'ever'", ()),
    )
    yield from _same("A server is the sum of its members", (_SERVERS, ()), (f"{_KEPT} WHERE member = 0", ()))
