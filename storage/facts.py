"""Small rows: facts by name, messages of a job, durations, members who want no reminders."""

from dataclasses import dataclass

from storage.tx import Tx


def fact(tx: Tx, name: str) -> str | None:
    """Return a fact that was stored under a name."""
    row = tx.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def set_fact(tx: Tx, name: str, value: str) -> None:
    """Store a fact under a name."""
    tx.execute(
        "INSERT INTO facts (name, value) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def add_message(tx: Tx, *, job_id: str, channel_id: int, message_id: int, purpose: str) -> None:
    """Remember a message of a job beside its card."""
    tx.execute(
        "INSERT INTO messages (job_id, message_id, channel_id, purpose) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (job_id, message_id) DO NOTHING",
        (job_id, message_id, channel_id, purpose),
    )


def messages_of(tx: Tx, job_id: str) -> list[tuple[int, int]]:
    """Return (channel, message) of a job's messages beside its card."""
    rows = tx.execute("SELECT channel_id, message_id FROM messages WHERE job_id = ?", (job_id,))
    return [(int(channel), int(message)) for channel, message in rows]


def has_message(tx: Tx, job_id: str, *, purpose: str) -> bool:
    """Tell whether a job has a message for a purpose beside its card."""
    row = tx.execute("SELECT 1 FROM messages WHERE job_id = ? AND purpose = ?", (job_id, purpose)).fetchone()
    return row is not None


def take_log(tx: Tx, job_id: str) -> list[tuple[int, int]]:
    """Forget where a server's log tells of a job; return channel and message."""
    rows = tx.execute(
        "DELETE FROM messages WHERE job_id = ? AND purpose = 'log' RETURNING channel_id, message_id",
        (job_id,),
    )
    return [(int(channel), int(message)) for channel, message in rows.fetchall()]


def parts_of(tx: Tx, job_id: str) -> dict[str, tuple[int, int]]:
    """Return by purpose (channel, message) of the messages that carry results of a job beside its card."""
    rows = tx.execute(
        "SELECT purpose, channel_id, message_id FROM messages WHERE job_id = ? AND purpose LIKE 'results%'",
        (job_id,),
    )
    return {str(purpose): (int(channel), int(message)) for purpose, channel, message in rows}


def forget_message(tx: Tx, message_id: int) -> None:
    """Forget a message of a job beside its card."""
    tx.execute("DELETE FROM messages WHERE message_id = ?", (message_id,))


def stop_reminding(tx: Tx, member_id: int) -> None:
    """Note that a member wants no reply when a long job ends."""
    tx.execute(
        "INSERT INTO unreminded (member_id) VALUES (?) ON CONFLICT (member_id) DO NOTHING", (member_id,)
    )


def wants_reminder(tx: Tx, member_id: int) -> bool:
    """Tell whether a member still wants a reply when a long job ends."""
    row = tx.execute("SELECT 1 FROM unreminded WHERE member_id = ?", (member_id,)).fetchone()
    return row is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """How long an ended job took: between ``low`` and ``high`` milliseconds; ``at`` is Unix milliseconds."""

    model: str
    quality: str
    count: int
    low: int
    high: int
    at: int


def add_duration(tx: Tx, took: Took) -> None:
    """Remember how long a job took."""
    tx.execute(
        "INSERT INTO durations (model, quality, count, low, high, at) VALUES (?, ?, ?, ?, ?, ?)",
        (took.model, took.quality, took.count, took.low, took.high, took.at),
    )


def forget_durations(tx: Tx, *, before: int) -> None:
    """Forget how long jobs took that ended before a moment (Unix milliseconds)."""
    tx.execute("DELETE FROM durations WHERE at < ?", (before,))


def durations(tx: Tx, *, limit: int) -> list[Took]:
    """Return the newest durations, oldest first."""
    rows = tx.execute(
        "SELECT model, quality, count, low, high, at FROM durations ORDER BY id DESC LIMIT ?", (limit,)
    ).fetchall()
    return [
        Took(model=model, quality=quality, count=count, low=low, high=high, at=at)
        for model, quality, count, low, high, at in reversed(rows)
    ]
