"""What asked for a job, so that the same event makes no second one: rows of ``aliases`` and ``wishes``.

An interaction has an id, which becomes another name of the job. A reaction has none: it is a member's wish
on a message, which stands until they take it back.

Jobs of the first shape were called ``i<interaction>`` or ``r<message>-<member>-<n>``, and cards of theirs
carry these names. They are aliases now, in which the member's surrogate stands for the member.
"""

import re

from domain.job import Job
from domain.request import Event, Wish
from storage import members
from storage.tx import Tx

OLD_WISH = re.compile(r"(r\d+-)(\d+)(-.+)")


def named(tx: Tx, name: str) -> str | None:
    """Return the job that has, or had, another name."""
    wish = OLD_WISH.fullmatch(name)
    alias = name if wish is None else f"{wish[1]}{members.find(tx, int(wish[2]))}{wish[3]}"
    row = tx.execute("SELECT job_id FROM aliases WHERE alias = ?", (alias,)).fetchone()
    return None if row is None else str(row[0])


def names_of(tx: Tx, job: Job) -> list[str]:
    """Return what a job is called on Discord: its id, and of one of before 0002 the name that it had then."""
    migrated = tx.execute("SELECT 1 FROM versions WHERE number = 2 AND at >= ?", (job.created_at,)).fetchone()
    if migrated is None:
        return [job.id]
    # No index: few jobs are asked about, and only where a card was sent just before the migration.
    old = [str(row[0]) for row in tx.execute("SELECT alias FROM aliases WHERE job_id = ?", (job.id,))]
    return [job.id, *(OLD_WISH.sub(rf"\g<1>{job.member_id}\3", name) for name in old)]


def job_of(tx: Tx, event: Event, *, member_id: int) -> str | None:
    """Return the job that a member's event has made."""
    if isinstance(event, Wish):
        row = tx.execute(
            "SELECT job_id FROM wishes WHERE message_id = ? AND member = ? AND taken_back = 0",
            (event.message_id, members.find(tx, member_id)),
        ).fetchone()
        return None if row is None else str(row[0])
    return named(tx, event)


def add(tx: Tx, event: Event, job: Job) -> None:
    """Remember that an event has made a job."""
    if not isinstance(event, Wish):
        tx.execute("INSERT INTO aliases (alias, job_id) VALUES (?, ?)", (event, job.id))
        return
    member = members.surrogate(tx, job.member_id)
    wish = (event.message_id, member)
    n = tx.execute("SELECT count(*) FROM wishes WHERE message_id = ? AND member = ?", wish).fetchone()[0]
    tx.execute("INSERT INTO wishes (message_id, member, n, job_id) VALUES (?, ?, ?, ?)", (*wish, n, job.id))


def take_back(tx: Tx, *, message_id: int, member_id: int) -> None:
    """Note that a member took back their wish on a message: the next one is new."""
    tx.execute(
        "UPDATE wishes SET taken_back = 1 WHERE message_id = ? AND member = ?",
        (message_id, members.find(tx, member_id)),
    )


def take_back_all(tx: Tx, message_id: int) -> None:
    """Note that all wishes on a message were taken back."""
    tx.execute("UPDATE wishes SET taken_back = 1 WHERE message_id = ?", (message_id,))
