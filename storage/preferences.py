"""Rows of ``preferences``; of ``unreminded`` those members whom nothing mentions when a long job ends."""

from domain.preferences import Preferences
from storage import facts
from storage.tx import Tx


def of(tx: Tx, member_id: int) -> Preferences:
    """Return a member's preferences."""
    row = tx.execute(
        "SELECT edit_model, generate_model, size, quality, count FROM preferences WHERE member_id = ?",
        (member_id,),
    ).fetchone()
    edit_model, generate_model, size, quality, count = row or (None,) * 5
    return Preferences(
        edit_model=edit_model,
        generate_model=generate_model,
        size=size,
        quality=quality,
        count=count,
        pings=facts.wants_reminder(tx, member_id),
    )


def save(tx: Tx, member_id: int, chosen: Preferences) -> None:
    """Put a member's preferences in the place of earlier ones."""
    tx.execute("DELETE FROM preferences WHERE member_id = ?", (member_id,))
    tx.execute("DELETE FROM unreminded WHERE member_id = ?", (member_id,))
    if not chosen.pings:
        facts.stop_reminding(tx, member_id)
    if chosen == Preferences(pings=chosen.pings):
        return
    tx.execute(
        "INSERT INTO preferences (member_id, edit_model, generate_model, size, quality, count)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            member_id,
            chosen.edit_model,
            chosen.generate_model,
            chosen.size,
            chosen.quality,
            chosen.count,
        ),
    )
