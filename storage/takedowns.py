"""Messages of ours that are to be deleted, until they are: rows of ``takedowns``."""

from collections.abc import Iterable
from dataclasses import dataclass

from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Takedown:
    """A message that is to be deleted, ``since`` a moment in Unix milliseconds."""

    channel_id: int
    message_id: int
    since: int


def add(tx: Tx, places: Iterable[tuple[int, int]], *, at: int) -> None:
    """Have messages (channel, message) deleted."""
    tx.executemany(
        "INSERT INTO takedowns (channel_id, message_id, since) VALUES (?, ?, ?)"
        " ON CONFLICT (message_id) DO NOTHING",
        [(channel_id, message_id, at) for channel_id, message_id in places],
    )


def all_of_them(tx: Tx) -> list[Takedown]:
    """Return all, the oldest first."""
    rows = tx.execute("SELECT channel_id, message_id, since FROM takedowns ORDER BY since, message_id")
    return [Takedown(*map(int, row)) for row in rows]


def remove(tx: Tx, message_id: int) -> None:
    """Note that a message is gone, or given up."""
    tx.execute("DELETE FROM takedowns WHERE message_id = ?", (message_id,))
