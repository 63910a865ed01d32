"""Forms that were sent: known by their ids, whichever run of the bot opened them."""

import re
from collections.abc import Mapping
from typing import Any, cast

import discord
from discord.ext import commands

from cogs.erase_form import EraseForm
from cogs.forms import ChangePromptForm, EditResultForm, offer_again, offer_of_result
from cogs.images_form import EditImagesForm
from cogs.offers import afresh, offer_for
from cogs.server_settings import save_words
from cogs.services import Services, services_in
from cogs.style_field import style_in
from cogs.words_form import WordsForm
from domain.errors import Reason, Refusal
from domain.job import Kind
from domain.styles import Style
from ui.boundary import SafeModal, report

FORM = re.compile(
    r"dr:(?P<kind>erase|form:words|form:(?:result|prompt|images):(?P<about>[0-9a-f]{20}))"
    r":(?P<member>[0-9]{1,20}):(?P<channel>[0-9]{1,20})"
)
"""The id of a form: its kind, which job or kept sources it is about, who opened it and in which channel."""


class Forms(commands.Cog):
    """Takes in forms by their ids, whichever run of the bot opened them."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Build a form that was sent anew from its id, and let it do its work."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        sent = cast("Mapping[str, Any]", interaction.data or {})
        try:
            match = _known(sent)
            form = await _rebuilt(interaction, match["kind"], match["about"], style_in(sent))
        except Exception as error:  # noqa: BLE001 - the boundary: everything ends in a sentence
            await report(interaction, error)
        else:
            form.take(interaction, sent, place=(int(match["member"]), int(match["channel"])))


def _known(sent: Mapping[str, Any]) -> re.Match[str]:
    if (match := FORM.fullmatch(str(sent.get("custom_id", "")))) is None:
        raise Refusal(Reason.FORM_UNKNOWN)
    return match


async def _rebuilt(
    interaction: discord.Interaction[Any], kind: str, about: str | None, style_name: str | None
) -> SafeModal:
    if kind == "erase":
        return EraseForm(opened_by=interaction)
    if about is None:
        return WordsForm(opened_by=interaction, words=(), save=save_words)
    services, member_id = services_in(interaction.client), interaction.user.id
    if kind.startswith("form:images"):
        sources = await services.archive.sources_of_form(about)
        guild_id = interaction.guild_id or 0
        style = await _style(services, guild_id, style_name)
        offer = await offer_for(services, member_id, Kind.EDIT, afresh, guild_id=guild_id, style=style)
        return EditImagesForm(opened_by=interaction, form_id=about, sources=sources, offer=offer)
    job = await services.archive.job(about)
    if interaction.guild_id not in {job.guild_id, None}:
        raise Refusal(Reason.NOT_FOUND)
    style = await _style(services, job.guild_id, style_name)
    if kind.startswith("form:prompt"):
        offer = await offer_again(services, member_id, job, style)
        return ChangePromptForm(opened_by=interaction, job=job, offer=offer)
    results = await services.archive.results(job.id)
    offer = await offer_of_result(services, member_id, job, style)
    return EditResultForm(opened_by=interaction, job=job, results=results, offer=offer)


async def _style(services: Services, guild_id: int, name: str | None) -> Style | None:
    return None if name is None else await services.styles.named(guild_id, name)


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Forms())
