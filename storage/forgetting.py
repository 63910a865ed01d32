"""Forgetting jobs: what members wrote and what they gave goes, the row stays as what the ledger refers to."""

from domain.images import Role
from domain.job import OPEN, Job, Rung
from storage import facts, images, job_rows, ownership, stale_cards, takedowns, unnamed
from storage.holds import IS_OPEN
from storage.tx import Tx


def forget(tx: Tx, job: Job, *, at: int, files_at: int | None = None) -> None:
    """Forget an ended job, take what is its member's from what others made of it, have its messages deleted.

    Files go an hour after ``files_at`` (now, if that is not given) if nobody else names them.
    """
    places = facts.messages_of(tx, job.id)
    if job.card.place is not None:
        places.append(job.card.place)
    takedowns.add(tx, places, at=at)
    files_at = at if files_at is None else files_at
    ownership.withdraw_below(tx, job, at=at, files_at=files_at)
    _forget(tx, job, files_at=files_at)


def _forget(tx: Tx, job: Job, *, files_at: int) -> None:
    files = {image.sha256 for image in images.of_job(tx, job.id) if image.sha256 is not None}
    tx.execute(
        "UPDATE jobs SET deleted = 1, prompt = '', style = NULL, prompt_owner = NULL, token = NULL,"
        " secret = NULL, claim = NULL, collected = 1 WHERE id = ?",
        (job.id,),
    )
    images.remove(tx, job.id)
    tx.execute("DELETE FROM messages WHERE job_id = ?", (job.id,))
    tx.execute("DELETE FROM stale_cards WHERE job_id = ?", (job.id,))
    unnamed.mark(tx, files, at=files_at)


def deleted_outside(tx: Tx, message_id: int, *, at: int) -> Job | None:
    """Take note that somebody else deleted a message: as Delete does, once its member has the results.

    A job that is under way, or whose results nobody has yet, goes on for its member alone. Returns the job as
    it is now; ``None`` if the message is no card.
    """
    job = job_rows.by_card(tx, message_id)
    if job is None or job.deleted:
        return None
    if job.card.message_id != message_id:
        facts.forget_message(tx, message_id)
        stale_cards.remove(tx, message_id)
        return None
    if job.status in OPEN or not job.collected:
        return hide(tx, job.id)
    forget(tx, job, at=at)
    takedowns.remove(tx, message_id)
    return job_rows.get(tx, job.id)


def hide(tx: Tx, job_id: str) -> Job | None:
    """Note that a job's card was deleted by somebody else: nothing more of it is posted in that channel."""
    tx.execute(
        "UPDATE jobs SET hidden = 1, card_id = NULL, card_channel_id = NULL, token = NULL WHERE id = ?",
        (job_id,),
    )
    tx.execute("DELETE FROM stale_cards WHERE job_id = ?", (job_id,))
    images.forget_attached(tx, job_id)
    return job_rows.get(tx, job_id)


def hide_result(tx: Tx, job_id: str, *, at: int) -> Job | None:
    """Take all messages of a job out of its channel; what it made, or makes, is its member's alone.

    Returns the job as it is then. Where there is nothing to keep for them, it is forgotten.
    """
    job = job_rows.get(tx, job_id)
    if job is None or job.deleted:
        return None
    take_down_in_public(tx, job, at=at)
    if job.shown_directly:
        tx.execute("UPDATE jobs SET hidden = 1 WHERE id = ?", (job.id,))
    elif job.status in OPEN or not job.collected:
        hide(tx, job.id)
    elif any(image.sha256 for image in images.of_job(tx, job.id, Role.RESULT)):
        hide(tx, job.id)
        tx.execute("UPDATE jobs SET collected = 0, rung = ? WHERE id = ?", (Rung.KEPT, job.id))
    else:
        forget(tx, job, at=at)
    return job_rows.get(tx, job.id)


def take_down_in_public(tx: Tx, job: Job, *, at: int) -> None:
    """Have all messages of a job deleted that are in the channel where it was asked for."""
    places = [place for place in (*facts.messages_of(tx, job.id), job.card.place) if place is not None]
    public = [place for place in places if place[0] == job.channel_id]
    takedowns.add(tx, public, at=at)
    for _, message_id in public:
        facts.forget_message(tx, message_id)


_STILL_THERE = f"(hidden = 0 OR (collected = 1 AND NOT {IS_OPEN}))"


def lost_place(tx: Tx, *, guild_id: int, channel_id: int | None, at: int, limit: int) -> int:
    """Take note that a channel, or (``None``) the whole server, is gone with all cards that were there.

    Returns how many jobs it was about; to be repeated until there are none.
    """
    where = "card_channel_id = ?" if channel_id is not None else _STILL_THERE
    rows = tx.execute(
        f"SELECT id FROM jobs WHERE guild_id = ? AND deleted = 0 AND {where} ORDER BY created_at LIMIT ?",
        (guild_id, *(() if channel_id is None else (channel_id,)), limit),
    ).fetchall()
    for row in rows:
        job = job_rows.get(tx, str(row[0]))
        if job is None:
            continue
        if job.status in OPEN or not job.collected:
            hide(tx, job.id)
        else:
            forget(tx, job, at=at)
            tx.execute("DELETE FROM takedowns WHERE channel_id = ?", (job.channel_id,))
    return len(rows)


def wipe_words(tx: Tx, *, before: int, limit: int) -> int:
    """Wipe prompts and file names of jobs that ended before a moment, as files go; return of how many."""
    rows = tx.execute(
        f"SELECT id FROM jobs WHERE prompt <> '' AND created_at < ? AND collected = 1 AND NOT {IS_OPEN}"
        " AND coalesce(ended_at, created_at) < ? ORDER BY created_at LIMIT ?",
        (before, before, limit),
    ).fetchall()
    for row in rows:
        tx.execute("UPDATE jobs SET prompt = '', style = NULL, prompt_owner = NULL WHERE id = ?", row)
        tx.execute("UPDATE images SET name = '' WHERE job_id = ?", row)
    return len(rows)
