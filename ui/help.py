"""``/help``: what the bot does, on a page for each whose work it is."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from discord import ui

from ui.commands import linked


class Page(StrEnum):
    """For whom a page of ``/help`` is."""

    MEMBERS = "members"
    MODERATORS = "moderators"
    MANAGERS = "managers"
    DIRECT = "direct"
    """Members too, in the bot's direct messages."""


HIDE = "Hide result"
STYLES = "styles"
"""No command: the line is shown where a server has styles."""
TITLE = "### Darkroom edits your pictures"
MINE = "{settings me} What you always want: model, size, quality, how many, no mentions."
PRIVACY = "**Privacy**: your words and images go to the image service; who sees what: {privacy}."
LINES: Mapping[Page, Sequence[str | tuple[str, str]]] = {
    Page.MEMBERS: (
        TITLE,
        "{edit} Attach up to eight images and say in words what to change.",
        "{generate} Makes an image from words alone.",
        "**Edit images** takes the pictures of a message: hold or right-click it, then *Apps*.",
        "Below each result: **Reroll** makes another, **Edit result** goes on from it, **Delete** ends it.",
        "🔁 as a reaction makes another too, and whoever reacts pays.",
        (STYLES, "The option `style` gives your words a look that this server has chosen."),
        MINE,
        "{jobs} Your last images, also those that could not be posted.",
        "{credits} What you spent here, on what, and what is left.",
        PRIVACY,
    ),
    Page.MODERATORS: (
        "### For moderators",
        ("usage", "{usage report} Credits by day, member and model, with a chart that only you see."),
        ("usage", "{usage export} The same as CSV, for a spreadsheet."),
        ("usage", "{usage adjust} Takes credits from a member, with a reason."),
        ("usage allowance", "It gives some back as well, which needs *Manage Server*."),
        ("usage", "{usage notices} In which channel it is said that an allowance is nearly used."),
        (
            HIDE,
            f"**{HIDE}** takes a result out of its channel: hold or right-click the message, then *Apps*.",
        ),
        (HIDE, "**Delete** below anybody’s result ends it for good: message, words and images."),
        "An image that fails costs its member nothing, and needs no correction.",
    ),
    Page.MANAGERS: (
        "### For managers",
        (
            "{settings server} In which channels the bot answers, which words it refuses, whose images may be"
            " used, what is covered, and a log for moderators."
        ),
        (
            "allowance",
            "{allowance set} How many credits a member, a role or the server may spend; {allowance list}.",
        ),
        ("allowance", "{allowance block} Refuses what a member asks for; {allowance unblock} ends it."),
        ("style", "{style list} The looks that members can choose, with ten to begin with; {style add}."),
        "Who may use a command at all: *Server settings*, *Integrations*, *Darkroom*.",
    ),
    Page.DIRECT: (
        TITLE,
        "I make images in servers only: whoever runs one says what you may spend there. In one where I am:",
        "`/edit` Attach up to eight images and say in words what to change.",
        "`/generate` Makes an image from words alone.",
        "`/help` What else there is, and what is left for you.",
        "Here, in direct messages:",
        "{jobs} Results that could not be posted and wait for you.",
        MINE,
        PRIVACY,
    ),
}
"""What pages say, line by line; before one the commands by whose permissions, all of them, it is shown."""
NAMES: Mapping[Page, str] = {
    Page.MEMBERS: "For members",
    Page.MODERATORS: "For moderators",
    Page.MANAGERS: "For managers",
}
"""What leads to a page."""


def pages_for(may: Callable[[str], bool]) -> list[Page]:
    """Return the pages of a server for somebody, by the commands that they ``may`` use."""
    theirs = {page: [each for each in lines if not isinstance(each, str)] for page, lines in LINES.items()}
    others = (Page.MODERATORS, Page.MANAGERS)
    return [
        Page.MEMBERS,
        *(page for page in others if any(_may_all(may, names) for names, _ in theirs[page])),
    ]


def _may_all(may: Callable[[str], bool], names: str) -> bool:
    return all(map(may, [names] if names == HIDE else names.split()))


def build_help(
    page: Page,
    *,
    may: Callable[[str], bool],
    has_styles: bool,
    ids: Mapping[str, int],
    account: Sequence[str],
    turning: "Sequence[ui.Item[ui.LayoutView]]" = (),
) -> ui.LayoutView:
    """Return a page that only its reader sees.

    Parameters
    ----------
    may
        Tells of a command, by its name, whether the reader may use it.
    ids
        What Discord calls our commands.
    account
        Texts about prices, and what is left for the reader.
    turning
        What leads to the other pages.
    """
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container()
    said = (("", line) if isinstance(line, str) else line for line in LINES[page])
    lines = [line for names, line in said if (has_styles if names == STYLES else _may_all(may, names))]
    container.add_item(ui.TextDisplay(linked("\n".join(lines), ids)))
    for text in account:
        container.add_item(ui.TextDisplay(text))
    layout.add_item(container)
    if turning:
        layout.add_item(ui.ActionRow(*turning))
    return layout
