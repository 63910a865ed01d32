"""Whose sources and words a job uses beside its member's own: noted once, taken away for good."""

from collections.abc import Sequence

from domain.errors import Reason, Refusal
from domain.job import Job
from domain.request import NewSource, images_in
from domain.styles import words_of
from storage import facts, members, server_settings, stale_cards, takedowns, unnamed
from storage.tx import Tx


def note(tx: Tx, job: Job, sources: Sequence[NewSource]) -> None:
    """Note whose the sources and the words of a new job are.

    Raises
    ------
    Refusal
        A source was deleted by whose it is, they keep theirs to themselves, or nobody in this server may use
        those of others.
    """
    me = members.surrogate(tx, job.member_id)
    own_only = server_settings.of(tx, job.guild_id).own_images
    placed = [("source", position, source) for position, source in enumerate(images_in(sources), 1)]
    placed += [("mask", 1, source) for source in sources if source.is_mask]
    for role, position, source in placed:
        owner = _owner(tx, source)
        if owner is None or owner == me:
            continue
        if keeps_images(tx, owner):
            raise Refusal(Reason.NOT_SHARED)
        if own_only:
            raise Refusal(Reason.OWN_IMAGES_ONLY)
        tx.execute(
            "UPDATE images SET owner = ? WHERE job_id = ? AND role = ? AND position = ?",
            (owner, job.id, role, position),
        )
    words = _words_owner(tx, job)
    if words is not None and words != me:
        tx.execute("UPDATE jobs SET prompt_owner = ? WHERE id = ?", (words, job.id))


def _owner(tx: Tx, source: NewSource) -> int | None:
    if source.from_job is None:
        return None if source.owner_id is None else members.surrogate(tx, source.owner_id)
    row = tx.execute(
        "SELECT COALESCE(i.owner, j.member), j.deleted FROM jobs AS j"
        " LEFT JOIN images AS i ON i.job_id = j.id AND i.sha256 = ? WHERE j.id = ?",
        (source.sha256 or "", source.from_job),
    ).fetchone()
    if row is None or row[1]:
        raise Refusal(Reason.SOURCE_WITHDRAWN)
    return int(row[0])


def is_spoiler(tx: Tx, source: NewSource) -> bool:
    """Tell whether a kept image is one that its job shows as a spoiler."""
    row = tx.execute(
        "SELECT 1 FROM jobs AS j JOIN images AS i ON i.job_id = j.id AND i.sha256 = ?"
        " WHERE j.id = ? AND (j.spoiler = 'all' OR (j.spoiler = 'results' AND i.role = 'result'))",
        (source.sha256 or "", source.from_job or ""),
    ).fetchone()
    return row is not None


def _words_owner(tx: Tx, job: Job) -> int | None:
    """Return whose words a job's prompt has: it came from another's and still contains them."""
    row = tx.execute(
        "SELECT prompt, style, COALESCE(prompt_owner, member) FROM jobs WHERE id = ?", (job.parent_id or "",)
    ).fetchone()
    if row is None or not (words := words_of(row[0], row[1])):
        return None
    return int(row[2]) if words in job.words else None


def keeps_images(tx: Tx, member: int) -> bool:
    """Tell whether a member (a surrogate) lets nobody else use their images."""
    row = tx.execute("SELECT own_images FROM privacy WHERE member = ?", (member,)).fetchone()
    return row is not None and bool(row[0])


def problem(tx: Tx, job: Job) -> Reason | None:
    """Return why a job may not be submitted any more, if it uses what somebody took back meanwhile."""
    if job.withdrawn:
        return Reason.SOURCE_WITHDRAWN
    owners = tx.execute(
        "SELECT COALESCE(p.own_images, 0) FROM images AS i LEFT JOIN privacy AS p ON p.member = i.owner"
        " WHERE i.job_id = ? AND i.owner IS NOT NULL",
        (job.id,),
    ).fetchall()
    if any(keeps for (keeps,) in owners):
        return Reason.NOT_SHARED
    return Reason.OWN_IMAGES_ONLY if owners and server_settings.of(tx, job.guild_id).own_images else None


def hand_over(tx: Tx, job_id: str, *, to: str) -> None:
    """Say of a job that goes on in the place of another what was said of that one."""
    tx.execute(
        "UPDATE jobs SET (prompt_owner, withdrawn, hidden) ="
        " (SELECT prompt_owner, withdrawn, hidden FROM jobs WHERE id = ?) WHERE id = ?",
        (job_id, to),
    )


_BELOW = (
    "WITH RECURSIVE below (id) AS (SELECT id FROM jobs WHERE parent_id = ?"
    " UNION SELECT j.id FROM below JOIN jobs AS j ON j.parent_id = below.id)"
)
"""What was made from a job, and from that."""


def withdraw_below(tx: Tx, job: Job, *, at: int, files_at: int) -> None:
    """Take a job's member's sources and words away from all that others made from it.

    ``files_at``: since when files count as unnamed, which go an hour later.
    """
    member = members.find(tx, job.member_id)
    if words := _own_words(tx, job):
        # Words of several go with the first who takes theirs back.
        tx.execute(
            f"{_BELOW} UPDATE jobs SET prompt_owner = ? WHERE id IN (SELECT id FROM below)"
            " AND member <> ? AND replace(prompt, ?, '') <> prompt",
            (job.id, member, member, words),
        )
    rows = tx.execute(
        f"{_BELOW} SELECT j.id FROM below JOIN jobs AS j ON j.id = below.id WHERE j.member <> ? AND"
        " (j.prompt_owner = ? OR EXISTS (SELECT 1 FROM images AS i WHERE i.job_id = j.id AND i.owner = ?))",
        (job.id, member, member, member),
    ).fetchall()
    for row in rows:
        _withdraw(tx, str(row[0]), member, at=at, files_at=files_at)


def _own_words(tx: Tx, job: Job) -> str:
    """Return a job's words if its member wrote any of them; empty if all came with the job before."""
    row = tx.execute(
        "SELECT p.prompt, p.style FROM jobs AS j JOIN jobs AS p ON p.id = j.parent_id"
        " WHERE j.id = ? AND j.prompt_owner IS NOT NULL",
        (job.id,),
    ).fetchone()
    return "" if row is not None and words_of(row[0], row[1]) == job.words else job.words


def withdraw_everywhere(tx: Tx, member: int, *, at: int, limit: int) -> int:
    """Take a member's (a surrogate) sources and words away from others' jobs; return from how many."""
    rows = tx.execute(
        "SELECT job_id FROM images WHERE owner = ? UNION SELECT id FROM jobs WHERE prompt_owner = ? LIMIT ?",
        (member, member, limit),
    ).fetchall()
    for row in rows:
        _withdraw(tx, str(row[0]), member, at=at, files_at=0)
    return len(rows)


def _withdraw(tx: Tx, job_id: str, owner: int, *, at: int, files_at: int) -> None:
    going = {
        str(row[0])
        for row in tx.execute(
            "SELECT sha256 FROM images WHERE job_id = ? AND sha256 IS NOT NULL"
            " AND (owner = ? OR role = 'sheet')",
            (job_id, owner),
        )
    }
    tx.execute(
        "UPDATE images SET owner = NULL, sha256 = NULL, url = NULL, url_expires_at = NULL, attached = NULL,"
        " name = '' WHERE job_id = ? AND owner = ?",
        (job_id, owner),
    )
    # Without a prompt the sweep of old words does not find them.
    tx.execute(
        "UPDATE images SET name = '' WHERE job_id = ? AND role <> 'result'"
        " AND EXISTS (SELECT 1 FROM jobs WHERE id = ? AND prompt_owner = ?)",
        (job_id, job_id, owner),
    )
    # The contact sheet shows them all.
    tx.execute("DELETE FROM images WHERE job_id = ? AND role = 'sheet'", (job_id,))
    tx.execute(
        "UPDATE jobs SET withdrawn = 1, prompt = CASE WHEN prompt_owner = ? THEN '' ELSE prompt END,"
        " style = CASE WHEN prompt_owner = ? THEN NULL ELSE style END,"
        " prompt_owner = NULL WHERE id = ?",
        (owner, owner, job_id),
    )
    unnamed.mark(tx, going, at=files_at)
    # It shows what there was.
    takedowns.add(tx, facts.take_log(tx, job_id), at=at)
    stale_cards.add_all(tx, job_id, at=at)
