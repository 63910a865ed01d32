"""Rows of ``notices`` and ``notice_channels``."""

from collections.abc import Iterable
from dataclasses import dataclass

from domain.notices import Notice
from domain.periods import Period
from storage.tx import Tx


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that was not said yet, and the channel in which it is to be said."""

    channel_id: int
    notice: Notice


def channel(tx: Tx, *, guild_id: int) -> int | None:
    """Return the channel in which a server wants its notices."""
    row = tx.execute("SELECT channel_id FROM notice_channels WHERE guild_id = ?", (guild_id,)).fetchone()
    return None if row is None else int(row[0])


def set_channel(tx: Tx, *, guild_id: int, channel_id: int | None) -> None:
    """Choose the channel for a server's notices; ``None`` stops them."""
    if channel_id is None:
        tx.execute("DELETE FROM notice_channels WHERE guild_id = ?", (guild_id,))
        return
    tx.execute(
        "INSERT INTO notice_channels (guild_id, channel_id) VALUES (?, ?)"
        " ON CONFLICT (guild_id) DO UPDATE SET channel_id = excluded.channel_id",
        (guild_id, channel_id),
    )


def add(tx: Tx, notice: Notice, *, sent: bool) -> bool:
    """Write a notice; ``False`` if it was due in this period before."""
    row = tx.execute(
        "INSERT INTO notices (guild_id, member_id, period, start, percent, used, credits, at, ends_at, sent)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (guild_id, member_id, period, start, percent) DO NOTHING RETURNING percent",
        (
            notice.guild_id,
            notice.member_id,
            notice.period,
            notice.start,
            notice.percent,
            notice.used,
            notice.credits,
            notice.at,
            notice.ends_at,
            int(sent),
        ),
    ).fetchone()
    return row is not None


def waiting(tx: Tx, *, at: int) -> list[Waiting]:
    """Return the notices that were not said yet and whose period still runs, oldest first."""
    rows = tx.execute(
        "SELECT c.channel_id, n.guild_id, n.member_id, n.period, n.start, n.percent, n.used, n.credits, n.at,"
        " n.ends_at FROM notices AS n JOIN notice_channels AS c ON c.guild_id = n.guild_id"
        " WHERE n.sent = 0 AND n.ends_at > ? ORDER BY n.at, n.member_id, n.period, n.percent",
        (at,),
    )
    return list(_waiting(rows))


def mark_sent(tx: Tx, notice: Notice) -> None:
    """Note that a notice was said."""
    tx.execute(
        "UPDATE notices SET sent = 1 WHERE guild_id = ? AND member_id = ? AND period = ? AND start = ?"
        " AND percent = ?",
        (notice.guild_id, notice.member_id, notice.period, notice.start, notice.percent),
    )


def _waiting(rows: Iterable[tuple[int, int, int, str, int, int, int, int, int, int]]) -> Iterable[Waiting]:
    for channel_id, guild_id, member_id, period, start, percent, used, amount, at, ends_at in rows:
        notice = Notice(
            guild_id=guild_id,
            member_id=member_id,
            period=Period(period),
            start=start,
            percent=percent,
            used=used,
            credits=amount,
            at=at,
            ends_at=ends_at,
        )
        yield Waiting(channel_id, notice)
