"""Places that refuse us and are left alone for a while."""

from domain.places import Deed, LeftAlone, Place
from storage.tx import Tx


def all_left_alone(tx: Tx) -> list[LeftAlone]:
    """Return every place that is on record."""
    rows = tx.execute("SELECT guild_id, channel_id, deed, refusals, until FROM places").fetchall()
    return [LeftAlone(Place(row[0], row[1], Deed(row[2])), row[3], row[4]) for row in rows]


def leave_alone(tx: Tx, left: LeftAlone) -> None:
    """Write until when a place is left alone."""
    place = left.place
    tx.execute(
        "INSERT INTO places (guild_id, channel_id, deed, refusals, until) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (guild_id, channel_id, deed)"
        " DO UPDATE SET refusals = excluded.refusals, until = excluded.until",
        (place.guild_id, place.channel_id, place.deed.value, left.refusals, left.until),
    )


def welcome(tx: Tx, place: Place) -> None:
    """Forget that a place refused us."""
    tx.execute(
        "DELETE FROM places WHERE guild_id = ? AND channel_id = ? AND deed = ?",
        (place.guild_id, place.channel_id, place.deed.value),
    )
