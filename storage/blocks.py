"""Rows of ``blocks``: one function a query.

Blocks know Discord's own ids: who asks for their data to be erased stays blocked.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.blocks import EVERYWHERE, Block, BlockKind, Cause
from storage.database import Tx

_COLUMNS = "guild_id, kind, target_id, cause, reason, set_by, since, until, strikes"
_FUTURE = "(until IS NULL OR until > ?)"


def put(tx: Tx, block: Block) -> None:
    """Block, or change the block of the same cause."""
    tx.execute(
        f"INSERT INTO blocks ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (guild_id, kind, target_id, cause) DO UPDATE SET reason = excluded.reason,"
        " set_by = excluded.set_by, since = excluded.since, until = excluded.until,"
        " strikes = excluded.strikes",
        (
            block.guild_id,
            block.kind,
            block.target_id,
            block.cause,
            block.reason,
            block.set_by,
            block.since,
            block.until,
            block.strikes,
        ),
    )


def get(tx: Tx, *, guild_id: int, kind: BlockKind, target_id: int, cause: Cause) -> Block | None:
    """Return one block, whether it has ended or not."""
    rows = tx.execute(
        f"SELECT {_COLUMNS} FROM blocks WHERE guild_id = ? AND kind = ? AND target_id = ? AND cause = ?",
        (guild_id, kind, target_id, cause),
    )
    return next(iter(_blocks(rows)), None)


def lift(
    tx: Tx, *, guild_id: int, kind: BlockKind, target_id: int, causes: Sequence[Cause], at: int
) -> list[Block]:
    """Remove what blocks a target for some causes; return what was still in force."""
    rows = tx.execute(
        "DELETE FROM blocks WHERE guild_id = ? AND kind = ? AND target_id = ?"
        f" AND cause IN ({', '.join('?' * len(causes))}) RETURNING {_COLUMNS}",
        (guild_id, kind, target_id, *causes),
    ).fetchall()
    return [block for block in _blocks(rows) if block.until is None or block.until > at]


def bearing_on(tx: Tx, *, guild_id: int, member_id: int, at: int) -> list[Block]:
    """Return what is in force for a member who asks in a server."""
    rows = tx.execute(
        f"SELECT {_COLUMNS} FROM blocks WHERE {_FUTURE} AND ("
        f"(guild_id = {EVERYWHERE} AND kind = 'all' AND target_id = 0)"
        f" OR (guild_id = {EVERYWHERE} AND kind = 'server' AND target_id = ?)"
        f" OR (guild_id IN ({EVERYWHERE}, ?) AND kind = 'member' AND target_id = ?))",
        (at, guild_id, guild_id, member_id),
    )
    return _blocks(rows)


def in_force(tx: Tx, *, guild_id: int, at: int, limit: int) -> list[Block]:
    """Return the newest blocks of one server, or those that count everywhere."""
    rows = tx.execute(
        f"SELECT {_COLUMNS} FROM blocks WHERE guild_id = ? AND {_FUTURE} ORDER BY since DESC LIMIT ?",
        (guild_id, at, limit),
    )
    return _blocks(rows)


def _blocks(rows: Iterable[tuple[Any, ...]]) -> list[Block]:
    return [
        Block(
            guild_id=guild_id,
            kind=BlockKind(kind),
            target_id=target_id,
            cause=Cause(cause),
            reason=reason,
            set_by=set_by,
            since=since,
            until=until,
            strikes=strikes,
        )
        for guild_id, kind, target_id, cause, reason, set_by, since, until, strikes in rows
    ]
