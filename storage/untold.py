"""Rows of ``untold``: refusals that no direct message could tell a member, one each."""

import json

from domain.errors import Reason, Refusal
from storage.tx import Tx


def keep(tx: Tx, *, member_id: int, refusal: Refusal, at: int) -> None:
    """Keep a refusal until its member's next command; it takes the place of an earlier one."""
    tx.execute(
        "INSERT INTO untold (member_id, reason, details, at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (member_id) DO UPDATE SET reason = excluded.reason, details = excluded.details,"
        " at = excluded.at",
        (member_id, refusal.reason, json.dumps(dict(refusal.values)), at),
    )


def forget(tx: Tx, *, before: int) -> None:
    """Forget what was to be told before a moment: whoever it is about did not come by."""
    tx.execute("DELETE FROM untold WHERE at < ?", (before,))


def has(tx: Tx, *, member_id: int) -> bool:
    """Tell whether a member is still to be told something."""
    return tx.execute("SELECT 1 FROM untold WHERE member_id = ?", (member_id,)).fetchone() is not None


def take(tx: Tx, *, member_id: int) -> Refusal | None:
    """Return what a member is still to be told, and forget it."""
    row = tx.execute(
        "DELETE FROM untold WHERE member_id = ? RETURNING reason, details", (member_id,)
    ).fetchone()
    return None if row is None else Refusal(Reason(str(row[0])), **json.loads(row[1]))
