"""Rows of ``jobs``: one function a query, each inside its caller's transaction.

A job moves by compare-and-set only (``move``), so that two things can never move it at once.
"""

import json
from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from domain.errors import Reason
from domain.job import HELD, MOVES, OPEN, Card, Job, Kind, Origin, Rung, Spoiler, Status
from domain.options import Options
from domain.styles import Applied, words_of
from domain.text import storable
from storage import events, members
from storage.holds import IS_OPEN, listed
from storage.tx import Cursor, Tx

Value = str | int | None

_NAMES = (
    *("id", "kind", "origin", "key_id", "guild_id", "channel_id", "model", "prompt", "options"),
    *("source_count", "status", "reserved", "raised", "role_ids", "created_at", "parent_id", "follows"),
    *("token", "token_expires_at"),
    *("card_channel_id", "card_id", "sources_ready", "provider_job_id", "secret", "claim", "submitted_at"),
    *("completed_at", "ended_at", "cost", "billed", "failure", "rung", "rung_at", "attachment_limit", "note"),
    *("collected", "reminded", "deleted", "withdrawn", "hidden", "left_out", "style", "spoiler"),
    "prompt_hidden",
)
_ROW = (
    f"{', '.join(_NAMES)}, COALESCE((SELECT snowflake FROM members WHERE surrogate = jobs.member), 0),"
    " (SELECT spent FROM entries WHERE entries.job_id = jobs.id AND entries.kind = 'charge')"
)
_SELECT = f"SELECT {_ROW} FROM jobs"
_FIELDS = (*_NAMES, "member_id", "charged")
_OF_CARD = {
    "channel_id": "card_channel_id",
    "message_id": "card_id",
    "token": "token",
    "token_expires_at": "token_expires_at",
    "attachment_limit": "attachment_limit",
    "rung": "rung",
    "rung_at": "rung_at",
    "reminded": "reminded",
}
"""The fields of a card, and the columns that hold them."""
_FLAGS = ("sources_ready", "collected", "reminded", "deleted", "withdrawn", "hidden", "prompt_hidden")


class Columns(TypedDict, total=False):
    """What may be set while a job moves: columns under the names that the database gives them."""

    submitted_at: int | None
    secret: str | None
    provider_job_id: str
    claim: None
    cost: int | None
    billed: int | None
    completed_at: int
    ended_at: int
    failure: Reason
    rung: Rung
    token: None
    note: str | None
    collected: bool
    reminded: bool
    deleted: bool
    prompt: str
    card_channel_id: None
    card_id: None


_ENDED = f"status IN {listed(set(Status) - OPEN)}"
_WAITING = listed(HELD - {Status.UNKNOWN})


def insert(tx: Tx, job: Job) -> None:
    """Write a new job."""
    tx.execute(
        "INSERT INTO jobs (id, kind, origin, key_id, guild_id, channel_id, member, model, prompt, options,"
        " image_count, source_count, status, reserved, role_ids, created_at, parent_id, follows, token,"
        " token_expires_at, secret, sources_ready, card_channel_id, card_id, rung, rung_at,"
        " attachment_limit, note, left_out, style, spoiler, prompt_hidden)"
        f" VALUES ({', '.join('?' * 32)})",
        (
            job.id,
            job.kind,
            job.origin,
            job.key_id,
            job.guild_id,
            job.channel_id,
            members.surrogate(tx, job.member_id),
            job.model,
            job.prompt,
            job.options.to_json(),
            job.options.images,
            job.source_count,
            job.status,
            job.reserved,
            ",".join(map(str, job.role_ids)),
            job.created_at,
            job.parent_id,
            job.follows,
            job.card.token,
            job.card.token_expires_at,
            job.secret,
            int(job.sources_ready),
            job.card.channel_id,
            job.card.message_id,
            job.card.rung,
            job.card.rung_at,
            job.card.attachment_limit,
            job.note,
            json.dumps(dict(job.left_out)),
            None if job.style is None else job.style.to_json(),
            job.spoiler,
            int(job.prompt_hidden),
        ),
    )


def get(tx: Tx, job_id: str) -> Job | None:
    """Return one job, by its id or by another name that it had or has."""
    return _one(tx.execute(f"{_SELECT} WHERE id = ?", (job_id,))) or _one(
        tx.execute(f"{_SELECT} WHERE id = ?", (events.named(tx, job_id),))
    )


def by_card(tx: Tx, message_id: int) -> Job | None:
    """Return the job whose card, or a further message of whose results, this message is."""
    return _one(
        tx.execute(
            f"{_SELECT} WHERE card_id = ? OR id = (SELECT job_id FROM messages WHERE message_id = ?)",
            (message_id, message_id),
        )
    )


def by_secret(tx: Tx, secret: str) -> Job | None:
    """Return the job whose webhook path this is."""
    return _one(tx.execute(f"{_SELECT} WHERE secret = ?", (secret,)))


def by_provider_id(tx: Tx, provider_job_id: str) -> Job | None:
    """Return the job that the provider knows under this name."""
    return _one(tx.execute(f"{_SELECT} WHERE provider_job_id = ?", (provider_job_id,)))


def all_open(tx: Tx) -> list[Job]:
    """Return every job that is not at an end, in the order in which they were asked for."""
    return _all(tx.execute(f"{_SELECT} WHERE {IS_OPEN} ORDER BY created_at, id"))


def with_status(tx: Tx, status: Status) -> list[Job]:
    """Return the jobs in one status, oldest first. Meant for the open ones, which an index finds."""
    return _all(tx.execute(f"{_SELECT} WHERE {IS_OPEN} AND status = ? ORDER BY created_at, id", (status,)))


def to_close(tx: Tx, *, since: int) -> list[Job]:
    """Return the ended jobs whose last chores are not done.

    Of those delivered after ``since`` (Unix milliseconds) reminder and reaction may be missing; of others,
    however old, the card does not say yet how they ended.
    """
    return _all(
        tx.execute(
            f"{_SELECT} WHERE {_ENDED} AND reminded = 0"
            " AND (status <> 'done' OR ended_at > ?) AND (status = 'done' OR deleted = 0) ORDER BY ended_at",
            (since,),
        )
    )


def follow_up_of(tx: Tx, job_id: str) -> str | None:
    """Return the job that goes on in the place of one whose model has ended."""
    row = tx.execute("SELECT id FROM jobs WHERE follows = ?", (job_id,)).fetchone()
    return None if row is None else str(row[0])


def count_waiting(tx: Tx, member_id: int) -> int:
    """Count one member's jobs that are not unknown and wait for turn or end, in all servers."""
    row = tx.execute(
        f"SELECT count(*) FROM jobs WHERE {IS_OPEN} AND status IN {_WAITING} AND member = ?",
        (members.find(tx, member_id),),
    ).fetchone()
    return int(row[0])


def has_just_asked(tx: Tx, job: Job, *, within: int) -> bool:
    """Tell whether a reroll's member rerolled the same job in the milliseconds before it."""
    row = tx.execute(
        "SELECT 1 FROM jobs WHERE member = ? AND guild_id = ? AND parent_id = ? AND origin = 'reroll'"
        # By a button: a reaction has no token.
        " AND token_expires_at > 0 AND deleted = 0 AND created_at > ? AND created_at <= ? LIMIT 1",
        (
            members.find(tx, job.member_id),
            job.guild_id,
            job.parent_id,
            job.created_at - within,
            job.created_at,
        ),
    ).fetchone()
    return job.origin is Origin.REROLL and row is not None


def recent_prompts(tx: Tx, *, member_id: int, guild_id: int, containing: str, limit: int = 25) -> list[str]:
    """Return a member's last prompts in a server that hold a text (any case) and fit a suggestion."""
    rows = tx.execute(
        "SELECT prompt, style, max(created_at) AS last FROM"
        " (SELECT prompt, style, created_at FROM jobs WHERE member = ? AND guild_id = ? AND deleted = 0"
        "  ORDER BY created_at DESC LIMIT 500) AS recent"
        " WHERE (length(prompt) BETWEEN 2 AND 100 OR style IS NOT NULL) AND lower(prompt) LIKE ? ESCAPE '!'"
        " GROUP BY prompt, style ORDER BY last DESC LIMIT ?",
        (members.find(tx, member_id), guild_id, f"%{_literal(containing.lower())}%", limit),
    )
    found = dict.fromkeys(words_of(prompt, style) for prompt, style, _ in rows)
    return [words for words in found if containing.lower() in words.lower() and 2 <= len(words) <= 100]


def _literal(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def move(tx: Tx, job_id: str, *, expect: Status, to: Status, **columns: Unpack[Columns]) -> Job | None:
    """Move a job if it still stands where its mover thinks, and set columns with it.

    Returns the job as it is now, or ``None`` when somebody else moved it first.

    Raises
    ------
    ValueError
        The move is not one of ``MOVES``, or a column is none of ``Columns``.
    """
    if to not in MOVES[expect]:
        raise ValueError(f"no job moves from {expect} to {to}")
    if unknown := columns.keys() - Columns.__optional_keys__:
        raise ValueError(f"no job sets these when it moves: {sorted(unknown)}")
    ended = {} if to in HELD else {"role_ids": ""}
    return _set(tx, job_id, {"status": to, **columns, **ended}, expect=expect)


def mark_sources_ready(tx: Tx, job_id: str) -> Job | None:
    """Note that a queued job has its sources as the provider takes them; ``None`` if it waits no more."""
    return _set(tx, job_id, {"sources_ready": True}, expect=Status.QUEUED)


def raise_reserved(tx: Tx, job_id: str, *, by: int) -> Job | None:
    """Note what more is held for a job since more is known of its cost (thousandths)."""
    return _one(
        tx.execute(f"UPDATE jobs SET raised = raised + ? WHERE id = ? RETURNING {_ROW}", (by, job_id))
    )


def note_claim(tx: Tx, job_id: str, *, provider_job_id: str) -> Job | None:
    """Note what a webhook says the provider calls a job whose submission is not answered."""
    return _set(tx, job_id, {"claim": provider_job_id})


def note_rung(tx: Tx, job_id: str, *, rung: Rung, at: int) -> Job | None:
    """Commit to a way before a message leaves on it: after a crash that message is looked for."""
    return _set(tx, job_id, {"rung": rung, "rung_at": at})


def place_card(tx: Tx, job_id: str, *, channel_id: int, message_id: int, by_new_message: bool) -> Job | None:
    """Note where a job's card is. A token belongs to the message it answered: a new one ends its use."""
    place: dict[str, object] = {"card_channel_id": channel_id, "card_id": message_id}
    return _set(tx, job_id, place | ({"token": None} if by_new_message else {}))


def close_card(tx: Tx, job_id: str) -> Job | None:
    """Note that a job's card shows its end and that its last chores are done: nothing more is sent for it."""
    return _set(tx, job_id, {"token": None, "reminded": True})


def mark_collected(tx: Tx, job_id: str) -> Job | None:
    """Note that results that waited under /jobs have reached their member."""
    return _set(tx, job_id, {"collected": True})


def _set(tx: Tx, job_id: str, columns: Mapping[str, object], *, expect: Status | None = None) -> Job | None:
    """Set columns of a job, with ``expect`` only while it is in that status; return it as it is now."""
    assignments = ", ".join(f"{name} = ?" for name in columns)
    guard = "" if expect is None else " AND status = ?"
    values = [_stored(value) for value in columns.values()]
    values += [job_id] if expect is None else [job_id, expect]
    return _one(tx.execute(f"UPDATE jobs SET {assignments} WHERE id = ?{guard} RETURNING {_ROW}", values))


def _stored(value: object) -> object:
    """Write texts without what no engine takes, and flags as the numbers that they are."""
    return storable(value) if isinstance(value, str) else int(value) if isinstance(value, bool) else value


def wipe_tokens(tx: Tx, *, at: int) -> int | None:
    """Forget the interaction tokens that Discord no longer takes; return when the next one ends.

    Both moments are Unix milliseconds.
    """
    tx.execute("UPDATE jobs SET token = NULL WHERE token IS NOT NULL AND token_expires_at <= ?", (at,))
    row = tx.execute("SELECT MIN(token_expires_at) FROM jobs WHERE token IS NOT NULL").fetchone()
    return None if row[0] is None else int(row[0])


def _one(cursor: Cursor) -> Job | None:
    row = cursor.fetchone()
    return _job(row) if row is not None else None


def _all(cursor: Cursor) -> list[Job]:
    return [_job(row) for row in cursor]


def _job(row: tuple[Value, ...]) -> Job:
    value: dict[str, Any] = dict(zip(_FIELDS, row, strict=True))
    value |= _typed(value)
    card = Card(**{name: value.pop(column) for name, column in _OF_CARD.items()})
    return Job(card=card, **value)


def _typed(value: Mapping[str, Value]) -> dict[str, Any]:
    return {
        "kind": Kind(str(value["kind"])),
        "origin": Origin(str(value["origin"])),
        "options": Options.from_json(str(value["options"])),
        "left_out": tuple(json.loads(str(value["left_out"])).items()),
        "style": Applied.from_json(str(value["style"])) if value["style"] else None,
        "status": Status(str(value["status"])),
        "failure": Reason(str(value["failure"])) if value["failure"] else None,
        "rung": Rung(str(value["rung"])) if value["rung"] else None,
        "spoiler": Spoiler(str(value["spoiler"])),
        "role_ids": tuple(map(int, filter(None, str(value["role_ids"]).split(",")))),
        **{name: bool(value[name]) for name in _FLAGS},
    }
