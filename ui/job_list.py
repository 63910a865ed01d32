"""The list behind ``/jobs``: each job with its state, cost, link and what can be done, phone-sized."""

from collections.abc import Callable, Sequence
from typing import Any

from discord import ui
from discord.app_commands import Choice

from domain.credits import credits_text
from domain.errors import Reason, Refusal
from domain.job import OPEN, Job, Status
from domain.job_filter import ALL_JOBS, MOST_WORDS, Group, JobFilter
from domain.views import Prices, prices_of
from ui.next_steps import row_of
from ui.plain import moment, plain
from ui.texts import reason_text
from ui.whereabouts import link_to

PROMPT_START = 60
NONE_YET = "None yet. Start with /edit or /generate."
NONE_SUCH = "None of your last jobs here is like that. /jobs without options lists all of them."
NONE_WAITS = "No result waits for you here. In a server /jobs lists what you asked for there."

GROUPS = {
    Group.OPEN: "under way",
    Group.WAITING: "waiting for you",
    Group.DONE: "done",
    Group.FAILED: "failed",
    Group.CANCELLED: "cancelled",
}
GROUP_CHOICES = [Choice(name=name.capitalize(), value=group.value) for group, name in GROUPS.items()]

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
    jobs: Sequence[Job],
    *,
    wanted: JobFilter,
    number: int,
    last: int,
    direct: bool,
    closed: bool = False,
    paging: Sequence[ui.Item[Any]],
    prices: Callable[[Job], Prices] = prices_of,
) -> ui.LayoutView:
    """Return one page of a member's jobs (``number`` counts from 0), ``direct`` as in direct messages.

    ``closed``: nobody may ask in this server any more.
    """
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container()
    pages = f" · page {number + 1} of {last + 1}" if last else ""
    why = f"\n{reason_text(Refusal(Reason.GUILD_NOT_ALLOWED))}" if closed else ""
    container.add_item(ui.TextDisplay(f"### Your jobs{_filter_words(wanted)}{pages}{why}"))
    if not jobs:
        none = NONE_WAITS if direct else NONE_YET
        container.add_item(ui.TextDisplay(NONE_SUCH if wanted != ALL_JOBS else none))
    for place, job in enumerate(jobs):
        if place:
            container.add_item(ui.Separator())
        container.add_item(ui.TextDisplay(line(job)))
        if (row := row_of(job, prices(job))) is not None:
            container.add_item(row)
    layout.add_item(container)
    if paging:
        layout.add_item(ui.ActionRow(*paging))
    return layout


def _filter_words(wanted: JobFilter) -> str:
    group = f" · {GROUPS[wanted.group]}" if wanted.group is not None else ""
    return f"{group} · “{plain(wanted.words, MOST_WORDS)}”" if wanted.words else group


def line(job: Job) -> str:
    """Describe a job in two lines: its prompt with a link, then state, cost and age."""
    prompt = plain(job.words, PROMPT_START) or "(no longer kept)"
    if job.card.place is not None:
        url = link_to(None if job.shown_directly else job.guild_id, *job.card.place)
        prompt = f"{prompt} · [open]({url})"
    state = "waits for you" if not job.collected else WORDS[job.status]
    cost = credits_text(job.charged or 0) if job.status not in OPEN else f"about {credits_text(job.held)}"
    return f"{prompt}\n-# {state} · {cost} · {moment(job.created_at)}"
