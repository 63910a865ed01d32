"""The buttons below a card: what can be done next, and what it costs."""

from collections.abc import Sequence
from typing import Any

from discord import ui

from domain.credits import credits_text
from domain.errors import Reason
from domain.job import Job, Status
from domain.views import CardView, Prices, Successor, prices_of
from ui.buttons import (
    CancelButton,
    ChangePromptButton,
    CollectButton,
    DeleteButton,
    EditResultButton,
    RerollButton,
    UseModelButton,
)
from ui.choices import model_name
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
        Reason.BAD_MASK,
        Reason.SOURCE_GONE,
        Reason.SOURCE_WITHDRAWN,
        Reason.NOT_SHARED,
    }
)
"""The images themselves are at fault: nothing helps but other ones."""
NEEDS_CHANGE = frozenset({Reason.MODERATED, Reason.BAD_INPUT, Reason.PRICE_ROSE, Reason.PROMPT_TOO_LONG})
"""The same again would end the same."""
ORIGINALS_WAIT = frozenset({"reencoded", "linked"})
"""What was done to results whose originals wait under /jobs."""


def buttons_of(view: CardView) -> "ui.ActionRow[ui.LayoutView] | None":
    """Return what can be done with a job below its card, if anything can."""
    job, prices = view.job, view.prices or prices_of(view.job)
    if job.status is Status.DONE:
        collect = (
            [CollectButton(job.id, label="Collect · free")] if view.elsewhere and not job.collected else []
        )
        edit = EditResultButton(job.id, label=f"Edit result · {credits_text(prices.edit)}")
        if job.withdrawn:
            return _row([*collect, edit, DeleteButton(job.id)])
        return _row([*collect, _reroll(job, prices), edit, ChangePromptButton(job.id), DeleteButton(job.id)])
    if job.status is Status.FAILED and job.failure is Reason.MODEL_GONE:
        # The same again would meet the same end.
        if view.successor is None:
            return _row([_reroll(job, prices, "Try again"), ChangePromptButton(job.id), DeleteButton(job.id)])
        use = UseModelButton(job.id, label=_use(view.successor))
        return _row([use, ChangePromptButton(job.id), DeleteButton(job.id)])
    return _row(_steps(job, prices))


def row_of(job: Job, prices: Prices) -> "ui.ActionRow[ui.LayoutView] | None":
    """Return what can be done with a job in a list of many, if anything can."""
    delete = DeleteButton(job.id, label="Delete")
    if job.status is not Status.DONE:
        steps = _steps(job, prices)
        return _row([delete if isinstance(item, DeleteButton) else item for item in steps])
    collect: list[ui.Item[Any]] = []
    if not job.collected:
        collect = [CollectButton(job.id, label="Collect · free")]
    elif job.note in ORIGINALS_WAIT:
        collect = [CollectButton(job.id, label="Collect originals · free")]
    again = [] if job.withdrawn else [_reroll(job, prices)]
    return _row([*collect, *again, delete])


def _row(items: "Sequence[ui.Item[Any]]") -> "ui.ActionRow[ui.LayoutView] | None":
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    for item in items:
        row.add_item(item)
    return row if items else None


def _reroll(job: Job, prices: Prices, word: str = "Reroll") -> RerollButton:
    return RerollButton(job.id, label=f"{word} · {credits_text(prices.again)}")


def _steps(job: Job, prices: Prices) -> list[ui.Item[Any]]:
    """Return what can be done with a job that has no result."""
    match job.status:
        case Status.QUEUED:
            return [CancelButton(job.id)]
        case Status.FAILED | Status.CANCELLED:
            return [*_after_failure(job, prices), DeleteButton(job.id)]
        case Status.UNKNOWN:
            return [_reroll(job, prices, "Ask again")]
        case _:
            return []


def _after_failure(job: Job, prices: Prices) -> list[ui.Item[Any]]:
    """Return what can help after a job came to nothing: other words, the same again, both or neither."""
    change = ChangePromptButton(job.id)
    if job.withdrawn or job.failure in BAD_SOURCE or job.failure is Reason.MODEL_GONE:
        # What can take over a model that has ended, and at what price, its card says.
        return []
    if job.failure in NEEDS_CHANGE:
        return [ChangePromptButton(job.id, first=True)]
    return [_reroll(job, prices, "Try again"), change]


def _use(successor: Successor) -> str:
    price = credits_text(successor.cost)
    return f"Use {clean(model_name(successor.model), 70 - len(price))} · {price}"
