"""``/settings server``: what a manager chooses for a server, as one private panel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from discord import ui

from ui.commands import linked

INTRODUCTION = "### Settings of this server\nOnly you see this. What you choose is saved at once."
ANSWERS_IN = (
    "**Channels where I make images**\nNone chosen: every channel that I may post in. Threads go with their"
    " channel."
)
LIMITS = (
    "**Who may spend how much**\n{allowance set} for a member, a role or the whole server; {allowance list}"
    " shows what is set, {usage notices} says where to tell that one is nearly used."
)

STYLES = "**Styles**\n{style list} has the looks that members can choose, and ten to begin with."


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One thing that is chosen: what it is, with blanks for commands, and the menu or buttons for it."""

    text: str
    controls: "Sequence[ui.Item[ui.LayoutView]]" = ()


def build_server_panel(sections: Sequence[Section], *, ids: Mapping[str, int]) -> ui.LayoutView:
    """Return the panel; ``ids`` is what Discord calls our commands."""
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container()
    container.add_item(ui.TextDisplay(INTRODUCTION))
    for section in sections:
        container.add_item(ui.Separator())
        container.add_item(ui.TextDisplay(linked(section.text, ids)))
        if section.controls:
            container.add_item(ui.ActionRow(*section.controls))
    layout.add_item(container)
    return layout
