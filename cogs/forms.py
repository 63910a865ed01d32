"""The forms of a card's buttons: four fields each, so that a style fits beside them (Discord: five)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from cogs.offers import Begun, Offer, offer_for
from cogs.picture_command import PictureUpload
from cogs.requests import ask, build_request, kept_source, source_of, sources_of
from cogs.services import Services, services_in
from cogs.style_field import left_to, style_label, styles_name, words_before
from domain.credits import credits_text
from domain.images import Image
from domain.job import Job, Kind, Origin
from domain.limits import MAX_SOURCES, MIN_PROMPT, MODAL_TEXT
from domain.styles import Style
from ui.boundary import SafeModal
from ui.option_menu import options_label

TOO_LONG = "The last prompt is too long for this field: it starts empty."
FROM_BEFORE = ("size", "quality")
"""What a member prefers counts for these where the card says nothing; how many images is asked each time."""


async def open_form(interaction: discord.Interaction[Any], form: SafeModal) -> None:
    """Show a form. What is sent comes back by its id (``sent_forms``): this one is not waited for."""
    await interaction.response.send_modal(form)
    form.stop()


async def offer_of_result(services: Services, member_id: int, job: Job, style: Style | None = None) -> Offer:
    """Describe what the form for one of a job's results begins with: as on its card, one image."""

    def begun(look: Style | None) -> Begun:
        options = left_to(look, replace(job.options, count=None), job)
        if job.kind is not Kind.EDIT:
            options = replace(options, fidelity=None)
        model = None if _has_its_own(look, job) else services.models.onward(job)
        return Begun(options=options, model=model)

    return await offer_for(
        services, member_id, Kind.EDIT, begun, guild_id=job.guild_id, names=FROM_BEFORE, style=style
    )


async def offer_again(services: Services, member_id: int, job: Job, style: Style | None = None) -> Offer:
    """Describe what the form for other words begins with: as on the job's card."""

    def begun(look: Style | None) -> Begun:
        model = None if _has_its_own(look, job) else services.models.again(job)
        return Begun(options=left_to(look, job.options, job), model=model)

    return await offer_for(
        services, member_id, job.kind, begun, guild_id=job.guild_id, names=FROM_BEFORE, style=style
    )


def _has_its_own(style: Style | None, job: Job) -> bool:
    """Tell whether a style has a model, and is another than that of the job before."""
    return style is not None and style.name != styles_name(job) and style.model is not None


class EditResultForm(SafeModal):
    """Go on from a result: it becomes the first source."""

    def __init__(
        self, *, opened_by: discord.Interaction[Any], job: Job, results: Sequence[Image], offer: Offer
    ) -> None:
        name = f"dr:form:result:{job.id}"
        super().__init__(title="Edit result", opened_by=opened_by, name=name)
        self._job = job
        self._results = results
        self._offer = offer
        words = _words_for(opened_by.user.id, job, offer)
        self.prompt = prompt_label(words, price_text(offer))
        self.start = ui.Label[Any](
            text="Start from",
            component=ui.Select(
                custom_id="start",
                options=[
                    discord.SelectOption(
                        label=f"Result {image.position}", value=str(place), default=place == 0
                    )
                    for place, image in enumerate(results)
                ],
            ),
        )
        self.more = more_label(opened_by, MAX_SOURCES - 1)
        self.options = options_label(offer.groups)
        style = style_label(offer, job)
        for field in (self.prompt, self.start, self.more, self.options, style):
            if field is not None:
                self.add_item(field)

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Ask for the edit, on the account of whoever filled in the form."""
        job = self._job
        visitor = await services_in(interaction.client).gate.spend_on(interaction, job, Kind.EDIT)
        start = values_in(self.start)
        chosen = self._results[int(start[0]) if start else 0]
        filled = self._offer.taken(values_in(self.options))
        prompt, style = self._offer.worded(text_in(self.prompt))
        request = build_request(
            interaction,
            visitor,
            kind=Kind.EDIT,
            origin=Origin.EDIT_RESULT,
            prompt=prompt,
            style=style,
            filled=filled,
            sources=[kept_source(chosen), *map(source_of, values_in(self.more))],
            parent_id=job.id,
        )
        await ask(interaction, request)


class ChangePromptForm(SafeModal):
    """The same sources and maybe more, other words and options."""

    def __init__(self, *, opened_by: discord.Interaction[Any], job: Job, offer: Offer) -> None:
        name = f"dr:form:prompt:{job.id}"
        super().__init__(title="Change prompt", opened_by=opened_by, name=name)
        self._job = job
        self._offer = offer
        words = _words_for(opened_by.user.id, job, offer)
        self.prompt = prompt_label(words, price_text(offer))
        room = MAX_SOURCES - job.source_count if job.kind is Kind.EDIT else 0
        self.more = more_label(opened_by, room) if room > 0 else None
        self.options = options_label(offer.groups)
        for field in (self.prompt, self.more, self.options, style_label(offer, job)):
            if field is not None:
                self.add_item(field)

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Ask for it, on the account of whoever filled in the form."""
        services = services_in(interaction.client)
        job = self._job
        visitor = await services.gate.spend_on(interaction, job, job.kind)
        filled = self._offer.taken(values_in(self.options))
        prompt, style = self._offer.worded(text_in(self.prompt))
        added = [] if self.more is None else [source_of(each) for each in values_in(self.more)]
        request = build_request(
            interaction,
            visitor,
            kind=job.kind,
            origin=Origin.CHANGE_PROMPT,
            prompt=prompt,
            style=style,
            filled=filled,
            sources=[*await sources_of(services, job), *added],
            parent_id=job.id,
        )
        await ask(interaction, request)


def _words_for(member_id: int, job: Job, offer: Offer) -> str:
    """Return the prompt that a form begins with: none where the server shows it to nobody but its member."""
    return "" if job.prompt_hidden and member_id != job.member_id else words_before(job, offer)


def prompt_label(text: str, price: str) -> "ui.Label[Any]":
    """Return the field for the prompt, filled in where it fits, with what the form's job costs."""
    fits = len(text) <= MODAL_TEXT
    field = ui.TextInput[Any](
        custom_id="prompt",
        style=discord.TextStyle.paragraph,
        # Discord opens no form whose field begins with less than it takes.
        default=text if fits and len(text) >= MIN_PROMPT else None,
        placeholder="What to do, in your own words",
        min_length=MIN_PROMPT,
        max_length=MODAL_TEXT,
    )
    hint = price if fits else f"{price} {TOO_LONG}"
    return ui.Label(text="Prompt", description=hint[:100], component=field)


def price_text(offer: Offer) -> str:
    """Say what a form's job costs unless something is chosen in it."""
    if offer.filled.costs_as is None:
        return "No model is on offer at the moment."
    images = offer.filled.options.images
    made = "One image" if images == 1 else f"{images} images"
    return f"{made} for about {credits_text(offer.cost)}."


def more_label(opened_by: discord.Interaction[Any], most: int) -> "ui.Label[Any]":
    """Return the field for more sources."""
    upload = PictureUpload(tree=opened_by.client.tree, custom_id="more", most=most)
    return ui.Label(text="More images", description=f"To combine with: up to {most}.", component=upload)


def text_in(label: "ui.Label[Any]") -> str:
    """Return what was written in a field."""
    return str(label.component.value) if isinstance(label.component, ui.TextInput) else ""


def values_in(label: "ui.Label[Any]") -> list[Any]:
    """Return what was chosen or uploaded in a field."""
    field = label.component
    return list(field.values) if isinstance(field, ui.Select | ui.FileUpload) else []
