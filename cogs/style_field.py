"""The field *Style* of a form, and what is asked for with what was chosen in it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from cogs.offers import Offer
from domain.job import Job
from domain.options import Options
from domain.styles import Style
from domain.views import ListPrice
from domain.words import forbids
from ui.choices import price_text
from ui.plain import clean

FIELD = "style"
MOST = 25
"""Entries of one menu (Discord): the styles used last."""


def style_label(offer: Offer, job: Job | None = None) -> "ui.Label[Any] | None":
    """Return the field, with the style of the job before; ``None`` where there is nothing to choose."""
    if not offer.styles:
        return None
    before = styles_name(job)
    menu: ui.Select[Any] = ui.Select(
        custom_id=FIELD,
        placeholder="No style",
        required=False,
        min_values=0,
        max_values=1,
        options=[
            discord.SelectOption(
                label=clean(style.label, 100),
                value=style.name,
                description=price_text(offer.prices[style.name]) if style.name in offer.prices else None,
                default=style.name == before,
            )
            for style in offer.styles[:MOST]
        ],
    )
    return ui.Label(text="Style", description=_hint(offer.prices.get(None)), component=menu)


def _hint(without: ListPrice | None) -> str:
    hint = "A look of this server for your words."
    return hint if without is None else f"{hint} Without one: {price_text(without)}."


def styles_name(job: Job | None) -> str | None:
    """Return the name of a job's style, if it has one."""
    return None if job is None or job.style is None else job.style.name


def ticked(styles: Sequence[Style], job: Job) -> Style | None:
    """Return the style that a job's form begins with, if it is offered there."""
    return next((style for style in styles[:MOST] if style.name == styles_name(job)), None)


def words_before(job: Job, offer: Offer) -> str:
    """Return what a form's prompt begins with: a job's own words, all of it where its style is gone.

    What a style said is left out where it would be refused.
    """
    if job.style is None or ticked(offer.styles, job) or forbids(offer.words, job.style.own_in(job.prompt)):
        return job.words
    return job.prompt


def style_in(sent: Mapping[str, Any]) -> str | None:
    """Return the name of the style that was chosen in a form, as Discord sends it."""
    fields = [label.get("component", {}) for label in sent.get("components", [])]
    chosen = [name for each in fields if each.get("custom_id") == FIELD for name in each.get("values", [])]
    return str(chosen[0]) if chosen else None


def left_to(style: Style | None, options: Options, job: Job) -> Options:
    """Return a job's options without those that another style has a say in."""
    if style is None or style.name == styles_name(job):
        return options
    return replace(
        options,
        size=options.size if style.size is None else None,
        quality=options.quality if style.quality is None else None,
    )
