"""Files on their way to Discord: small ones in memory, large ones streamed from the disk."""

import asyncio
import io
from collections.abc import AsyncGenerator, Sequence
from contextlib import ExitStack, asynccontextmanager

import discord

from domain.limits import MIB
from domain.views import Upload

WHOLE = 4 * MIB
"""Bytes of one message's files that are read at once: a stream takes a thread's turn for every chunk."""
AT_ONCE = 8
"""Messages whose files are in memory side by side; those of any others are streamed meanwhile."""


class Attachments:
    """Opens files to attach, and closes them whatever happens."""

    def __init__(self) -> None:
        self._whole = 0

    @asynccontextmanager
    async def opened(self, uploads: Sequence[Upload]) -> AsyncGenerator[list[discord.File]]:
        """Open the files of one message.

        Raises
        ------
        OSError
            One of them is gone.
        """
        whole = self._whole < AT_ONCE and sum(upload.size for upload in uploads) <= WHOLE
        self._whole += whole
        try:
            with ExitStack() as stack:
                streams = await asyncio.to_thread(_open, uploads, stack, whole=whole) if uploads else []
                files = [
                    discord.File(stream, filename=upload.name)
                    for stream, upload in zip(streams, uploads, strict=True)
                ]
                for file in files:
                    stack.callback(file.close)
                yield files
        finally:
            self._whole -= whole


def _open(uploads: Sequence[Upload], stack: ExitStack, *, whole: bool) -> list[io.BufferedIOBase]:
    if whole:
        return [io.BytesIO(upload.path.read_bytes()) for upload in uploads]
    return [stack.enter_context(upload.path.open("rb")) for upload in uploads]
