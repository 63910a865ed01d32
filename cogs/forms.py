"""The modals: at most five fields each, which is Discord's limit."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from cogs.requests import ask, build_request, kept_source, source_of, sources_of
from cogs.services import services_in
from domain.credits import credits_text
from domain.images import Image
from domain.job import Job, Kind, Origin
from domain.limits import MAX_SOURCES, MIN_PROMPT, MODAL_TEXT
from domain.options import Options, Takes
from domain.request import NewSource
from ui.boundary import SafeModal
from ui.choices import choices_of
from ui.plain import clean

AS_BEFORE = "as-before"


async def open_form(interaction: discord.Interaction[Any], form: SafeModal) -> None:
    """Show a form. What is sent comes back by its id (``sent_forms``): this one is not waited for."""
    await interaction.response.send_modal(form)
    form.stop()


class EditResultForm(SafeModal):
    """Go on from a result: it becomes the first source."""

    def __init__(self, *, opened_by: discord.Interaction[Any], job: Job, results: Sequence[Image]) -> None:
        name = f"dr:form:result:{job.id}"
        super().__init__(title="Edit result", opened_by=opened_by, name=name)
        self._job = job
        self._results = results
        fits = len(job.prompt) <= MODAL_TEXT
        self.prompt = _prompt_field(job.prompt if fits else "")
        self.start: ui.Select[Any] = ui.Select(
            custom_id="start",
            options=[
                discord.SelectOption(label=f"Result {image.position}", value=str(place), default=place == 0)
                for place, image in enumerate(results)
            ],
        )
        self.more = ui.FileUpload[Any](
            custom_id="more", required=False, min_values=0, max_values=MAX_SOURCES - 1
        )
        self.quality, self.size = _selects(opened_by, job, Kind.EDIT)
        price = f"One image from this result, about {credits_text(job.held // job.options.images)}."
        hint = price if fits else "The last prompt is too long for this field: it starts empty."
        self.add_item(ui.Label(text="Prompt", description=hint, component=self.prompt))
        self.add_item(ui.Label(text="Start from", component=self.start))
        self.add_item(ui.Label(text="More images", component=self.more))
        self.add_item(ui.Label(text="Quality", component=self.quality))
        self.add_item(ui.Label(text="Size", component=self.size))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Ask for the edit, on the account of whoever filled in the form."""
        services = services_in(interaction.client)
        job = self._job
        visitor = await services.gate.spend_on(interaction, job, Kind.EDIT)
        chosen = self._results[int(self.start.values[0]) if self.start.values else 0]
        before = job.options if job.kind is Kind.EDIT else replace(job.options, fidelity=None)
        options = replace(
            before,
            count=None,
            quality=_value(self.quality, before.quality),
            size=_value(self.size, before.size),
        )
        request = build_request(
            interaction,
            visitor,
            kind=Kind.EDIT,
            origin=Origin.EDIT_RESULT,
            prompt=str(self.prompt.value),
            options=options,
            sources=[kept_source(chosen), *map(source_of, self.more.values)],
            model=services.models.again(job) if job.kind is Kind.EDIT else None,
            parent_id=job.id,
        )
        await ask(interaction, request)


class ChangePromptForm(SafeModal):
    """The same sources, other words and options."""

    def __init__(self, *, opened_by: discord.Interaction[Any], job: Job) -> None:
        name = f"dr:form:prompt:{job.id}"
        super().__init__(title="Change prompt", opened_by=opened_by, name=name)
        self._job = job
        fits = len(job.prompt) <= MODAL_TEXT
        self.prompt = _prompt_field(job.prompt if fits else "")
        self.quality, self.size = _selects(opened_by, job, job.kind)
        hint = None if fits else "The last prompt is too long for this field: it starts empty."
        self.add_item(ui.TextDisplay(f"The same images, again for about {credits_text(job.held)}."))
        self.add_item(ui.Label(text="Prompt", description=hint, component=self.prompt))
        self.add_item(ui.Label(text="Quality", component=self.quality))
        self.add_item(ui.Label(text="Size", component=self.size))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Ask for it, on the account of whoever filled in the form."""
        services = services_in(interaction.client)
        job = self._job
        visitor = await services.gate.spend_on(interaction, job, job.kind)
        options = replace(
            job.options,
            quality=_value(self.quality, job.options.quality),
            size=_value(self.size, job.options.size),
        )
        request = build_request(
            interaction,
            visitor,
            kind=job.kind,
            origin=Origin.REROLL,
            prompt=str(self.prompt.value),
            options=options,
            sources=await sources_of(services, job),
            model=services.models.again(job),
            parent_id=job.id,
        )
        await ask(interaction, request)


class EditImagesForm(SafeModal):
    """Edit all images of a message."""

    def __init__(
        self, *, opened_by: discord.Interaction[Any], form_id: str, sources: Sequence[NewSource]
    ) -> None:
        name = f"dr:form:images:{form_id}"
        super().__init__(title="Edit images", opened_by=opened_by, name=name)
        self._sources = sources
        names = "\n".join(f"{number}. {clean(each.name, 60)}" for number, each in enumerate(sources, 1))
        self.prompt = _prompt_field("")
        self.quality, self.size = _selects(opened_by, None, Kind.EDIT, default="Default")
        self.add_item(ui.TextDisplay(f"The images, in this order:\n{discord.utils.escape_markdown(names)}"))
        self.add_item(ui.Label(text="Prompt", component=self.prompt))
        self.add_item(ui.Label(text="Quality", component=self.quality))
        self.add_item(ui.Label(text="Size", component=self.size))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        visitor = await services_in(interaction.client).gate.spend(interaction, Kind.EDIT)
        request = build_request(
            interaction,
            visitor,
            kind=Kind.EDIT,
            origin=Origin.EDIT_IMAGES,
            prompt=str(self.prompt.value),
            options=Options(quality=_value(self.quality, None), size=_value(self.size, None)),
            sources=self._sources,
            parent_id=next((each.from_job for each in self._sources if each.from_job), None),
        )
        await ask(interaction, request)


def _prompt_field(text: str) -> ui.TextInput[Any]:
    return ui.TextInput(
        custom_id="prompt",
        style=discord.TextStyle.paragraph,
        default=text or None,
        placeholder="What to do, in your own words",
        min_length=MIN_PROMPT,
        max_length=MODAL_TEXT,
    )


def _selects(
    opened_by: discord.Interaction[Any], job: Job | None, kind: Kind, default: str = "As before"
) -> tuple[ui.Select[Any], ui.Select[Any]]:
    """Return the menus of quality and size, by what the model takes."""
    models = services_in(opened_by.client).models
    before = models.again(job) if job is not None and job.kind is kind else None
    model = before or next(iter(models.offered(kind)), None)
    takes: Mapping[str, Takes] = {} if model is None else models.takes(model)
    quality, size = (
        _select(name, choices_of(name, takes[name]) if name in takes else (), default)
        for name in ("quality", "size")
    )
    return quality, size


def _select(
    name: str, choices: Sequence[discord.app_commands.Choice[str]], default: str = "As before"
) -> ui.Select[Any]:
    options = [discord.SelectOption(label=default, value=AS_BEFORE, default=True)]
    options += [discord.SelectOption(label=choice.name, value=choice.value) for choice in choices[:24]]
    return ui.Select(custom_id=name, options=options)


def _value(select: ui.Select[Any], before: str | None) -> str | None:
    chosen = select.values[0] if select.values else AS_BEFORE
    return before if chosen == AS_BEFORE else str(chosen)
