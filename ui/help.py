"""``/help``: what the bot does, on a page for each whose work it is."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from discord import ui

from ui.commands import linked


class Page(StrEnum):
    """For whom a page of ``/help`` is."""

    MEMBERS = "members"
    MODERATORS = "moderators"
    MANAGERS = "managers"


LINES: Mapping[Page, Sequence[str]] = {
    Page.MEMBERS: (
        "### Darkroom edits your pictures",
        "{edit} Attach up to eight images and say in words what to change.",
        "{generate} Makes an image from words alone.",
        "**Edit images** takes the pictures of a message: hold or right-click it, then *Apps*.",
        "Below each result: **Reroll** makes another, **Edit result** goes on from it, **Delete** ends it.",
        "🔁 as a reaction makes another too, and whoever reacts pays.",
        "The option `style` gives your words a look that this server has chosen.",
        "{settings me} What you always want: model, size, quality, how many, no mentions.",
        "{jobs} Your last images, also those that could not be posted.",
        "{credits} What you spent here, on what, and what is left.",
        "**Privacy**: your words and images go to the image service, to nobody else; more in {privacy}.",
    ),
    Page.MODERATORS: (
        "### For moderators",
        "{usage report} Credits by day, member and model, with a chart that only you see.",
        "{usage export} The same as CSV, for a spreadsheet.",
        "{usage adjust} Gives credits back to a member, or takes some, with a reason.",
        "{usage notices} In which channel it is said that an allowance is nearly used.",
        "**Hide result** takes a result out of its channel: hold or right-click the message, then *Apps*.",
        "An image that fails costs its member nothing, and needs no correction.",
    ),
    Page.MANAGERS: (
        "### For managers",
        (
            "{settings server} In which channels the bot answers, which words it refuses, whose images may be"
            " used, what is covered, and a log for moderators."
        ),
        "{allowance set} How many credits a member, a role or the whole server may spend; {allowance list}.",
        "{allowance block} Refuses what a member asks for; {allowance unblock} ends it.",
        "{style list} The looks that members can choose, with ten to begin with; {style add}.",
        "Who may use a command at all: *Server settings*, *Integrations*, *Darkroom*.",
    ),
}
NAMES: Mapping[Page, str] = {
    Page.MEMBERS: "For members",
    Page.MODERATORS: "For moderators",
    Page.MANAGERS: "For managers",
}
"""What leads to a page."""


def build_help(
    page: Page,
    *,
    ids: Mapping[str, int],
    account: Sequence[str],
    turning: "Sequence[ui.Item[ui.LayoutView]]",
) -> ui.LayoutView:
    """Return a page that only its reader sees.

    Parameters
    ----------
    ids
        What Discord calls our commands.
    account
        Texts about prices, and what is left for the reader.
    turning
        What leads to the other pages.
    """
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container()
    container.add_item(ui.TextDisplay(linked("\n".join(LINES[page]), ids)))
    for text in account:
        container.add_item(ui.TextDisplay(text))
    layout.add_item(container)
    if turning:
        layout.add_item(ui.ActionRow(*turning))
    return layout
