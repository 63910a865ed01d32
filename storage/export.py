"""Entries with their jobs' facts, row by row, for export."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from domain.periods import Span
from storage import members
from storage.tx import Tx

ARRAY = 2_000
"""Rows that are fetched at once: enough to keep the cost of a call out of sight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which entries to export: of a server, some days and a member where they are given; ``limit`` rows."""

    guild_id: int | None = None
    span: Span | None = None
    member_id: int | None = None
    limit: int | None = None


Text: TypeAlias = str | None
Number: TypeAlias = int | None
Row = tuple[
    int, str, int, int, str, int, int, int, str, Number, Text, Text, Text, Text, Number, Number, Text
]  # fmt: skip
"""at, kind, server, member, model, held, spent, images, cause, moderator, job, and the job's kind, status,
failure, created_at, ended_at, options: as in the tables."""


def people(tx: Tx, selection: Selection, *, limit: int) -> list[int]:
    """Return the members and moderators (ids) of a selection, at most ``limit``."""
    conditions, given = _where(tx, selection)
    found = tx.execute(
        f"SELECT e.member FROM entries AS e WHERE {conditions}"
        f" UNION SELECT e.moderator FROM entries AS e WHERE {conditions} AND e.moderator IS NOT NULL LIMIT ?",
        [*given, *given, limit],
    )
    return members.snowflakes(tx, [int(row[0]) for row in found.fetchall()])


def batches(tx: Tx, selection: Selection) -> Iterator[list[Row]]:
    """Yield the entries in the order in which they were booked, some thousand rows at a time."""
    conditions, given = _where(tx, selection)
    limit = "" if selection.limit is None else " LIMIT ?"
    cursor = tx.execute(
        "SELECT e.at, e.kind, e.guild_id, m.snowflake, e.model, e.held, e.spent, e.images,"
        " COALESCE(r.text, e.cause), o.snowflake, e.job_id, j.kind, j.status, j.failure, j.created_at,"
        " j.ended_at, j.options"
        " FROM entries AS e LEFT JOIN members AS m ON m.surrogate = e.member"
        " LEFT JOIN members AS o ON o.surrogate = e.moderator LEFT JOIN reasons AS r ON r.id = e.reason_id"
        f" LEFT JOIN jobs AS j ON j.id = e.job_id WHERE {conditions}"
        f" ORDER BY e.id{limit}",
        [*given, *(() if selection.limit is None else (selection.limit,))],
    )
    while batch := cursor.fetchmany(ARRAY):
        yield batch


def _where(tx: Tx, selection: Selection) -> tuple[str, list[int]]:
    """Return the conditions on ``entries AS e``, and what fills them."""
    where: list[tuple[str, int]] = []
    if selection.guild_id is not None:
        where.append(("e.guild_id = ?", selection.guild_id))
    if selection.member_id is not None:
        where.append(("e.member = ?", members.find(tx, selection.member_id)))
    if selection.span is not None:
        where += [("e.at >= ?", selection.span.starts_at), ("e.at < ?", selection.span.ends_at)]
    return " AND ".join(condition for condition, _ in where) or "1 = 1", [value for _, value in where]
