"""Questions to the rollup of the ledger: one function a query.

The key is (server, grain, start, member's surrogate, model). Few days or months of few members are
single rows each; all members over a stretch of time are one stretch of the key.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.periods import Period, Span, month_of, next_month, span_of
from domain.usage import SERVER, Figures, Share
from storage import members
from storage.tx import Tx

_SUMS = "SUM(jobs), SUM(images), SUM(failures), SUM(spent), SUM(refunded), SUM(adjusted)"
_CHARGED = "SUM(spent + refunded + adjusted)"
"""What images cost, before anything was given back: the measure of every report, never below zero."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of the rollup that make up some time: ``grain`` day, month or ever, ``starts`` the first days."""

    grain: str
    starts: Sequence[int]

    @property
    def places(self) -> str:
        """As many placeholders as there are starts."""
        return ", ".join("?" * len(self.starts))


def days(span: Span) -> Stretch:
    """Return a span as days."""
    return Stretch("day", range(span.first, span.end))


def months(span: Span) -> Stretch:
    """Return a span that begins and ends with months as months."""
    starts: list[int] = []
    first = month_of(span.first)
    while first < span.end:
        starts.append(first)
        first = next_month(first)
    return Stretch("month", starts)


EVER = Stretch("ever", (0,))
"""All time."""


def coarsest(span: Span) -> Stretch:
    """Return a span as months where it is made of whole ones, as days otherwise."""
    whole = month_of(span.first) == span.first and month_of(span.end) == span.end
    return months(span) if whole else days(span)


def figures(
    tx: Tx, *, guild_id: int, stretch: Stretch, member_id: int = SERVER, model: str | None = None
) -> Figures:
    """Return the sums of one member, or of the whole server."""
    row = tx.execute(
        f"SELECT {_SUMS} FROM usage WHERE guild_id = ? AND grain = ? AND start IN ({stretch.places})"
        f" AND member = ?{_of_model(model)}",
        (guild_id, stretch.grain, *stretch.starts, members.find(tx, member_id), *_given(model)),
    ).fetchone()
    return _figures(row)


def running(
    tx: Tx, *, guild_id: int, member_ids: Sequence[int], at: int
) -> dict[tuple[int, Period], Figures]:
    """Return what members (``SERVER`` may be among them) spent in the running day, week and month.

    One query, since every accepted job asks it. Only ``spent`` and ``adjusted`` are filled.
    """
    spans = {period: span_of(period, at) for period in Period}
    week = range(spans[Period.WEEK].first, spans[Period.WEEK].end)
    known = {each: members.counting(tx, each) for each in member_ids}
    asked = [surrogate for surrogates in known.values() for surrogate in surrogates]
    places = ", ".join("?" * len(asked))
    rows = tx.execute(
        "SELECT member, start, start, SUM(spent), SUM(adjusted) FROM usage"
        " WHERE guild_id = ? AND grain = 'day' AND start IN (?, ?, ?, ?, ?, ?, ?)"
        f" AND member IN ({places}) GROUP BY member, start"
        " UNION ALL SELECT member, start, NULL, SUM(spent), SUM(adjusted) FROM usage"
        f" WHERE guild_id = ? AND grain = 'month' AND start = ? AND member IN ({places})"
        " GROUP BY member, start",
        (guild_id, *week, *asked, guild_id, spans[Period.MONTH].first, *asked),
    ).fetchall()
    return {
        (member, period): _sum_of(rows, surrogates, period, spans[Period.DAY].first)
        for member, surrogates in known.items()
        for period in Period
    }


def month_everywhere(tx: Tx, *, member_id: int, at: int) -> Figures:
    """Return what a member spent in the running month in all servers; filled as by ``running``."""
    whose = members.counting(tx, member_id)
    row = tx.execute(
        "SELECT COALESCE(SUM(spent), 0), COALESCE(SUM(adjusted), 0) FROM usage"
        f" WHERE grain = 'month' AND member IN ({', '.join('?' * len(whose))}) AND start = ?",
        (*whose, span_of(Period.MONTH, at).first),
    ).fetchone()
    return Figures(spent=int(row[0]), adjusted=int(row[1]))


def _sum_of(
    rows: Sequence[tuple[int, int, int | None, int, int]], whose: Sequence[int], period: Period, today: int
) -> Figures:
    spent = adjusted = 0
    for of, start, day, more_spent, more_adjusted in rows:
        if of not in whose or (day is None) is not (period is Period.MONTH):
            continue
        if period is not Period.DAY or start == today:
            spent += more_spent
            adjusted += more_adjusted
    return Figures(spent=spent, adjusted=adjusted)


def ranking(
    tx: Tx, *, guild_id: int, stretch: Stretch, model: str | None, limit: int
) -> tuple[list[int], int]:
    """Return the first members of a server, biggest spender first, and how many there are in all.

    Only what decides the order is summed: a month of a busy server is a hundred thousand rows.
    """
    rows = tx.execute(
        "SELECT member, count(*) OVER () FROM usage"
        f" WHERE guild_id = ? AND grain = ? AND start >= ? AND start <= ? AND member > 0{_of_model(model)}"
        f" GROUP BY member ORDER BY {_CHARGED} DESC, member LIMIT ?",
        (guild_id, stretch.grain, stretch.starts[0], stretch.starts[-1], *_given(model), limit),
    ).fetchall()
    return members.snowflakes(tx, [int(row[0]) for row in rows]), int(rows[0][1]) if rows else 0


def shares(
    tx: Tx, *, guild_id: int, stretch: Stretch, model: str | None, member_ids: Sequence[int]
) -> list[Share]:
    """Return the sums of some members, in the order in which they are given."""
    if not member_ids:
        return []
    known = members.find_all(tx, member_ids)
    rows = tx.execute(
        f"SELECT member, {_SUMS} FROM usage WHERE guild_id = ? AND grain = ?"
        f" AND start IN ({stretch.places}) AND member IN ({', '.join('?' * len(known))})"
        f"{_of_model(model)} GROUP BY member",
        (guild_id, stretch.grain, *stretch.starts, *known.values(), *_given(model)),
    )
    found = {int(row[0]): _figures(row[1:]) for row in rows}
    return [Share(member_id, found[member]) for member_id, member in known.items() if member in found]


def by_model(tx: Tx, *, guild_id: int, stretch: Stretch, member_id: int) -> list[Share]:
    """Return a member's (or the server's) sums by model, biggest first; corrections have no model ('')."""
    rows = tx.execute(
        f"SELECT model, {_SUMS} FROM usage WHERE guild_id = ? AND grain = ?"
        f" AND start IN ({stretch.places}) AND member = ? GROUP BY model ORDER BY {_CHARGED} DESC, model",
        (guild_id, stretch.grain, *stretch.starts, members.find(tx, member_id)),
    )
    return [Share(str(row[0]), _figures(row[1:])) for row in rows]


def charged_by_member(
    tx: Tx, *, guild_id: int, stretch: Stretch, member_ids: Sequence[int], model: str | None
) -> list[tuple[int | str, int, int]]:
    """Return (member, start, thousandths charged) for some members; ``SERVER`` may be among them."""
    whose = {surrogate: member for member, surrogate in members.find_all(tx, member_ids).items()}
    rows = tx.execute(
        f"SELECT member, start, {_CHARGED} FROM usage"
        f" WHERE guild_id = ? AND grain = ? AND start IN ({stretch.places})"
        f" AND member IN ({', '.join('?' * len(whose))}){_of_model(model)} GROUP BY member, start",
        (guild_id, stretch.grain, *stretch.starts, *whose, *_given(model)),
    )
    return [(whose[int(member)], int(start), int(charged)) for member, start, charged in rows]


def charged_by_model(
    tx: Tx, *, guild_id: int, stretch: Stretch, member_id: int
) -> list[tuple[str, int, int]]:
    """Return (model, start, thousandths charged) of one member."""
    rows = tx.execute(
        f"SELECT model, start, {_CHARGED} FROM usage WHERE guild_id = ? AND grain = ?"
        f" AND start IN ({stretch.places}) AND member = ? GROUP BY model, start",
        (guild_id, stretch.grain, *stretch.starts, members.find(tx, member_id)),
    )
    return [(str(model), int(start), int(charged)) for model, start, charged in rows]


def first_day(tx: Tx, *, guild_id: int) -> int | None:
    """Return the first day with anything in the rollup of a server."""
    row = tx.execute("SELECT MIN(start) FROM usage WHERE guild_id = ? AND grain = 'day'", (guild_id,))
    found = row.fetchone()[0]
    return None if found is None else int(found)


def models(tx: Tx, *, guild_id: int) -> list[str]:
    """Return the models that a server ever used, most used first; corrections have none and are left out."""
    shares = by_model(tx, guild_id=guild_id, stretch=EVER, member_id=SERVER)
    return [str(share.key) for share in shares if share.key]


def _of_model(model: str | None) -> str:
    return "" if model is None else " AND model = ?"


def _given(model: str | None) -> tuple[str, ...]:
    return () if model is None else (model,)


def _figures(row: Sequence[int | None]) -> Figures:
    jobs, images, failures, spent, refunded, adjusted = (value or 0 for value in row)
    return Figures(
        jobs=jobs, images=images, failures=failures, spent=spent, refunded=refunded, adjusted=adjusted
    )
