"""What the buttons of cards do. Ids come from outside: each job is looked up, who may is asked then."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import discord

from adapters.gate import Visitor, is_private
from cogs.forms import (
    ChangePromptForm,
    EditResultForm,
    offer_again,
    offer_of_result,
    open_form,
)
from cogs.requests import ask, build_request, require_patience, sources_of
from cogs.services import Services
from cogs.style_field import ticked
from domain.credits import credits_text
from domain.errors import Reason, Refusal
from domain.images import Image
from domain.job import Job, Kind, Origin, Status
from domain.limits import REQUEST_BYTES
from domain.request import NewSource
from domain.styles import Style
from domain.views import Upload
from jobs.choices.preferring import Filled
from jobs.delivery.packer import Packer
from ui.boundary import answer_privately
from ui.buttons import InsistButton
from ui.cards import collected
from ui.deletion import DELETED, build_question, build_said
from ui.texts import say


class DiscordCardActions:
    """Implements ``ui.buttons.CardActions``."""

    def __init__(self, *, services: Services) -> None:
        self._services = services

    async def reroll(
        self, interaction: discord.Interaction[Any], job_id: str, *, insists: bool = False
    ) -> None:
        """Ask for the same again, on the account of whoever pressed."""
        job = await self._services.archive.job(job_id)
        visitor = await self._services.gate.spend_on(interaction, job, job.kind)
        require_patience(job, at=self._services.clock.now())
        sources = await sources_of(self._services, job)
        model = self._services.models.again(job)
        await self._again(interaction, visitor, job, sources, model=model, insists=insists)

    async def use_successor(self, interaction: discord.Interaction[Any], job_id: str) -> None:
        """Ask for the same of the model that can take over, without the options that it lacks."""
        job = await self._services.archive.job(job_id)
        visitor = await self._services.gate.spend_on(interaction, job, job.kind)
        sources = await sources_of(self._services, job)
        successor = self._services.models.successor(job, sources=len(sources), mask=False)
        if successor is None:
            raise Refusal(Reason.NO_MODEL, model=job.model)
        job = replace(job, options=successor.options)
        await self._again(interaction, visitor, job, sources, model=successor.model)

    async def _again(
        self,
        interaction: discord.Interaction[Any],
        visitor: Visitor,
        job: Job,
        sources: Sequence[NewSource],
        *,
        model: str | None,
        insists: bool = False,
    ) -> None:
        request = build_request(
            interaction,
            visitor,
            kind=job.kind,
            origin=Origin.REROLL,
            prompt=job.prompt,
            style=job.style,
            filled=Filled(model=model, options=job.options),
            sources=sources,
            parent_id=job.id,
            insists=insists,
        )
        try:
            await ask(interaction, request)
        except Refusal as refusal:
            if refusal.reason is not Reason.JUST_ASKED:
                raise
            view = discord.ui.View(timeout=None)
            price = credits_text(self._services.models.prices(job).again)
            view.add_item(InsistButton(job.id, label=f"{InsistButton.label} · {price}"))
            await interaction.response.send_message(say(refusal), view=view, ephemeral=True)

    async def edit_result(self, interaction: discord.Interaction[Any], job_id: str) -> None:
        """Open the form that starts from a result."""
        job = await self._services.archive.job(job_id)
        await self._services.gate.spend_on(interaction, job, Kind.EDIT, opens=True)
        results = await self._services.archive.results(job.id)
        offer = await offer_of_result(self._services, interaction.user.id, job, await self._ticked(job))
        form = EditResultForm(opened_by=interaction, job=job, results=results, offer=offer)
        await open_form(interaction, form)

    async def change_prompt(self, interaction: discord.Interaction[Any], job_id: str) -> None:
        """Open the form that asks for the same with other words."""
        job = await self._services.archive.job(job_id)
        await self._services.gate.spend_on(interaction, job, job.kind, opens=True)
        await sources_of(self._services, job)
        offer = await offer_again(self._services, interaction.user.id, job, await self._ticked(job))
        await open_form(interaction, ChangePromptForm(opened_by=interaction, job=job, offer=offer))

    async def _ticked(self, job: Job) -> Style | None:
        return ticked(await self._services.styles.usable(job.guild_id), job)

    async def cancel(self, interaction: discord.Interaction[Any], job_id: str) -> None:
        job = await self._owned(interaction, job_id)
        cancelled = await self._services.archive.cancel(job)
        await answer_privately(interaction, "Cancelled. You were not charged.")
        self._services.engine.withdrawn(cancelled)

    async def delete(self, interaction: discord.Interaction[Any], job_id: str, *, sure: bool = False) -> None:
        """Delete a card, its prompt and its files; the ledger stays. A paid image is asked about first."""
        job = await self._here(interaction, job_id)
        moderator = interaction.permissions.manage_messages
        if interaction.user.id != job.member_id and not moderator:
            raise Refusal(Reason.NOT_YOURS)
        if job.status is Status.DONE and job.charged and not sure:
            await interaction.response.send_message(view=build_question(job), ephemeral=True)
            return
        await self._services.archive.delete(job)
        if sure:
            await interaction.response.edit_message(view=build_said(DELETED))
        else:
            await answer_privately(interaction, DELETED)

    async def keep(self, interaction: discord.Interaction[Any], job_id: str) -> None:
        """Delete nothing."""
        await self._here(interaction, job_id)
        await interaction.response.edit_message(view=build_said("Kept: nothing was deleted."))

    async def collect(self, interaction: discord.Interaction[Any], job_id: str) -> None:
        job = await self._services.archive.job(job_id)
        self._services.gate.show(interaction, direct=True)
        if not is_private(interaction):
            self._services.gate.touch(interaction, job)
        # A member's own list, which is private, has what waits for them from any server.
        if interaction.user.id != job.member_id:
            raise Refusal(Reason.NOT_YOURS)
        results = await self._services.archive.results(job.id)
        generated = job.kind is Kind.GENERATE
        await hand_out(interaction, results, packer=self._services.packer, generated=generated)
        await self._services.archive.collected(job.id)
        self._services.stale.hurry()

    async def stop_reminders(self, interaction: discord.Interaction[Any], job_id: str) -> None:
        """Send no more replies to this member when a long job ends."""
        await self._owned(interaction, job_id)
        await self._services.archive.stop_reminding(interaction.user.id)
        await answer_privately(
            interaction,
            "Stopped: finished jobs no longer mention you. Your next results come all the same."
            " /settings me switches it on again.",
        )

    async def _here(self, interaction: discord.Interaction[Any], job_id: str) -> Job:
        """Look a job up whose button was pressed where it was shown; elsewhere it does not exist."""
        job = await self._services.archive.job(job_id)
        self._services.gate.touch(interaction, job)
        return job

    async def _owned(self, interaction: discord.Interaction[Any], job_id: str) -> Job:
        job = await self._here(interaction, job_id)
        if interaction.user.id != job.member_id:
            raise Refusal(Reason.NOT_YOURS)
        return job


async def hand_out(
    interaction: discord.Interaction[Any], results: list[Image], *, packer: Packer, generated: bool
) -> None:
    """Answer with a job's results as files that only the member sees, as large as Discord takes them.

    Raises
    ------
    Refusal
        Not even the smallest form fits.
    """
    await interaction.response.defer(ephemeral=True, thinking=True)
    limit = min(interaction.filesize_limit, REQUEST_BYTES)
    packed = await packer.pack_private(
        results, member_id=interaction.user.id, limit=limit, generated=generated
    )
    if not packed.uploads:
        raise Refusal(Reason.TOO_LARGE_TO_HAND_OUT)
    said = collected(reencoded=packed.reencoded, marks_lost=packed.marks_lost)
    for batch in _batches(packed.uploads):
        with ExitStack() as opened:
            files = [discord.File(upload.path, filename=upload.name) for upload in batch]
            for file in files:
                opened.callback(file.close)
            await interaction.followup.send(said, files=files, ephemeral=True)
    packer.discard(packed.uploads)


def _batches(uploads: Sequence[Upload]) -> list[list[Upload]]:
    """Spread files over messages that Discord takes whole."""
    batches: list[list[Upload]] = [[]]
    for upload in uploads:
        if batches[-1] and sum(each.size for each in batches[-1]) + upload.size > REQUEST_BYTES - 2**16:
            batches.append([])
        batches[-1].append(upload)
    return batches
