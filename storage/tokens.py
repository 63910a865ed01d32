"""Interaction tokens in rows of ``jobs``."""

from storage.database import Tx


def wipe(tx: Tx, *, at: int) -> int | None:
    """Forget the interaction tokens that Discord no longer takes; return when the next one ends.

    Both moments are Unix milliseconds.
    """
    tx.execute("UPDATE jobs SET token = NULL WHERE token IS NOT NULL AND token_expires_at <= ?", (at,))
    row = tx.execute("SELECT MIN(token_expires_at) FROM jobs WHERE token IS NOT NULL").fetchone()
    return None if row[0] is None else int(row[0])
