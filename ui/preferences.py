"""``/settings me``: what a member chose once, as a private panel of menus, and what of it cannot be had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from discord import ui

from ui.choices import model_name, option_words
from ui.plain import plain

INTRODUCTION = (
    "### Your settings\n"
    "Used by `/edit`, `/generate` and all forms for whatever you leave out, in every server."
    " What you say in a command or a form always wins. Saved at once."
)
LABELS: Mapping[str, str] = {
    "pings": "**When an image took longer than a minute**",
    "edit_model": "**Model of edits**",
    "generate_model": "**Model of new images** (`/generate`)",
    "size": "**Size**",
    "quality": "**Quality**",
    "count": "**Number of images**, each at full price",
}
"""What stands above each menu, in the order of the panel."""
PINGS = {"on": "Reply to it and mention me", "off": "Leave me alone"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What the panel shows: menus by name, ``prices`` in words, and what of it cannot be had (``notes``)."""

    menus: Mapping[str, ui.Item[ui.LayoutView]]
    prices: str
    notes: Sequence[str]
    reset: ui.Item[ui.LayoutView] | None


def build_panel(panel: Panel) -> ui.LayoutView:
    """Return the panel as a private answer."""
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container()
    container.add_item(ui.TextDisplay(INTRODUCTION))
    for name, label in LABELS.items():
        if name in panel.menus:
            container.add_item(ui.TextDisplay(label))
            container.add_item(_row(panel.menus[name]))
    container.add_item(ui.TextDisplay("\n".join([panel.prices, *panel.notes])))
    if panel.reset is not None:
        container.add_item(_row(panel.reset))
    layout.add_item(container)
    return layout


def _row(item: ui.Item[ui.LayoutView]) -> "ui.ActionRow[ui.LayoutView]":
    row: ui.ActionRow[ui.LayoutView] = ui.ActionRow()
    row.add_item(item)
    return row


def left_out_text(left_out: Sequence[tuple[str, str | int]], model: str) -> str:
    """Say which preferences could not be had with a model."""
    options = [option_words(name, value) for name, value in left_out if name != "model"]
    gone = [str(value) for name, value in left_out if name == "model"]
    said = [
        f"{plain(model_name(each), 60)}, which you chose in /settings me, is not on offer." for each in gone
    ]
    if options:
        *first, last = options
        what = plain(f"{', '.join(first)} and {last}" if first else last, 120)
        were, them = ("were", "them") if first else ("was", "it")
        name = plain(model_name(model), 60)
        said.append(f"Your default {what} {were} left out: {name} does not take {them}.")
    return " ".join(said)


def not_taken_text(left_out: Sequence[tuple[str, str | int]], model: str) -> str:
    """Say what of an earlier card's options a job goes without."""
    *first, last = (option_words(name, value) for name, value in left_out)
    words = f"{', '.join(first)} and {last}" if first else last
    return f"{plain(model_name(model), 60)} does not take “{words}”: left out, the rest is as before."
