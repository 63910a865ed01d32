"""``/privacy``: what is kept of a member, where it goes, and what they can do about it."""

from collections.abc import Sequence
from typing import Any

from discord import ui

from domain.text import counted
from ui.plain import plain

SEEN_BY = (
    "**Who sees it:** everybody in the channel sees what I post there, moderators see what you spent, whoever"
    " runs the bot can see all of it."
)
LOGGED = " This server keeps a log, in which moderators see your prompts and results."
YOUR_DATA = (
    "**Your data:** Export hands you all of it, once a day. Erase leaves nothing but amounts, under a number"
    " that is nobody’s."
)

ERASE_TEXT = (
    "All messages with your results are deleted, then your prompts, images, names and choices, also from what"
    " others made of them. What waits is cancelled, what runs ends first. Your allowance stays as it is."
    " This cannot be undone."
)
NOT_ERASED = "Nothing was erased: the word was another one."


def erasing_text(*, cancelled: int, running: int) -> str:
    """Say that a member is being erased, and what was under way."""
    parts = ["Your data is being erased; that takes some minutes."]
    if cancelled:
        parts.append(f"{_jobs(cancelled)} cancelled. You were not charged for {_that(cancelled)}.")
    if running:
        parts.append(f"{_jobs(running)} still running: that ends first, then everything goes.")
    return " ".join(parts)


def handed_text(left_out: int) -> str:
    """Say what was handed over."""
    if not left_out:
        return "This is all that is kept of you."
    images = "One image was" if left_out == 1 else f"{left_out} images were"
    return (
        f"This is all that is kept of you, but for images: {images} too much for Discord."
        " Ask whoever runs the bot for them."
    )


def _jobs(count: int) -> str:
    return f"{counted(count, 'job')} {'is' if count == 1 else 'are'}"


def _that(count: int) -> str:
    return "that" if count == 1 else "those"


def build_privacy(lines: Sequence[str], *, buttons: Sequence[ui.Item[Any]]) -> ui.LayoutView:
    """Return the page that says what ``privacy_lines`` returned."""
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container()
    container.add_item(ui.TextDisplay("\n".join(["### What Darkroom keeps of you", *lines])))
    layout.add_item(container)
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    for button in buttons:
        row.add_item(button)
    layout.add_item(row)
    return layout


def privacy_lines(
    *, days: int, keeps_images: bool, logged: bool, contact: str | None, url: str | None
) -> list[str]:
    """Say in eight lines what is kept, where it goes, how long, and who sees what.

    ``days`` is for how long words and files are kept; ``logged``: the server has a log for moderators.
    """
    yours = "lets nobody else use your images" if keeps_images else "lets others reroll and edit your images"
    more = f" [All of it]({url})." if url else ""
    ask = plain(contact, 200) if contact else "Ask whoever runs the bot."
    return [
        "**Kept:** your prompts, the images that you gave and got, their names, and what each job cost.",
        "**Goes to:** the image service, PixelDojo, gets the prompt and the images, but not who you are.",
        (
            f"**How long:** prompts, names and images {counted(days, 'day')}; amounts stay;"
            " what I post till it is deleted."
        ),
        SEEN_BY + LOGGED * logged,
        "**Delete** below a result takes its prompt and images away, also from what others made of them.",
        f"**Others:** Darkroom {yours}; the button below changes that at once.",
        YOUR_DATA,
        f"**Questions:** {ask}{more}",
    ]
