"""All that is kept of one member, row by row, as they get it."""

import json
from collections.abc import Iterator
from typing import Any

from storage import members
from storage.tx import Tx

_JOB = (
    *("id", "kind", "origin", "guild_id", "channel_id", "model", "prompt", "options", "status", "failure"),
    *("created_at", "submitted_at", "completed_at", "ended_at", "card_channel_id", "card_id", "deleted"),
)
_IMAGE = ("role", "position", "name", "media_type", "size", "width", "height", "sha256")

_BY_SNOWFLAKE = ("notices", "preferences", "unreminded", "untold")
"""Tables that name members who may have asked for nothing yet."""


def jobs(tx: Tx, member_id: int) -> Iterator[dict[str, Any]]:
    """Yield a member's jobs, newest first, each with its images; ids and moments as they are stored."""
    rows = tx.execute(
        f"SELECT {', '.join(_JOB)} FROM jobs WHERE member = ? ORDER BY created_at DESC",
        (members.find(tx, member_id),),
    ).fetchall()
    for row in rows:
        job = dict(zip(_JOB, row, strict=True))
        found = tx.execute(
            f"SELECT {', '.join(_IMAGE)} FROM images WHERE job_id = ? ORDER BY role, position", (job["id"],)
        )
        images = [dict(zip(_IMAGE, image, strict=True)) for image in found]
        yield job | {"options": json.loads(job["options"]), "images": images}


def allowances(tx: Tx, member_id: int) -> list[dict[str, Any]]:
    """Return the allowances that were set for a member."""
    return _rows(
        tx,
        "SELECT guild_id, period, credits, set_at FROM allowances"
        " WHERE target_kind = 'member' AND target_id = ?",
        member_id,
    )


def notices(tx: Tx, member_id: int) -> list[dict[str, Any]]:
    """Return what moderators were told of a member's allowances."""
    return _rows(
        tx,
        "SELECT guild_id, period, percent, used, credits, at, sent FROM notices WHERE member_id = ?",
        member_id,
    )


def choices(tx: Tx, member_id: int) -> dict[str, Any]:
    """Return what a member chose, and what was decided about them."""
    member = members.find(tx, member_id)
    return {
        "no_reminders": bool(_rows(tx, "SELECT 1 AS yes FROM unreminded WHERE member_id = ?", member_id)),
        "preferences": _rows(
            tx,
            "SELECT edit_model, generate_model, size, quality, count FROM preferences WHERE member_id = ?",
            member_id,
        ),
        "privacy": _rows(tx, "SELECT own_images, exported_at FROM privacy WHERE member = ?", member),
        "blocks": _rows(
            tx, "SELECT guild_id, cause, reason, since, until, strikes FROM blocks WHERE member = ?", member
        ),
    }


def is_known(tx: Tx, member_id: int) -> bool:
    """Tell whether anything is kept of a member."""
    if members.find(tx, member_id) != members.NOBODY:
        return True
    named = [f"SELECT 1 FROM {table} WHERE member_id = ?" for table in _BY_SNOWFLAKE]
    allowed = "SELECT 1 FROM allowances WHERE target_kind = 'member' AND target_id = ?"
    asked = [*named, allowed]
    return tx.execute(" UNION ALL ".join(asked), [member_id] * len(asked)).fetchone() is not None


def _rows(tx: Tx, query: str, whose: int) -> list[dict[str, Any]]:
    cursor = tx.execute(query, (whose,))
    names = [str(column[0]) for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
