"""The list behind ``/jobs``: ten jobs a page, each with its state, cost, link and what can be done."""

from collections.abc import Sequence
from typing import Any

from discord import ui

from domain.credits import credits_text
from domain.job import OPEN, Job, Status
from ui.buttons import CollectButton, RerollButton
from ui.plain import moment, plain

PROMPT_START = 60
NONE_YET = "None yet. Start with /edit or /generate."
NONE_WAITS = "No result waits for you here. In a server /jobs lists what you asked for there."

WORDS = {
    Status.QUEUED: "queued",
    Status.SUBMITTING: "being sent",
    Status.RUNNING: "running",
    Status.UNKNOWN: "contact lost",
    Status.DELIVERING: "being posted",
    Status.DONE: "done",
    Status.FAILED: "failed",
    Status.CANCELLED: "cancelled",
}


def build_list(
    jobs: Sequence[Job], *, number: int, last: int, direct: bool, paging: Sequence[ui.Item[Any]]
) -> ui.LayoutView:
    """Return one page of a member's jobs (``number`` counts from 0), ``direct`` as in direct messages."""
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container()
    pages = f" · page {number + 1} of {last + 1}" if last else ""
    container.add_item(ui.TextDisplay(f"### Your jobs{pages}"))
    if not jobs:
        container.add_item(ui.TextDisplay(NONE_WAITS if direct else NONE_YET))
    for job in jobs:
        container.add_item(_row(job))
    layout.add_item(container)
    if paging:
        row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
        for item in paging:
            row.add_item(item)
        layout.add_item(row)
    return layout


def _row(job: Job) -> ui.Item[Any]:
    text: ui.TextDisplay[ui.LayoutView] = ui.TextDisplay(line(job))
    if not job.collected:
        return ui.Section(text, accessory=_any(CollectButton(job.id)))
    if job.status is Status.DONE and job.note in {"reencoded", "linked"}:
        return ui.Section(text, accessory=_any(CollectButton(job.id, label="Collect originals")))
    if job.status not in OPEN:
        return ui.Section(text, accessory=_any(RerollButton(job.id)))
    return text


def _any(button: ui.Item[Any]) -> ui.Item[Any]:
    """Say that a button fits any layout, which discord.py's types do not infer for dynamic items."""
    return button


def line(job: Job) -> str:
    """Describe a job in two lines: its prompt with a link, then state, cost and age."""
    prompt = plain(job.prompt, PROMPT_START) or "(no longer kept)"
    if job.card.place is not None:
        channel_id, message_id = job.card.place
        url = f"https://discord.com/channels/{job.guild_id}/{channel_id}/{message_id}"
        prompt = f"{prompt} · [open]({url})"
    state = "waits for you" if not job.collected else WORDS[job.status]
    cost = credits_text(job.charged or 0) if job.status not in OPEN else f"about {credits_text(job.held)}"
    return f"{prompt}\n-# {state} · {cost} · {moment(job.created_at)}"
