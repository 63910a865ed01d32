"""The question before a paid image goes, which only whoever pressed **Delete** sees."""

from discord import ui

from domain.credits import credits_text
from domain.job import Job
from ui.buttons import DeleteForGoodButton, KeepButton

DELETED = "Deleted: the message, the prompt and the files. What it cost stays."


def build_question(job: Job) -> ui.LayoutView:
    """Ask whether a job's images are to go."""
    one = job.options.images == 1
    layout = build_said(
        f"**Delete for good?** {'The image' if one else 'The images'}, for which"
        f" {credits_text(job.charged or 0)} were paid, and the prompt go; nothing is paid back."
    )
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(DeleteForGoodButton(job.id))
    row.add_item(KeepButton(job.id))
    layout.add_item(row)
    return layout


def build_said(text: str) -> ui.LayoutView:
    """Say what was done in place of the question."""
    layout = ui.LayoutView(timeout=None)
    layout.add_item(ui.TextDisplay(text))
    return layout
