"""The form of the message command **Edit images**."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from cogs.forms import more_label, price_text, prompt_label, text_in, values_in
from cogs.offers import Offer
from cogs.requests import ask, build_request, source_of
from cogs.services import services_in
from cogs.style_field import style_label
from domain.errors import Refusal
from domain.job import Kind, Origin
from domain.limits import MAX_SOURCES
from domain.request import NewSource
from ui.boundary import SafeModal
from ui.option_menu import options_label
from ui.plain import clean
from ui.texts import reason_text

MOST_OFFERED = 25
"""Images of one message that can be chosen from: entries of one menu (Discord)."""
MOST_REASONS = 10
"""Why an image cannot be used is said of so many."""


class EditImagesForm(SafeModal):
    """Edit images of a message, those that are ticked; ``refused`` says why others are not there."""

    def __init__(
        self,
        *,
        opened_by: discord.Interaction[Any],
        form_id: str,
        sources: Sequence[NewSource],
        offer: Offer,
        refused: Sequence[Refusal] = (),
    ) -> None:
        name = f"dr:form:images:{form_id}"
        super().__init__(title="Edit images", opened_by=opened_by, name=name)
        self._sources = sources
        self._offer = offer
        self.prompt = prompt_label("", price_text(offer))
        self.ticked = _ticked(sources)
        room = MAX_SOURCES - len(sources)
        self.more = more_label(opened_by, room) if room > 0 and not refused else None
        self.options = options_label(offer.groups)
        if refused:
            self.add_item(ui.TextDisplay(_why_not(refused)))
        for field in (self.prompt, self.ticked, self.more, self.options, style_label(offer)):
            if field is not None:
                self.add_item(field)

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Ask for the edit, on the account of whoever filled in the form."""
        visitor = await services_in(interaction.client).gate.spend(interaction, Kind.EDIT)
        places = sorted(int(place) for place in values_in(self.ticked))
        chosen = [self._sources[place] for place in places if place < len(self._sources)]
        added = [] if self.more is None else [source_of(each) for each in values_in(self.more)]
        prompt, style = self._offer.worded(text_in(self.prompt))
        request = build_request(
            interaction,
            visitor,
            kind=Kind.EDIT,
            origin=Origin.EDIT_IMAGES,
            prompt=prompt,
            style=style,
            filled=self._offer.taken(values_in(self.options)),
            sources=[*chosen, *added],
            parent_id=next((each.from_job for each in chosen if each.from_job), None),
        )
        await ask(interaction, request)


def _ticked(sources: Sequence[NewSource]) -> "ui.Label[Any]":
    """Return the field that says which images are meant: the first eight, unless others are ticked."""
    menu: ui.Select[Any] = ui.Select(
        custom_id="ticked",
        min_values=1,
        max_values=max(1, min(MAX_SOURCES, len(sources))),
        options=[
            discord.SelectOption(
                label=f"{place + 1}. {clean(source.name, 90)}",
                value=str(place),
                description=_size(source),
                default=place < MAX_SOURCES,
            )
            for place, source in enumerate(sources[:MOST_OFFERED])
        ],
    )
    hint = "All of the message, in this order."
    if len(sources) > MAX_SOURCES:
        hint = f"An edit takes at most {MAX_SOURCES} of these {len(sources)}."
    return ui.Label(text="Images", description=hint, component=menu)


def _size(source: NewSource) -> str | None:
    return None if source.width is None else f"{source.width:,} × {source.height or 0:,} pixels"


def _why_not(refused: Sequence[Refusal]) -> str:
    lines = [f"- {reason_text(each)}" for each in refused[:MOST_REASONS]]
    if len(refused) > MOST_REASONS:
        lines.append(f"- {len(refused) - MOST_REASONS} more cannot be used either.")
    return "\n".join(["These cannot be used:", *lines])
