"""The buttons below a card: what can be done next, and what it costs."""

from typing import Any

from discord import ui

from domain.credits import credits_text
from domain.errors import Reason
from domain.job import Job, Status
from domain.views import CardView, Successor
from ui.buttons import (
    CancelButton,
    ChangePromptButton,
    CollectButton,
    DeleteButton,
    EditResultButton,
    RerollButton,
    UseModelButton,
)
from ui.plain import clean

BAD_SOURCE = frozenset(
    {
        Reason.NOT_AN_IMAGE,
        Reason.WRONG_TYPE,
        Reason.TRUNCATED,
        Reason.ANIMATED,
        Reason.VIDEO,
        Reason.CAMERA_RAW,
        Reason.JPEG_XL,
        Reason.TOO_HARD,
        Reason.TOO_LARGE,
        Reason.TOO_MANY_PIXELS,
        Reason.SOURCE_GONE,
        Reason.SOURCE_WITHDRAWN,
        Reason.NOT_SHARED,
    }
)
"""The images themselves are at fault: nothing helps but other ones."""
NEEDS_CHANGE = frozenset({Reason.MODERATED, Reason.BAD_INPUT, Reason.PRICE_ROSE, Reason.PROMPT_TOO_LONG})
"""The same again would end the same."""
LATER = frozenset({Reason.OUT_OF_CREDITS, Reason.INVALID_KEY})
"""Nothing that a member does helps for now."""


def buttons_of(view: CardView) -> "ui.ActionRow[ui.LayoutView] | None":
    """Return what can be done with a job, if anything can."""
    job = view.job
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    again = credits_text(job.held)
    match job.status:
        case Status.QUEUED:
            row.add_item(CancelButton(job.id))
        case Status.DONE:
            for item in _after_results(view, again):
                row.add_item(item)
            row.add_item(DeleteButton(job.id))
        case Status.FAILED if job.failure is Reason.MODEL_GONE:
            # The same again would meet the same end.
            if view.successor is not None:
                row.add_item(UseModelButton(job.id, label=_use(view.successor)))
            else:
                row.add_item(RerollButton(job.id, label=f"Try again · {again}"))
            row.add_item(DeleteButton(job.id))
        case Status.FAILED | Status.CANCELLED:
            for item in _next_steps(job, again):
                row.add_item(item)
            row.add_item(DeleteButton(job.id))
        case Status.UNKNOWN:
            row.add_item(RerollButton(job.id, label=f"Ask again · {again}"))
        case _:
            return None
    return row


def _after_results(view: CardView, again: str) -> list[ui.Item[Any]]:
    """Return what can follow results; what was withdrawn is not done again."""
    job = view.job
    collect = [CollectButton(job.id, label="Collect · free")] if view.elsewhere and not job.collected else []
    one = credits_text(job.held // job.options.images)
    edit = EditResultButton(job.id, label=f"Edit result · {one}")
    if job.withdrawn:
        return [*collect, edit]
    return [*collect, RerollButton(job.id, label=f"Reroll · {again}"), edit, ChangePromptButton(job.id)]


def _next_steps(job: Job, again: str) -> list[ui.Item[Any]]:
    """Return what can help after a job came to nothing: other words, the same again, both or neither."""
    change, retry = ChangePromptButton(job.id), RerollButton(job.id, label=f"Try again · {again}")
    if job.withdrawn or job.failure in BAD_SOURCE:
        return []
    if job.failure in NEEDS_CHANGE:
        return [ChangePromptButton(job.id, first=True)]
    if job.failure in LATER:
        return [change]
    if job.failure is Reason.PROVIDER_TROUBLE:
        return [RerollButton(job.id, label=f"Try again in a few minutes · {again}"), change]
    return [retry, change]


def _use(successor: Successor) -> str:
    price = credits_text(successor.cost)
    return f"Use {clean(successor.model, 70 - len(price))} · {price}"
