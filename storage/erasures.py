"""Erasing members: rows of ``erasures`` (who is to be), ``erased`` (who was), and all else that names one."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.job import Job
from domain.limits import DAY, HOUR
from domain.periods import Period, span_of
from storage import facts, forgetting, job_rows, members, ownership, takedowns, unnamed
from storage.holds import IS_OPEN
from storage.tx import Tx

CARRIED_OUT = "erasures"
"""The fact that holds the last number of the file beside the database that was carried out here."""
SETTLING = HOUR
"""Milliseconds for which an ended job's card may still be on its way to show that."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """A member who is to be erased: surrogate and snowflake."""

    member: int
    snowflake: int


def ask(tx: Tx, member_id: int, *, at: int) -> list[Job]:
    """Have a member erased, who can ask for nothing from now on; return their jobs that are under way."""
    member = members.surrogate(tx, member_id)
    tx.execute(
        "INSERT INTO erasures (member, asked_at) VALUES (?, ?) ON CONFLICT (member) DO NOTHING", (member, at)
    )
    return open_jobs(tx, member, at=at)


def is_asked(tx: Tx, member_id: int) -> bool:
    """Tell whether a member is to be erased."""
    row = tx.execute("SELECT 1 FROM erasures WHERE member = ?", (members.find(tx, member_id),)).fetchone()
    return row is not None


def waiting(tx: Tx) -> list[Erasure]:
    """Return who is to be erased, in the order in which they asked."""
    rows = tx.execute(
        "SELECT e.member, m.snowflake FROM erasures AS e JOIN members AS m ON m.surrogate = e.member"
        " ORDER BY e.asked_at, e.member"
    )
    return [Erasure(int(member), int(snowflake or 0)) for member, snowflake in rows]


def open_jobs(tx: Tx, member: int, *, at: int) -> list[Job]:
    """Return the jobs of a member (a surrogate) of which something is still to come."""
    rows = tx.execute(
        f"SELECT id FROM jobs WHERE member = ? AND ({IS_OPEN} OR (reminded = 0 AND deleted = 0"
        " AND ended_at > ?)) ORDER BY created_at",
        (member, at - SETTLING),
    ).fetchall()
    return [job for row in rows if (job := job_rows.get(tx, str(row[0]))) is not None]


def forget_jobs(tx: Tx, member: int, *, at: int, limit: int) -> int:
    """Forget some of a member's ended jobs, and what others have of them; return of how many.

    Files go at once: nobody else comes for them any more.
    """
    rows = tx.execute(
        "SELECT id FROM jobs WHERE member = ? AND deleted = 0 ORDER BY created_at LIMIT ?", (member, limit)
    ).fetchall()
    for row in rows:
        if (job := job_rows.get(tx, str(row[0]))) is not None:
            forgetting.forget(tx, job, at=at, files_at=0)
    return len(rows) or ownership.withdraw_everywhere(tx, member, at=at, limit=limit)


def forget_the_rest(tx: Tx, erasure: Erasure, *, at: int) -> None:
    """Forget whatever else names a member or was written by or about them."""
    member, snowflake = erasure.member, erasure.snowflake
    rows = tx.execute("SELECT channel_id, message_id FROM mentions WHERE member = ?", (member,)).fetchall()
    takedowns.add(tx, rows, at=at)
    tx.execute("DELETE FROM mentions WHERE member = ?", (member,))
    tx.execute("DELETE FROM privacy WHERE member = ?", (member,))
    for table in ("unreminded", "untold", "notices", "preferences"):
        tx.execute(f"DELETE FROM {table} WHERE member_id = ?", (snowflake,))
    for table, column in (("announcements", "details"), ("forms", "sources")):
        tx.execute(f"DELETE FROM {table} WHERE replace({column}, ?, '') <> {column}", (str(snowflake),))
    tx.execute(
        "UPDATE reasons SET text = NULL WHERE text IS NOT NULL AND id IN"
        " (SELECT reason_id FROM entries WHERE member = ? OR moderator = ?)",
        (member, member),
    )
    # A block of theirs lasts, what was written of it does not.
    tx.execute("UPDATE blocks SET reason = NULL WHERE member = ? OR set_by = ?", (member, member))
    # Whoever has the bot's token can ask Discord whose a direct channel is.
    tx.execute(
        "UPDATE jobs SET card_id = NULL, card_channel_id = NULL"
        " WHERE member = ? AND card_channel_id <> channel_id",
        (member,),
    )
    # Of what was deleted within the hour before, too.
    unnamed.hurry(tx)
    # What was allowed to them goes by the surrogate while that can be found: see members.past.
    tx.execute(
        "UPDATE allowances SET target_id = ? WHERE target_kind = 'member' AND target_id = ?",
        (-member, snowflake),
    )
    tx.execute("UPDATE allowances SET set_by = 0 WHERE set_by = ?", (snowflake,))


def finish(tx: Tx, erasure: Erasure, *, number: int, at: int) -> None:
    """Take away what leads to a member's surrogate, but for a hash until their allowances renew."""
    # Again: something may have been written of them meanwhile.
    forget_the_rest(tx, erasure, at=at)
    until = max(at + DAY, *(span_of(period, at).end * DAY for period in Period))
    tx.execute(
        "INSERT INTO erased (hash, surrogate, until) VALUES (erasure_hash(?), ?, ?)",
        (erasure.snowflake, erasure.member, until),
    )
    tx.execute("UPDATE members SET snowflake = NULL WHERE surrogate = ?", (erasure.member,))
    tx.execute("DELETE FROM erasures WHERE member = ?", (erasure.member,))
    facts.set_fact(tx, CARRIED_OUT, str(number))


def forget_hashes(tx: Tx, *, at: int) -> None:
    """Forget the hashes whose periods are over, unless a block of theirs is in force."""
    gone = tx.execute(
        "DELETE FROM erased WHERE until <= ? AND NOT EXISTS (SELECT 1 FROM blocks"
        " WHERE blocks.member = erased.surrogate AND (blocks.until IS NULL OR blocks.until > ?))"
        " RETURNING -surrogate",
        (at, at),
    ).fetchall()
    tx.executemany("DELETE FROM allowances WHERE target_kind = 'member' AND target_id = ?", gone)


def carried_out(tx: Tx) -> int:
    """Return the number of the last erasure that was carried out here."""
    return int(facts.fact(tx, CARRIED_OUT) or 0)


def replay(tx: Tx, record: Sequence[tuple[int, str]], *, at: int) -> int:
    """Have everybody erased again of whom the file beside the database knows and a restored backup does not.

    Returns how many they are.
    """
    done = carried_out(tx)
    hashes = {hashed for number, hashed in record if number > done}
    if not hashes:
        return 0
    everybody = tx.execute("SELECT surrogate, snowflake FROM members WHERE snowflake IS NOT NULL").fetchall()
    again = [int(member) for member, snowflake in everybody if _hashed(tx, int(snowflake)) in hashes]
    tx.executemany(
        "INSERT INTO erasures (member, asked_at) VALUES (?, ?) ON CONFLICT (member) DO NOTHING",
        [(member, at) for member in again],
    )
    facts.set_fact(tx, CARRIED_OUT, str(max(number for number, _ in record)))
    return len(again)


def _hashed(tx: Tx, snowflake: int) -> str:
    """Ask for the hash of one value: no server of a database is given the key."""
    return str(tx.execute("SELECT CAST(erasure_hash(?) AS TEXT)", (snowflake,)).fetchone()[0])
