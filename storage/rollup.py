"""The rollup derived from the entries: what ``rebuild`` writes and ``verify`` compares."""

from domain.limits import DAY
from domain.periods import month_of, next_month
from domain.usage import SERVER
from storage.tx import Tx

LAST_DAY = 2_900_000
"""In the year 9909, near the end of Python's calendar."""
COLUMNS = "guild_id, grain, start, member, model, jobs, images, failures, spent, refunded, adjusted"


def rebuild(tx: Tx) -> int:
    """Write the rollup anew from the entries and return its number of rows."""
    tx.execute("DELETE FROM usage")
    for of_server in (False, True):
        tx.execute(f"INSERT INTO usage ({COLUMNS}) {from_entries(of_server=of_server)}")
    for first in months_with_days(tx):
        tx.execute(f"INSERT INTO usage ({COLUMNS}) {MONTH_FROM_DAYS}", (first, first, next_month(first)))
    tx.execute(f"INSERT INTO usage ({COLUMNS}) {EVER_FROM_MONTHS}")
    return int(tx.execute("SELECT count(*) FROM usage").fetchone()[0])


_FAILED = "(kind = 'release' AND cause <> 'cancelled')"
SUMS = (
    "SUM(jobs) AS jobs, SUM(images) AS images, SUM(failures) AS failures, SUM(spent) AS spent,"
    " SUM(refunded) AS refunded, SUM(adjusted) AS adjusted"
)


def from_entries(*, of_server: bool) -> str:
    """Return the query that derives the daily rows of members, or of whole servers, from the entries."""
    return (
        f"SELECT guild_id, 'day' AS grain, at / {DAY} AS start,"
        f" {SERVER if of_server else 'member'} AS member, model,"
        f" SUM(CASE WHEN kind = 'charge' OR {_FAILED} THEN 1 ELSE 0 END) AS jobs,"
        f" SUM(images) AS images, SUM(CASE WHEN {_FAILED} THEN 1 ELSE 0 END) AS failures,"
        " SUM(spent) AS spent,"
        " SUM(CASE WHEN kind = 'refund' THEN -spent ELSE 0 END) AS refunded,"
        " SUM(CASE WHEN kind = 'adjust' THEN -spent ELSE 0 END) AS adjusted FROM entries"
        f" WHERE kind IN ('charge', 'refund', 'adjust') OR {_FAILED}"
        f" GROUP BY guild_id, at / {DAY}, {'' if of_server else 'member, '}model"
    )


MONTH_FROM_DAYS = (
    f"SELECT guild_id, 'month' AS grain, ? AS start, member, model, {SUMS} FROM usage"
    " WHERE grain = 'day' AND start >= ? AND start < ? GROUP BY guild_id, member, model"
)
"""Derives the rows of one month (its first day twice, then that of the next) from the daily ones."""

EVER_FROM_MONTHS = (
    f"SELECT guild_id, 'ever' AS grain, 0 AS start, member, model, {SUMS} FROM usage"
    " WHERE grain = 'month' GROUP BY guild_id, member, model"
)
"""Derives the rows of all time from the monthly ones."""


def months_with_days(tx: Tx) -> list[int]:
    """Return the first days of the months in which the rollup has any day that a calendar knows."""
    starts = tx.execute(
        "SELECT DISTINCT start FROM usage WHERE grain = 'day' AND start BETWEEN 0 AND ?", (LAST_DAY,)
    )
    return sorted({month_of(int(row[0])) for row in starts})
