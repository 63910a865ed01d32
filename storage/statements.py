"""A member's last jobs in one server, with what each cost them."""

from domain.job import OPEN, Status
from domain.reports import RecentJob
from domain.styles import words_of
from storage import entries, members
from storage.tx import Tx


def recent(tx: Tx, *, guild_id: int, member_id: int, limit: int) -> list[RecentJob]:
    """Return a member's last jobs in a server, newest first."""
    rows = tx.execute(
        "SELECT id, status, created_at, reserved + raised, COALESCE(card_channel_id, channel_id), card_id,"
        " COALESCE(card_channel_id <> channel_id, FALSE), deleted, prompt, style"
        " FROM jobs WHERE member = ? AND guild_id = ? ORDER BY created_at DESC LIMIT ?",
        (members.find(tx, member_id), guild_id, limit),
    ).fetchall()
    spent = entries.spent_on(tx, [str(row[0]) for row in rows])
    return [
        RecentJob(
            job_id=job_id,
            prompt=words_of(prompt or "", style),
            status=Status(status),
            created_at=created_at,
            held=held,
            spent=spent.get(job_id, None if Status(status) in OPEN else 0),
            channel_id=channel_id,
            card_id=None if deleted else card_id,
            direct=bool(direct),
        )
        for job_id, status, created_at, held, channel_id, card_id, direct, deleted, prompt, style in rows
    ]
