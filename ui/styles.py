"""``/style``: a server's styles for its managers."""

from collections.abc import Mapping, Sequence
from typing import Any

from discord import ui
from discord.app_commands import Choice

from domain.job import Kind
from domain.styles import MOST, WORDS, Style, alike
from domain.text import counted
from domain.views import ListPrice, StyleView
from ui.choices import model_name, option_words, price_text
from ui.commands import linked
from ui.plain import clean, plain
from ui.starter_styles import STARTERS

ROWS = 8
"""Styles of one page."""
TEXT_START = 220
"""Characters of a style's text in the list; half of them where a page would have more than ``ROOM``."""
ROOM = 3_300
"""Characters of a page's styles: with what else is said there, a message takes no more than 4,000."""
LABEL, NAME = 60, 40
"""Characters of a style's label, and of its model's name."""
MOST_CHOICES = 25
"""Suggestions at once (Discord)."""
INTRODUCTION = (
    "A member chooses one in {edit}, {generate} or a form. Its text goes to the image service with their"
    " words in the place of `{}`, and the result says its name. {style add} · {style edit} · {style remove}"
)
FORBIDDEN = (
    "⚠️ = its own text says something that {settings server} forbids: nobody can use it until you change one"
    " of the two."
)
NONE = "There are none yet: write your own, or begin with ten that are ready."


def build_styles(
    styles: Sequence[StyleView], *, offset: int, ids: Mapping[str, int], buttons: Sequence[ui.Item[Any]]
) -> ui.LayoutView:
    """Return a page of the list; ``ids`` is what Discord calls our commands."""
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container()
    how = linked(INTRODUCTION, ids).format(WORDS)
    container.add_item(ui.TextDisplay(f"### Styles of this server\n{len(styles)} of at most {MOST}. {how}"))
    shown = styles[offset : offset + ROWS]
    container.add_item(ui.TextDisplay(_rows(shown) if shown else NONE))
    if any(view.forbidden for view in shown):
        container.add_item(ui.TextDisplay(linked(FORBIDDEN, ids)))
    layout.add_item(container)
    if buttons:
        layout.add_item(ui.ActionRow(*buttons))
    return layout


def _rows(views: Sequence[StyleView]) -> str:
    rows = "\n".join(_row(view, TEXT_START) for view in views)
    return rows if len(rows) <= ROOM else "\n".join(_row(view, TEXT_START // 2) for view in views)


def _row(view: StyleView, characters: int) -> str:
    mark = "⚠️ " if view.forbidden else ""
    label, text = plain(view.style.label, LABEL), plain(view.style.text, characters)
    return f"{mark}**{label}**{_choices(view)}\n> {text}"


def _choices(view: StyleView) -> str:
    style = view.style
    said = [] if style.model is None else [f"{plain(model_name(style.model), NAME)}{_had_for(view.kinds)}"]
    said += [
        option_words(name, value)
        for name, value in (("size", style.size), ("quality", style.quality))
        if value is not None
    ]
    return "".join(f" · {each}" for each in said)


def _had_for(kinds: Sequence[Kind]) -> str:
    """Say where a model cannot be had: there it is another that makes the image."""
    if not kinds:
        return " (not on offer)"
    return "" if len(kinds) == len(Kind) else f" (in /{kinds[0]} only)"


def saved_text(view: StyleView, ids: Mapping[str, int]) -> str:
    """Say what a style is now."""
    said = f"Saved. {_row(view, TEXT_START)}"
    return f"{said}\n{linked(FORBIDDEN, ids)}" if view.forbidden else said


def adopt_label(missing: int) -> str:
    """Say on a button what it adds: the ten that are ready, or as many of them as are missing."""
    return "Add ten to begin with" if missing == len(STARTERS) else f"Add {missing} of the ten that are ready"


def adopted_text(count: int) -> str:
    """Say how many styles were added."""
    return f"{counted(count, 'style')} added." if count else "All ten are there already."


def removed_text(style: Style) -> str:
    """Say that a style is gone."""
    return f"Removed {plain(style.label, LABEL)}. What was made with it keeps its name."


def styles_holding(styles: Sequence[Style], typed: str) -> list[Style]:
    """Return the styles that hold a text, as many as a menu of suggestions takes."""
    wanted = alike(typed)
    return [style for style in styles if wanted in alike(style.label) or wanted in alike(style.name)][
        :MOST_CHOICES
    ]


def style_choices(styles: Sequence[Style], prices: Mapping[str, ListPrice]) -> list[Choice[str]]:
    """Return suggestions, with what an image costs in those styles that change the price, by name."""
    return [
        Choice(name=f"{clean(style.label, LABEL)}{_at(prices.get(style.name))}"[:100], value=style.name)
        for style in styles
    ]


def _at(price: ListPrice | None) -> str:
    return "" if price is None else f" · {price_text(price)}"
