"""Rows of ``blocks``: who may not ask, where and until when; one function a query."""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.blocks import EVERYBODY, EVERYWHERE, SOMEBODY_ERASED, Block, Cause
from storage import members
from storage.tx import Tx

_WRITTEN = "guild_id, member, cause, reason, set_by, since, until, strikes"
_READ = (
    f"guild_id, COALESCE((SELECT snowflake FROM members WHERE surrogate = blocks.member),"
    f" CASE member WHEN {EVERYBODY} THEN {EVERYBODY} ELSE {SOMEBODY_ERASED} END), cause, reason,"
    " (SELECT snowflake FROM members WHERE surrogate = blocks.set_by), since, until, strikes"
)
_FUTURE = "(until IS NULL OR until > ?)"


def put(tx: Tx, block: Block) -> None:
    """Block, or change the block of the same cause."""
    tx.execute(
        f"INSERT INTO blocks ({_WRITTEN}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (guild_id, member, cause) DO UPDATE SET reason = excluded.reason,"
        " set_by = excluded.set_by, since = excluded.since, until = excluded.until,"
        " strikes = excluded.strikes",
        (
            block.guild_id,
            EVERYBODY if block.member_id == EVERYBODY else members.surrogate(tx, block.member_id),
            block.cause,
            block.reason,
            None if block.set_by is None else members.surrogate(tx, block.set_by),
            block.since,
            block.until,
            block.strikes,
        ),
    )


def get(tx: Tx, *, guild_id: int, member_id: int, cause: Cause) -> Block | None:
    """Return one block, whether it has ended or not."""
    whose = members.counting(tx, member_id)
    rows = tx.execute(
        f"SELECT {_READ} FROM blocks WHERE guild_id = ? AND member IN ({', '.join('?' * len(whose))})"
        " AND cause = ? ORDER BY since DESC",
        (guild_id, *whose, cause),
    )
    return next(iter(_blocks(rows)), None)


def lift(tx: Tx, *, guild_id: int, member_id: int, causes: Sequence[Cause], at: int) -> list[Block]:
    """Remove what blocks somebody somewhere for some causes; return what was still in force."""
    whose = members.counting(tx, member_id)
    rows = tx.execute(
        f"DELETE FROM blocks WHERE guild_id = ? AND member IN ({', '.join('?' * len(whose))})"
        f" AND cause IN ({', '.join('?' * len(causes))}) RETURNING {_READ}",
        (guild_id, *whose, *causes),
    ).fetchall()
    return [block for block in _blocks(rows) if block.until is None or block.until > at]


def bearing_on(tx: Tx, *, guild_id: int, member_id: int, at: int) -> list[Block]:
    """Return what is in force for a member who asks in a server."""
    whose = [EVERYBODY, *members.counting(tx, member_id)]
    rows = tx.execute(
        f"SELECT {_READ} FROM blocks WHERE guild_id IN ({EVERYWHERE}, ?)"
        f" AND member IN ({', '.join('?' * len(whose))}) AND {_FUTURE}",
        (guild_id, *whose, at),
    )
    return _blocks(rows)


def of_server(tx: Tx, *, guild_id: int, at: int, limit: int) -> list[Block]:
    """Return the newest blocks of a server's managers that are in force."""
    rows = tx.execute(
        f"SELECT {_READ} FROM blocks WHERE guild_id = ? AND cause = 'manager' AND {_FUTURE}"
        " ORDER BY since DESC LIMIT ?",
        (guild_id, at, limit),
    )
    return _blocks(rows)


def of_operator(tx: Tx, *, at: int, limit: int) -> list[Block]:
    """Return the newest blocks that no manager has set and that are in force."""
    rows = tx.execute(
        f"SELECT {_READ} FROM blocks WHERE cause <> 'manager' AND {_FUTURE} ORDER BY since DESC LIMIT ?",
        (at, limit),
    )
    return _blocks(rows)


def _blocks(rows: Iterable[tuple[Any, ...]]) -> list[Block]:
    return [
        Block(
            guild_id=guild_id,
            member_id=member_id,
            cause=Cause(cause),
            reason=reason,
            set_by=set_by,
            since=since,
            until=until,
            strikes=strikes,
        )
        for guild_id, member_id, cause, reason, set_by, since, until, strikes in rows
    ]
