"""Messages of ours, beside those of jobs, that name a member: rows of ``mentions``."""

from storage import members
from storage.tx import Tx


def forget(tx: Tx, *, before: int) -> None:
    """Forget messages of before a moment, whose members were not erased."""
    tx.execute("DELETE FROM mentions WHERE at < ?", (before,))


def add(tx: Tx, member_id: int, *, channel_id: int, message_id: int, at: int) -> None:
    """Note that a message names a member."""
    tx.execute(
        "INSERT INTO mentions (message_id, channel_id, member, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (message_id) DO NOTHING",
        (message_id, channel_id, members.surrogate(tx, member_id), at),
    )
