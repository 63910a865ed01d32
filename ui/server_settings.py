"""``/settings server``: what a manager chooses for a server, as one private panel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from discord import ui

from ui.commands import linked
from ui.plain import plain

INTRODUCTION = "### Settings of this server\nOnly you see this. What you choose is saved at once."
ANSWERS_IN = (
    "**Channels where I make images**\nNone chosen: every channel that I may post in. Threads go with their"
    " channel."
)
RULES_TEXT = "**Rules for images**\nFor whatever is asked for from now on. None chosen: no rules."
RULES: Mapping[str, tuple[str, str]] = {
    "own_images": ("Only images of one’s own", "Pictures of somebody else are refused everywhere"),
    "spoilers": ("Results as spoilers", "Covered until somebody presses on them"),
    "prompts_hidden": ("Prompts hidden", "My messages do not show what was asked for"),
    "age_restricted": ("Age-restricted channels only", "Elsewhere nothing can be asked for"),
}
"""What can be switched on: label and description."""
WORDS_TITLE = "Words that prompts may not have"
WORDS_LABEL = "Words"
WORDS_HINT = (
    "One a line. cat: that word alone. *cat*: also within longer ones. Case and accents do not matter."
)
LOG = (
    "**Log for moderators**\nWho had what made, with the picture as a spoiler; nobody is mentioned."
    " None chosen: no log."
)
NO_LOG_THERE = "-# ⚠️ I cannot post there: I need View Channel, Send Messages and Attach Files."
LIMITS = (
    "**Who may spend how much**\n{allowance set} for a member, a role or the whole server; {allowance list}"
    " shows what is set. Moderators say with {usage notices} where to tell that one is nearly used."
)

STYLES = "**Styles**\n{style list} has the looks that members can choose, and ten to begin with."
STYLES_SAY = "Nobody can use these styles, whose own text says one:"


def words_text(count: int, *, styles: Sequence[str] = ()) -> str:
    """Say how many words may not be in prompts, and which styles (their labels) say one themselves."""
    number = {0: "None", 1: "One word"}.get(count, f"{count} words")
    said = "Whoever uses one is refused, at no cost, and the word is not repeated."
    unusable = f"\n-# ⚠️ {STYLES_SAY} {plain(', '.join(styles), 300)}" if styles else ""
    return f"**{WORDS_TITLE}**\n{number} so far. {said}{unusable}"


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
