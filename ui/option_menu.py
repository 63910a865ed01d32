"""The menu *Options* of a form: size, quality and count in one, several at once, defaults marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import discord
from discord import ui

from domain.credits import credits_text
from domain.errors import Reason, Refusal
from domain.options import Options
from ui.choices import choice_label

MOST = 25
"""Entries of one menu (Discord)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What one option may be; ``default`` is what it is unless another is chosen.

    ``prices`` (thousandths of a credit, of all images) are of values that change the price.
    """

    name: str
    values: tuple[str | int, ...]
    default: str | int | None
    prices: Mapping[str | int, int] = field(default_factory=dict[str | int, int])


def options_label(groups: Sequence[Group]) -> "ui.Label[Any]":
    """Return the field; where a model leaves no choice, it says so."""
    entries = [entry for group in _fitted(groups) for entry in _entries(group)]
    menu: ui.Select[Any] = ui.Select(
        custom_id="options",
        placeholder="Size, quality, number of images",
        required=False,
        min_values=0,
        max_values=max(1, len(groups)),
        options=entries or [discord.SelectOption(label="This model leaves no choice", value="none")],
    )
    return ui.Label(text="Options", description="Leave it empty to keep the defaults.", component=menu)


def chosen_options(values: Sequence[str], groups: Sequence[Group]) -> dict[str, str | int]:
    """Return what was chosen in the menu, by option; a default that was ticked as well says nothing.

    Raises
    ------
    Refusal
        Two of the same option.
    """
    chosen: dict[str, str | int] = {}
    for group in groups:
        picked = [each for each in group.values if f"{group.name}={each}" in values]
        others = [each for each in picked if each != group.default]
        if len(others) > 1:
            raise Refusal(Reason.ONE_OF_EACH, option=group.name)
        if others:
            chosen[group.name] = others[0]
    return chosen


def with_chosen(options: Options, chosen: Mapping[str, str | int]) -> Options:
    """Return options with others in the place of some."""
    values: dict[str, Any] = dict(chosen)
    return replace(options, **values)


def _fitted(groups: Sequence[Group]) -> list[Group]:
    """Shorten the longest groups until all fit one menu; what is marked as the default stays."""
    fitted = list(groups)
    while sum(len(group.values) for group in fitted) > MOST:
        longest = max(range(len(fitted)), key=lambda place: len(fitted[place].values))
        group = fitted[longest]
        last = next(each for each in reversed(group.values) if each != group.default)
        fitted[longest] = replace(group, values=tuple(each for each in group.values if each != last))
    return fitted


def _entries(group: Group) -> list[discord.SelectOption]:
    entries: list[discord.SelectOption] = []
    for value in group.values:
        words = choice_label(group.name, value)
        label = f"Default: {words[:1].lower()}{words[1:]}" if value == group.default else words
        price = group.prices.get(value)
        entries.append(
            discord.SelectOption(
                label=label[:100],
                value=f"{group.name}={value}"[:100],
                description=None if price is None else f"about {credits_text(price)}",
            )
        )
    return entries
