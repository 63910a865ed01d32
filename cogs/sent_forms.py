"""Forms that were sent: known by their ids, whichever run of the bot opened them."""

import re
from collections.abc import Mapping
from typing import Any, cast

import discord
from discord.ext import commands

from cogs.forms import ChangePromptForm, EditImagesForm, EditResultForm
from cogs.services import services_in
from domain.errors import Reason, Refusal
from ui.boundary import SafeModal, report

FORM = re.compile(
    r"dr:form:(?P<kind>result|prompt|images):(?P<about>[0-9a-f]{20}):(?P<member>[0-9]{1,20}):(?P<channel>[0-9]{1,20})"
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
        match = FORM.fullmatch(str(sent.get("custom_id", "")))
        if match is None:
            return
        try:
            form = await _rebuilt(interaction, match["kind"], match["about"])
        except Exception as error:  # noqa: BLE001 - the boundary: everything ends in a sentence
            await report(interaction, error)
        else:
            form.take(interaction, sent, place=(int(match["member"]), int(match["channel"])))


async def _rebuilt(interaction: discord.Interaction[Any], kind: str, about: str) -> SafeModal:
    archive = services_in(interaction.client).archive
    if kind == "images":
        return EditImagesForm(
            opened_by=interaction, form_id=about, sources=await archive.sources_of_form(about)
        )
    job = await archive.job(about)
    if interaction.guild_id not in {None, job.guild_id}:
        raise Refusal(Reason.NOT_FOUND)
    if kind == "prompt":
        return ChangePromptForm(opened_by=interaction, job=job)
    return EditResultForm(opened_by=interaction, job=job, results=await archive.results(job.id))


async def setup(bot: commands.Bot) -> None:
    """Add the cog."""
    await bot.add_cog(Forms())
