"""``/style``: a server's styles for its managers."""

from collections.abc import Mapping, Sequence
from typing import Any

from discord import ui
from discord.app_commands import Choice

from domain.styles import MOST, WORDS, Style
from domain.text import counted
from ui.choices import model_name, option_words
from ui.commands import linked
from ui.plain import clean, plain
from ui.starter_styles import STARTERS

ROWS = 8
"""Styles of one page."""
TEXT_START = 220
"""Characters of a style's text in the list."""
MOST_CHOICES = 25
"""Suggestions at once (Discord)."""
INTRODUCTION = (
    "A member chooses one in {edit}, {generate} or a form. Its text goes to the image service with their"
    " words in the place of `{}`, and the result says its name. {style add} · {style edit} · {style remove}"
)
NONE = "There are none yet: write your own, or begin with ten that are ready."


def build_styles(
    styles: Sequence[Style], *, offset: int, ids: Mapping[str, int], buttons: Sequence[ui.Item[Any]]
) -> ui.LayoutView:
    """Return a page of the list; ``ids`` is what Discord calls our commands."""
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container()
    how = linked(INTRODUCTION, ids).format(WORDS)
    container.add_item(ui.TextDisplay(f"### Styles of this server\n{len(styles)} of at most {MOST}. {how}"))
    shown = styles[offset : offset + ROWS]
    container.add_item(ui.TextDisplay("\n".join(map(_row, shown)) if shown else NONE))
    layout.add_item(container)
    if buttons:
        layout.add_item(ui.ActionRow(*buttons))
    return layout


def _row(style: Style) -> str:
    return f"**{plain(style.label, 60)}**{_choices(style)}\n> {plain(style.text, TEXT_START)}"


def _choices(style: Style) -> str:
    said = [] if style.model is None else [plain(model_name(style.model), 60)]
    said += [
        option_words(name, value)
        for name, value in (("size", style.size), ("quality", style.quality))
        if value is not None
    ]
    return "".join(f" · {each}" for each in said)


def saved_text(style: Style) -> str:
    """Say what a style is now."""
    return f"Saved. {_row(style)}"


def adopt_label(missing: int) -> str:
    """Say on a button what it adds: the ten that are ready, or as many of them as are missing."""
    return "Add ten to begin with" if missing == len(STARTERS) else f"Add {missing} of the ten that are ready"


def adopted_text(count: int) -> str:
    """Say how many styles were added."""
    return f"{counted(count, 'style')} added." if count else "All ten are there already."


def removed_text(style: Style) -> str:
    """Say that a style is gone."""
    return f"Removed {plain(style.label, 60)}. What was made with it keeps its name."


def style_choices(styles: Sequence[Style], typed: str) -> list[Choice[str]]:
    """Return the styles that hold a text, for a menu of suggestions."""
    wanted = typed.strip().casefold()
    return [
        Choice(name=clean(style.label, 100), value=style.name)
        for style in styles
        if wanted in style.name.casefold()
    ][:MOST_CHOICES]
