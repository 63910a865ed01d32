"""What members chose about their data: rows of ``privacy``."""

from storage import members
from storage.tx import Tx


def keeps_images(tx: Tx, member_id: int) -> bool:
    """Tell whether a member lets nobody else use their images."""
    row = tx.execute(
        "SELECT own_images FROM privacy WHERE member = ?", (members.find(tx, member_id),)
    ).fetchone()
    return row is not None and bool(row[0])


def keep_images(tx: Tx, member_id: int, *, keep: bool) -> None:
    """Note whether a member lets nobody else use their images."""
    tx.execute(
        "INSERT INTO privacy (member, own_images) VALUES (?, ?)"
        " ON CONFLICT (member) DO UPDATE SET own_images = excluded.own_images",
        (members.surrogate(tx, member_id), int(keep)),
    )


def exported(tx: Tx, member_id: int, *, at: int, every: int) -> int | None:
    """Note that a member gets their data now; if they had it within ``every`` milliseconds, return when."""
    member = members.surrogate(tx, member_id)
    row = tx.execute("SELECT exported_at FROM privacy WHERE member = ?", (member,)).fetchone()
    if row is not None and row[0] > at - every:
        return int(row[0])
    tx.execute(
        "INSERT INTO privacy (member, exported_at) VALUES (?, ?)"
        " ON CONFLICT (member) DO UPDATE SET exported_at = excluded.exported_at",
        (member, at),
    )
    return None
