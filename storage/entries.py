"""The ledger's rows and the rollup that is kept in the same transaction."""

from dataclasses import astuple

from domain.entries import Entry, EntryKind
from domain.periods import day_of, month_of
from storage.database import Tx

SERVER = 0
"""The member id under which the rollup keeps a server as a whole."""


def append(tx: Tx, entry: Entry) -> bool:
    """Append an entry and count it in the rollup; ``False`` if this job has one of that kind already.

    Only *reserve*, *charge* and *release* are unique by job; any number of *refund* and *adjust* may follow.
    """
    row = tx.execute(
        "INSERT INTO entries (kind, guild_id, member_id, at, held, spent, images, model, job_id, cause,"
        " moderator_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (job_id, kind) WHERE kind IN ('reserve', 'charge', 'release') DO NOTHING RETURNING id",
        astuple(entry),
    ).fetchone()
    if row is None:
        return False
    _count(tx, entry)
    return True


def _count(tx: Tx, entry: Entry) -> None:
    day = day_of(entry.at)
    figures = (
        int(entry.kind is EntryKind.RESERVE),
        entry.images,
        entry.spent,
        -entry.spent if entry.kind is EntryKind.REFUND else 0,
        int(entry.kind is EntryKind.RELEASE and entry.cause != "cancelled"),
    )
    for grain, start in (("day", day), ("month", month_of(day))):
        for member in (entry.member_id, SERVER):
            tx.execute(
                "INSERT INTO usage (guild_id, grain, member_id, start, model, jobs, images, spent, refunded,"
                " failures) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (guild_id, grain, member_id, start, model) DO UPDATE SET"
                " jobs = jobs + excluded.jobs, images = images + excluded.images,"
                " spent = spent + excluded.spent, refunded = refunded + excluded.refunded,"
                " failures = failures + excluded.failures",
                (entry.guild_id, grain, member, start, entry.model, *figures),
            )
