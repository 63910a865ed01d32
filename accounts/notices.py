"""Once a period: a member, or the server, has used 80 or 100 % of an allowance."""

from collections.abc import Sequence

from accounts.allowances import Ceilings, standings
from domain.allowances import Standing
from domain.notices import PERCENTS, Notice
from domain.usage import SERVER
from storage import notices
from storage.notices import Waiting
from storage.tx import Tx


def due(
    tx: Tx, *, guild_id: int, member_id: int, role_ids: Sequence[int], at: int, ceilings: Ceilings
) -> list[Notice]:
    """Write down the notices that became due with what was just booked, and return the new ones.

    To be called after a reserve (or after a charge above its reserve, with the roles if they are known) in
    the same transaction. Held credits count as used. Of several limits of one pot and period the one that is
    used most speaks. Where 80 and 100 % are passed at once, only the latter is said. Nothing happens in a
    server that has no channel for notices.
    """
    if notices.channel(tx, guild_id=guild_id) is None:
        return []
    stands = standings(
        tx, guild_id=guild_id, member_id=member_id, role_ids=role_ids, at=at, ceilings=ceilings
    )
    new: list[Notice] = []
    for stand in _tightest(stands):
        new += _write(tx, stand, guild_id=guild_id, member_id=member_id, at=at)
    return new


def _tightest(stands: Sequence[Standing]) -> list[Standing]:
    most: dict[tuple[bool, str], Standing] = {}
    for stand in stands:
        key = (stand.limit.of_server, stand.limit.period)
        rival = most.get(key)
        if stand.limit.credits and (rival is None or _fuller(stand, rival)):
            most[key] = stand
    return list(most.values())


def _fuller(one: Standing, other: Standing) -> bool:
    return one.used * other.limit.credits > other.used * one.limit.credits


def _write(tx: Tx, stand: Standing, *, guild_id: int, member_id: int, at: int) -> list[Notice]:
    reached = [
        Notice(
            guild_id=guild_id,
            member_id=SERVER if stand.limit.of_server else member_id,
            period=stand.limit.period,
            start=stand.span.first,
            percent=percent,
            used=stand.used,
            credits=stand.limit.credits,
            at=at,
            ends_at=stand.renews_at,
        )
        for percent in PERCENTS
        if stand.reached(percent)
    ]
    new = [notice for notice in reached if notices.add(tx, notice, sent=notice is not reached[-1])]
    return [notice for notice in new if notice is reached[-1]]


def choose_channel(tx: Tx, *, guild_id: int, channel_id: int | None) -> None:
    """Choose where a server's notices are said; ``None`` stops them."""
    notices.set_channel(tx, guild_id=guild_id, channel_id=channel_id)


def chosen_channel(tx: Tx, *, guild_id: int) -> int | None:
    """Return where a server's notices are said, ``None`` if they are off."""
    return notices.channel(tx, guild_id=guild_id)


def waiting(tx: Tx, *, at: int) -> list[Waiting]:
    """Return the notices that were not said yet and whose period still runs, oldest first."""
    return notices.waiting(tx, at=at)


def said(tx: Tx, notice: Notice) -> None:
    """Note that a notice was said."""
    notices.mark_sent(tx, notice)
