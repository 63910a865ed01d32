"""Entries with their jobs' facts, row by row, for export."""

from collections.abc import Iterator
from dataclasses import dataclass

from domain.periods import Span
from storage import members
from storage.database import Tx

ARRAY = 2_000
"""Rows that are fetched at once: enough to keep the cost of a call out of sight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which entries to export: of a server, some days and a member where they are given; ``limit`` rows."""

    guild_id: int | None = None
    span: Span | None = None
    member_id: int | None = None
    limit: int | None = None


Text, Number = str | None, int | None
Row = tuple[
    int, str, int, int, str, int, int, int, str, Number, Text, Text, Text, Text, Number, Number, Text
]  # fmt: skip
"""at, kind, server, member, model, held, spent, images, cause, moderator, job, and the job's kind, status,
failure, created_at, ended_at, options: as in the tables."""


def batches(tx: Tx, selection: Selection) -> Iterator[list[Row]]:
    """Yield the entries in the order in which they were booked, some thousand rows at a time."""
    where: list[tuple[str, int]] = []
    if selection.guild_id is not None:
        where.append(("e.guild_id = ?", selection.guild_id))
    if selection.member_id is not None:
        where.append(("e.member = ?", members.find(tx, selection.member_id)))
    if selection.span is not None:
        where += [("e.at >= ?", selection.span.starts_at), ("e.at < ?", selection.span.ends_at)]
    conditions = " AND ".join(condition for condition, _ in where) or "1 = 1"
    limit = "" if selection.limit is None else " LIMIT ?"
    cursor = tx.execute(
        "SELECT e.at, e.kind, e.guild_id, m.snowflake, e.model, e.held, e.spent, e.images,"
        " COALESCE(r.text, e.cause), o.snowflake, e.job_id, j.kind, j.status, j.failure, j.created_at,"
        " j.ended_at, j.options"
        " FROM entries AS e LEFT JOIN members AS m ON m.surrogate = e.member"
        " LEFT JOIN members AS o ON o.surrogate = e.moderator LEFT JOIN reasons AS r ON r.id = e.reason_id"
        f" LEFT JOIN jobs AS j ON j.id = e.job_id WHERE {conditions}"
        f" ORDER BY e.id{limit}",
        [*(value for _, value in where), *(() if selection.limit is None else (selection.limit,))],
    )
    while batch := cursor.fetchmany(ARRAY):
        yield batch
