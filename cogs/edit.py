"""``/edit``, ``/generate`` and the message command **Edit images**."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import app_commands
from discord.app_commands import Choice, Range
from discord.ext import commands

from adapters.gate import Visitor
from cogs.forms import open_form
from cogs.images_form import EditImagesForm
from cogs.offers import afresh, offer_for
from cogs.picture_command import PictureCommand
from cogs.requests import ask, build_request, source_of
from cogs.services import Services, services_in
from cogs.sources import images_of
from cogs.suggestions import offer_styles, offer_values
from domain.errors import Reason, Refusal
from domain.job import Kind, Origin, Spoiler
from domain.limits import COMMAND_PROMPT, MAX_COUNT, MIN_PROMPT
from domain.options import Options
from domain.request import NewSource
from ui.choices import model_label, prompt_choices, suggestions

Prompt = Range[str, MIN_PROMPT, COMMAND_PROMPT]
Count = Range[int, 1, MAX_COUNT]

VALUES = ("size", "quality", "background", "format", "resolution")
"""Options whose values are the model's own."""
SHARED_DESCRIPTIONS = {
    "size": "Shape of the result. The list shows what the model takes",
    "background": "Transparent needs PNG or WebP. Not every model has this",
    "quality": "Lower is faster, and often cheaper",
    "count": "How many results, each at full price. Default: 1",
    "format": "File type of the result",
    "resolution": "How many pixels the result has. Few models have this",
    "model": "Which one makes the images. Default: the first of the list",
    "style": "A look that this server has chosen for your words",
}


class Edit(commands.Cog):
    """Asks for images."""

    def __init__(self, *, bot: commands.Bot, services: Services) -> None:
        self._services = services
        menu = app_commands.ContextMenu(name="Edit images", callback=self._edit_images)
        bot.tree.add_command(app_commands.guild_only(menu))

    @PictureCommand.named("edit", description="Edit images: say in words what to change")
    @app_commands.guild_only()
    @app_commands.describe(
        prompt="What to do with the images, in your own words",
        image="The picture to edit: a photo, a screenshot, a scan, up to 50 MB",
        **{f"image{number}": f"Image {number}, if the edit combines several" for number in range(2, 9)},
        **SHARED_DESCRIPTIONS,
        mask="A PNG like the first image, transparent where it may change. Not every model takes one",
        fidelity="How closely faces and details of the images are kept. Not every model has this",
    )
    async def edit(
        self,
        interaction: discord.Interaction[Any],
        prompt: Prompt,
        image: discord.Attachment,
        size: str | None = None,
        quality: str | None = None,
        count: Count | None = None,
        model: str | None = None,
        style: str | None = None,
        image2: discord.Attachment | None = None,
        image3: discord.Attachment | None = None,
        image4: discord.Attachment | None = None,
        image5: discord.Attachment | None = None,
        image6: discord.Attachment | None = None,
        image7: discord.Attachment | None = None,
        image8: discord.Attachment | None = None,
        background: str | None = None,
        fidelity: str | None = None,
        format: str | None = None,  # noqa: A002 - the option's name
        resolution: str | None = None,
        mask: discord.Attachment | None = None,
    ) -> None:
        """Accept an edit and answer with its card."""
        visitor = await self._services.gate.spend(interaction, Kind.EDIT, asked=True)
        given = (image, image2, image3, image4, image5, image6, image7, image8)
        options = Options(
            size=size,
            background=background,
            quality=quality,
            fidelity=fidelity,
            count=count,
            format=format,
            resolution=resolution,
        )
        sources = _all_sources(interaction, given, mask)
        await self._ask(interaction, visitor, Kind.EDIT, prompt, options, sources, model=model, style=style)

    @app_commands.command(name="generate", description="Make an image from words alone")
    @app_commands.guild_only()
    @app_commands.describe(prompt="What to show, in your own words", **SHARED_DESCRIPTIONS)
    async def generate(
        self,
        interaction: discord.Interaction[Any],
        prompt: Prompt,
        size: str | None = None,
        quality: str | None = None,
        count: Count | None = None,
        model: str | None = None,
        style: str | None = None,
        background: str | None = None,
        format: str | None = None,  # noqa: A002 - the option's name
        resolution: str | None = None,
    ) -> None:
        """Accept a generation and answer with its card."""
        visitor = await self._services.gate.spend(interaction, Kind.GENERATE, asked=True)
        options = Options(
            size=size,
            background=background,
            quality=quality,
            count=count,
            format=format,
            resolution=resolution,
        )
        await self._ask(interaction, visitor, Kind.GENERATE, prompt, options, (), model=model, style=style)

    offer_values(edit, Kind.EDIT, options=(*VALUES, "fidelity"))
    offer_values(generate, Kind.GENERATE, options=VALUES)
    offer_styles(edit, Kind.EDIT)
    offer_styles(generate, Kind.GENERATE)

    @edit.autocomplete("prompt")
    @generate.autocomplete("prompt")
    async def _suggest_prompts(
        self, interaction: discord.Interaction[Any], current: str
    ) -> list[Choice[str]]:
        if not self._services.gate.shows(interaction):
            return []
        prompts = await self._services.archive.recent_prompts(
            member_id=interaction.user.id, guild_id=interaction.guild_id or 0, containing=current
        )
        return prompt_choices(prompts, typed=current)

    @edit.autocomplete("model")
    async def _suggest_edit_models(
        self, interaction: discord.Interaction[Any], current: str
    ) -> list[Choice[str]]:
        return self._models(interaction, Kind.EDIT, current)

    @generate.autocomplete("model")
    async def _suggest_generate_models(
        self, interaction: discord.Interaction[Any], current: str
    ) -> list[Choice[str]]:
        return self._models(interaction, Kind.GENERATE, current)

    def _models(self, interaction: discord.Interaction[Any], kind: Kind, current: str) -> list[Choice[str]]:
        if not self._services.gate.shows(interaction):
            return []
        models = self._services.models
        labels = {model: model_label(models.list_price(model, Options())) for model in models.offered(kind)}
        return suggestions(labels, typed=current)

    async def _ask(
        self,
        interaction: discord.Interaction[Any],
        visitor: Visitor,
        kind: Kind,
        words: str,
        options: Options,
        sources: Sequence[NewSource],
        *,
        model: str | None,
        style: str | None,
    ) -> None:
        services = self._services
        look = None if style is None else await services.styles.named(visitor.guild_id, style)
        prompt, applied = (words, None) if look is None else look.applied(words)
        filled = await services.preferring.fill(visitor.member_id, kind, options, model=model, style=look)
        request = build_request(
            interaction,
            visitor,
            kind=kind,
            origin=Origin.COMMAND,
            prompt=prompt,
            style=applied,
            filled=filled,
            sources=sources,
        )
        await ask(interaction, request)

    async def _edit_images(self, interaction: discord.Interaction[Any], message: discord.Message) -> None:
        # The server's rules for /edit hold here too: Discord has asked those of this menu only.
        await self._services.gate.spend(interaction, Kind.EDIT, opens=True)
        job = await self._services.archive.by_card(_shown_in(message))
        found = images_of(
            message,
            judge=self._services.acceptance.judge,
            from_cdn=self._services.acceptance.is_from_cdn,
            is_card=job is not None or message.author == interaction.client.user,
        )
        if not found.usable:
            raise found.refused[0] if found.refused else Refusal(Reason.NO_IMAGE_THERE)
        # Another bot's or a webhook's pictures are nobody's own: they count as that author's.
        sources = [
            replace(source, owner_id=message.author.id)
            if job is None
            else replace(source, from_job=job.id, spoiler=job.spoiler is not Spoiler.NONE)
            for source in found.usable
        ]
        form = EditImagesForm(
            opened_by=interaction,
            form_id=await self._services.archive.keep_form(sources),
            sources=sources,
            offer=await offer_for(
                self._services, interaction.user.id, Kind.EDIT, afresh, guild_id=interaction.guild_id or 0
            ),
            refused=found.refused,
        )
        await open_form(interaction, form)


def _shown_in(message: discord.Message) -> int:
    """Return the id of the message whose pictures a message shows: of a forwarded one that of the first."""
    first = message.reference.message_id if message.message_snapshots and message.reference else None
    return first or message.id


def _all_sources(
    interaction: discord.Interaction[Any],
    given: tuple[discord.Attachment | None, ...],
    mask: discord.Attachment | None,
) -> list[NewSource]:
    """Return the options' attachments in order, the mask last; one sent past Discord's menus counts too."""
    named = [attachment for attachment in given if attachment is not None]
    forged = [
        value
        for value in vars(interaction.namespace).values()
        if isinstance(value, discord.Attachment) and value not in (*named, mask)
    ]
    images = [source_of(attachment) for attachment in (*named, *forged)]
    return images if mask is None else [*images, replace(source_of(mask), is_mask=True)]


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Edit(bot=bot, services=services_in(bot)))
