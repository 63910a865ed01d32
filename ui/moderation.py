"""What moderators read of jobs, and those whom it concerns about results that are hidden."""

from collections.abc import Sequence

import discord
from discord import ui

from domain.credits import credits_text
from domain.job import Job
from ui.cards import mark_of
from ui.choices import model_name
from ui.plain import plain
from ui.prompts import quoted
from ui.whereabouts import link_to

HIDDEN = "Hidden: it goes from this channel, and what it shows reaches only whoever asked for it."


def told_hidden(channel_id: int) -> str:
    """Tell a member that a moderator hid their result in a channel."""
    return f"A moderator hid your result in <#{channel_id}>. It waits for you alone under /jobs."


def build_log(job: Job, pictures: Sequence[str]) -> ui.LayoutView:
    """Return what a server's log says of a job: who, what, which; its results (file names) as spoilers."""
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container(id=log_mark_of(job.id))
    about = [plain(model_name(job.model), 60), credits_text(job.charged or 0), f"job {job.id}"]
    if job.card.place is not None and not job.hidden:
        about.append(f"[message]({link_to(job.guild_id, *job.card.place)})")
    who = f"<@{job.member_id}> in <#{job.channel_id}>"
    container.add_item(ui.TextDisplay(f"{who}\n{quoted(job.prompt)}\n-# {' · '.join(about)}"))
    if pictures:
        items = [
            discord.MediaGalleryItem(f"attachment://{name}", description=f"Result {number}", spoiler=True)
            for number, name in enumerate(pictures, 1)
        ]
        container.add_item(ui.MediaGallery(*items))
    layout.add_item(container)
    return layout


def log_mark_of(job_id: str) -> int:
    """Return the component id by which what the log says of a job is found again."""
    return mark_of(f"log of {job_id}")
