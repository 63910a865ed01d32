"""By what a message of ours is known again, after a crash kept us from noting it."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from discord.utils import time_snowflake

from domain.job import Job
from domain.limits import HOUR
from ui.buttons import CancelButton, RerollButton
from ui.cards import mark_of

SLACK = HOUR
"""Milliseconds by which Discord's clock may be behind ours, where nothing of its own tells of a beginning."""


def nonce_of(*what: object) -> str:
    """Return what makes a message the same message: Discord takes 25 characters."""
    return hashlib.sha256("/".join(map(str, what)).encode()).hexdigest()[:24]


def shows(components: Sequence[Any], job_id: str) -> bool:
    """Tell whether components are a job's card: by its mark, or by a button where ids are numbered anew."""
    buttons = {RerollButton(job_id).custom_id, CancelButton(job_id).custom_id}
    waiting = list(components)
    while waiting:
        component = waiting.pop()
        if component.id == mark_of(job_id) or getattr(component, "custom_id", None) in buttons:
            return True
        waiting.extend(getattr(component, "children", ()))
    return False


def begin_of(job: Job, names: Sequence[str]) -> int:
    """Return the snowflake of what a job's message must come after: its card before, or what asked for it."""
    known = [int(name[1:]) for name in names if name.startswith("i") and name[1:].isdecimal()]
    if job.card.message_id is not None:
        known.append(job.card.message_id)
    return (
        max(known) if known else time_snowflake(datetime.fromtimestamp((job.created_at - SLACK) / 1000, UTC))
    )
