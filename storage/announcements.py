"""Rows of ``announcements``: what is still to be said to a server's moderators, or to the operator."""

import json

from domain.announcements import TO_OPERATOR, Announcement, Topic, Values
from storage.tx import Tx


def add(tx: Tx, *, guild_id: int, topic: Topic, values: Values, at: int) -> None:
    """Have something said, unless the server has no channel for it."""
    tx.execute(
        "INSERT INTO announcements (guild_id, topic, details, at) SELECT ?, ?, ?, ?"
        f" WHERE ? = {TO_OPERATOR} OR EXISTS (SELECT 1 FROM notice_channels WHERE guild_id = ?)",
        (guild_id, topic, json.dumps(values), at, guild_id, guild_id),
    )


def waiting(tx: Tx, *, limit: int) -> list[Announcement]:
    """Return what was not said yet, oldest first, at most ``limit`` of each server.

    ``channel_id`` is ``None`` where a server has no channel for it any more.
    """
    rows = tx.execute(
        "SELECT a.id, a.guild_id, c.channel_id, a.topic, a.details, a.at FROM ("
        "SELECT *, row_number() OVER (PARTITION BY guild_id ORDER BY id) AS place FROM announcements) AS a"
        " LEFT JOIN notice_channels AS c ON c.guild_id = a.guild_id WHERE a.place <= ? ORDER BY a.id",
        (limit,),
    )
    return [
        Announcement(
            id=number,
            guild_id=guild_id,
            channel_id=channel_id,
            topic=Topic(topic),
            values=json.loads(details),
            at=at,
        )
        for number, guild_id, channel_id, topic, details, at in rows
    ]


def remove(tx: Tx, number: int) -> None:
    """Take one away: it was said, or nobody can be told."""
    tx.execute("DELETE FROM announcements WHERE id = ?", (number,))
