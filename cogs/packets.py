"""Results handed out privately, as an answer to a button."""

from contextlib import ExitStack
from typing import TYPE_CHECKING

import discord

from domain.errors import Reason, Refusal
from domain.images import Image
from domain.limits import REQUEST_BYTES
from domain.views import Upload

if TYPE_CHECKING:
    from bot import DarkroomBot


async def hand_out(interaction: "discord.Interaction[DarkroomBot]", results: list[Image]) -> None:
    """Answer with a job's results as files that only the member sees, as large as Discord takes them.

    Raises
    ------
    Refusal
        Not even the smallest form fits.
    """
    await interaction.response.defer(ephemeral=True, thinking=True)
    limit = min(interaction.filesize_limit, REQUEST_BYTES)
    uploads = await interaction.client.packer.pack_private(results, limit=limit)
    if not uploads:
        raise Refusal(Reason.TOO_LARGE, name="The result", limit_mb=limit // 2**20)
    for batch in _batches(uploads):
        with ExitStack() as opened:
            files = [discord.File(upload.path, filename=upload.name) for upload in batch]
            for file in files:
                opened.callback(file.close)
            await interaction.followup.send(files=files, ephemeral=True)
    interaction.client.packer.discard(uploads)


def _batches(uploads: list[Upload]) -> list[list[Upload]]:
    """Spread files over messages that Discord takes whole."""
    batches: list[list[Upload]] = [[]]
    for upload in uploads:
        if batches[-1] and sum(each.size for each in batches[-1]) + upload.size > REQUEST_BYTES - 2**16:
            batches.append([])
        batches[-1].append(upload)
    return batches
