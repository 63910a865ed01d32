"""By what a message of ours is known again, after a crash kept us from noting it."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from discord.utils import time_snowflake

from domain.job import Job
from domain.limits import HOUR
from ui.buttons import CancelButton, RerollButton, StopRemindersButton
from ui.cards import mark_of

SLACK = HOUR
"""Milliseconds by which Discord's clock may be behind ours, where nothing of its own tells of a beginning."""


def nonce_of(*what: object) -> str:
    """Return what makes a message the same message: Discord takes 25 characters."""
    return hashlib.sha256("/".join(map(str, what)).encode()).hexdigest()[:24]


def shows(components: Sequence[Any], job_id: str) -> bool:
    """Tell whether components are a job's card: by its mark, or by a button where ids are numbered anew."""
    buttons = {RerollButton(job_id).custom_id, CancelButton(job_id).custom_id}
    return any(each.id == mark_of(job_id) or _custom_id(each) in buttons for each in _all(components))


def reminds(components: Sequence[Any], job_id: str) -> bool:
    """Tell whether components are a job's reminder, by its button."""
    return any(_custom_id(each) == StopRemindersButton(job_id).custom_id for each in _all(components))


def _all(components: Sequence[Any]) -> Iterator[Any]:
    for component in components:
        yield component
        yield from _all(getattr(component, "children", ()))


def _custom_id(component: object) -> str | None:
    return getattr(component, "custom_id", None)


def begin_of(job: Job, names: Sequence[str]) -> int:
    """Return the snowflake of what a job's message must come after: its card before, or what asked for it."""
    known = [int(name[1:]) for name in names if name.startswith("i") and name[1:].isdecimal()]
    if job.card.message_id is not None:
        known.append(job.card.message_id)
    return (
        max(known) if known else time_snowflake(datetime.fromtimestamp((job.created_at - SLACK) / 1000, UTC))
    )
