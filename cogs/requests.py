"""From an interaction to a request, and from an accepted job to its card: shared by commands and buttons."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import aiohttp
import discord

from adapters.arrivals import arrived_at
from adapters.gate import Visitor
from cogs.services import Services, services_in
from domain.errors import Reason, Refusal
from domain.images import Image, Role
from domain.job import Job, Kind, Origin
from domain.limits import MAX_SOURCES, TOKEN_LIFE
from domain.request import NewSource, Request, images_in
from domain.styles import Applied
from jobs.choices.preferring import Filled
from ui.cards import build_card

log = logging.getLogger(__name__)

FIRST_ANSWER = 5.0
"""Seconds for the first answer: Discord takes none after three; discord.py would try for half a minute."""
NEEDED = {"view_channel": "View Channel", "send_messages": "Send Messages", "attach_files": "Attach Files"}
"""What delivering a result needs of a channel, by discord.py's name and by Discord's."""


def source_of(attachment: discord.Attachment) -> NewSource:
    """Return an attachment as a source; what it says of itself is only a claim."""
    return NewSource(
        name=attachment.filename,
        url=attachment.url,
        media_type=attachment.content_type,
        size=attachment.size,
        width=attachment.width,
        height=attachment.height,
        spoiler=attachment.is_spoiler(),
    )


def kept_source(image: Image) -> NewSource:
    """Return an image that is kept as a source of another job.

    Raises
    ------
    Refusal
        It is no longer kept.
    """
    if image.sha256 is None:
        raise Refusal(Reason.SOURCES_NOT_KEPT)
    return NewSource(
        name=image.name,
        sha256=image.sha256,
        media_type=image.media_type,
        size=image.size,
        width=image.width,
        height=image.height,
        converted=image.converted,
        megapixels=image.megapixels,
        from_job=image.job_id,
        is_mask=image.role is Role.MASK,
    )


def missing_permissions(permissions: discord.Permissions, channel: object) -> tuple[str, ...]:
    """Name what the bot lacks in a channel to deliver there later, without an interaction's token."""
    needed = dict(NEEDED)
    if isinstance(channel, discord.Thread):
        del needed["send_messages"]
        needed["send_messages_in_threads"] = "Send Messages in Threads"
    return tuple(shown for name, shown in needed.items() if not getattr(permissions, name))


def asked_at(interaction: discord.Interaction[Any]) -> int:
    """Return an interaction's moment in Unix milliseconds: the same however often its event comes."""
    return int(interaction.created_at.timestamp() * 1000)


def build_request(
    interaction: discord.Interaction[Any],
    visitor: Visitor,
    *,
    kind: Kind,
    origin: Origin,
    prompt: str,
    style: Applied | None,
    filled: Filled,
    sources: Sequence[NewSource],
    parent_id: str | None = None,
    insists: bool = False,
) -> Request:
    """Describe what a visitor, whom the gate has let in, asks for with an interaction."""
    if len(images_in(sources)) > MAX_SOURCES:
        raise Refusal(Reason.TOO_MANY_IMAGES)
    created = asked_at(interaction)
    limit = interaction.filesize_limit
    if interaction.guild is not None:
        # A later edit with the bot's token probably has the server's limit: plan with the smaller.
        limit = min(limit, interaction.guild.filesize_limit)
    return Request(
        event=f"i{interaction.id}",
        kind=kind,
        origin=origin,
        guild_id=visitor.guild_id,
        channel_id=interaction.channel_id or 0,
        member_id=visitor.member_id,
        role_ids=visitor.role_ids,
        prompt=prompt,
        style=style,
        options=filled.options,
        left_out=filled.left_out,
        sources=tuple(sources),
        model=filled.model,
        parent_id=parent_id,
        insists=insists,
        token=interaction.token,
        token_expires_at=created + TOKEN_LIFE,
        arrived=arrived_at(interaction),
        attachment_limit=limit,
        missing_permissions=missing_permissions(interaction.app_permissions, interaction.channel),
    )


def require_patience(job: Job, *, at: int) -> None:
    """Let nobody repeat at once (``at``: Unix milliseconds) what would meet the same trouble again.

    Raises
    ------
    Refusal
        The image service had a problem minutes ago.
    """
    if job.again_at is not None and at < job.again_at:
        raise Refusal(Reason.TOO_SOON, goes_on=job.again_at)


async def ask(interaction: discord.Interaction[Any], request: Request) -> None:
    """Have a request accepted and answer with its card, at once; then the work begins.

    Raises
    ------
    Refusal
        It was not accepted; nothing was answered yet.
    """
    services = services_in(interaction.client)
    accepted = await services.acceptance.accept(request)
    if not accepted.new:
        return
    job = accepted.job
    view = await services.cards.first_view(job, list(accepted.sources))
    try:
        async with asyncio.timeout(FIRST_ANSWER):
            answer = await interaction.response.send_message(
                view=build_card(view), allowed_mentions=discord.AllowedMentions.none()
            )
    except (discord.HTTPException, discord.InteractionResponded, aiohttp.ClientError, OSError) as error:
        # Too late, or nobody knows: the card is brought by another way, the job goes on.
        log.warning("%r: its first answer failed (%s).", job, type(error).__name__)
    else:
        if answer.message_id is not None:
            job = await services.engine.answered(job, message_id=answer.message_id)
    services.engine.take_up(job, accepted.sources)


async def sources_of(services: Services, job: Job) -> list[NewSource]:
    """Return a job's sources as sources of another.

    Raises
    ------
    Refusal
        They are no longer kept.
    """
    if job.withdrawn:
        raise Refusal(Reason.SOURCE_WITHDRAWN)
    sources = [kept_source(image) for image in await services.archive.sources(job.id)]
    if not job.prompt:
        raise Refusal(Reason.PROMPT_NOT_KEPT)
    return sources
