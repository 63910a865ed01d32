"""What the buttons of cards do. Ids come from outside: each job is looked up, who may is asked then."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from cogs.forms import EditResultForm
from cogs.packets import hand_out
from cogs.requests import ask, build_request, sources_of
from domain.errors import Reason, Refusal
from domain.job import Job, Kind, Origin, Status
from domain.request import NewSource
from jobs.ports import StageError
from ui.boundary import answer_privately

if TYPE_CHECKING:
    from bot import DarkroomBot

log = logging.getLogger(__name__)


class DiscordCardActions:
    """Implements ``ui.buttons.CardActions``."""

    def __init__(self, *, bot: "DarkroomBot") -> None:
        self._bot = bot

    async def reroll(self, interaction: "discord.Interaction[DarkroomBot]", job_id: str) -> None:
        """Ask for the same again, on the account of whoever pressed."""
        job = await self._here(interaction, job_id)
        await self._bot.access.require(interaction, job.kind)
        sources = await sources_of(self._bot, job)
        await self._again(interaction, job, sources, model=self._bot.again_model(job))

    async def use_successor(self, interaction: "discord.Interaction[DarkroomBot]", job_id: str) -> None:
        """Ask for the same of the model that can take over, without the options that it lacks."""
        job = await self._here(interaction, job_id)
        await self._bot.access.require(interaction, job.kind)
        sources = await sources_of(self._bot, job)
        successor = self._bot.models.successor(job, sources=len(sources))
        if successor is None:
            raise Refusal(Reason.NO_MODEL, model=job.model)
        options = replace(job.options, **dict.fromkeys(successor.lacking))
        await self._again(interaction, replace(job, options=options), sources, model=successor.model)

    async def _again(
        self,
        interaction: "discord.Interaction[DarkroomBot]",
        job: Job,
        sources: Sequence[NewSource],
        *,
        model: str | None,
    ) -> None:
        request = build_request(
            interaction,
            kind=job.kind,
            origin=Origin.REROLL,
            prompt=job.prompt,
            options=job.options,
            sources=sources,
            model=model,
            parent_id=job.id,
        )
        await ask(interaction, request)

    async def edit_result(self, interaction: "discord.Interaction[DarkroomBot]", job_id: str) -> None:
        """Open the form that starts from a result."""
        job = await self._here(interaction, job_id)
        if job.status is not Status.DONE:
            raise Refusal(Reason.NOT_FINISHED)
        await self._bot.access.require(interaction, Kind.EDIT)
        results = await self._bot.archive.results(job.id)
        await interaction.response.send_modal(EditResultForm(job=job, results=results))

    async def cancel(self, interaction: "discord.Interaction[DarkroomBot]", job_id: str) -> None:
        """Withdraw a queued job."""
        job = await self._owned(interaction, job_id)
        cancelled = await self._bot.archive.cancel(job)
        await answer_privately(interaction, "Cancelled. You were not charged.")
        self._bot.engine.withdrawn(cancelled)

    async def delete(self, interaction: "discord.Interaction[DarkroomBot]", job_id: str) -> None:
        """Delete a card, its prompt and its files; the ledger stays."""
        job = await self._here(interaction, job_id)
        moderator = interaction.permissions.manage_messages
        if interaction.user.id != job.member_id and not moderator:
            raise Refusal(Reason.NOT_YOURS)
        places = await self._bot.archive.delete(job)
        await interaction.response.defer(ephemeral=True)
        for channel_id, message_id in places:
            await self._remove(job, channel_id, message_id)
        await answer_privately(
            interaction, "Deleted: the message, the prompt and the files. What it cost stays."
        )

    async def _remove(self, job: Job, channel_id: int, message_id: int) -> None:
        try:
            await self._bot.stage.remove(channel_id, message_id)
        except StageError as error:
            log.warning("%r: a message could not be deleted (%s).", job, type(error).__name__)

    async def collect(self, interaction: "discord.Interaction[DarkroomBot]", job_id: str) -> None:
        """Hand out results privately."""
        job = await self._bot.archive.job(job_id)
        if interaction.user.id != job.member_id:
            raise Refusal(Reason.NOT_YOURS)
        results = await self._bot.archive.results(job.id)
        await hand_out(interaction, results)
        await self._bot.archive.collected(job.id)

    async def stop_reminders(self, interaction: "discord.Interaction[DarkroomBot]", job_id: str) -> None:
        """Send no more replies to this member when a long job ends."""
        await self._owned(interaction, job_id)
        await self._bot.archive.stop_reminding(interaction.user.id)
        await answer_privately(
            interaction, "Stopped: finished jobs no longer mention you. Your next results come all the same."
        )

    async def _here(self, interaction: "discord.Interaction[DarkroomBot]", job_id: str) -> Job:
        """Look a job up that was pressed in its own server; elsewhere it does not exist."""
        job = await self._bot.archive.job(job_id)
        if interaction.guild_id is not None and job.guild_id != interaction.guild_id:
            raise Refusal(Reason.NOT_FOUND)
        return job

    async def _owned(self, interaction: "discord.Interaction[DarkroomBot]", job_id: str) -> Job:
        job = await self._here(interaction, job_id)
        if interaction.user.id != job.member_id:
            raise Refusal(Reason.NOT_YOURS)
        return job
