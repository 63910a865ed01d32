"""What members may ask about what is kept of them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from accounts.personal_data import Handed, export_member
from domain.clock import Clock
from domain.errors import Reason, Refusal
from domain.limits import DAY
from jobs.keeping.erasure import Eraser
from storage import mentions, privacy
from storage.database import Database
from storage.files import Files

MOST_PARTS = 20
"""Files that are handed over at most: an interaction's token ends after fifteen minutes."""


class Personal:
    """Members' own data in one database."""

    def __init__(self, *, database: Database, clock: Clock, files: Files, eraser: Eraser) -> None:
        self._database = database
        self._clock = clock
        self._files = files
        self.eraser = eraser

    async def keeps_images(self, member_id: int) -> bool:
        """Tell whether a member lets nobody else use their images."""
        return await self._database.read(privacy.keeps_images, member_id)

    async def keep_images(self, member_id: int, *, keep: bool) -> None:
        """Note whether a member lets nobody else use their images."""
        await self._database.run(privacy.keep_images, member_id, keep=keep)

    @asynccontextmanager
    async def export(self, member_id: int, *, part_bytes: int) -> AsyncGenerator[Handed]:
        """Write a member's data as files that are there until the end of the block.

        Raises
        ------
        Refusal
            They had it within the last day.
        """
        now = self._clock.now()
        before = await self._database.run(privacy.exported, member_id, at=now, every=DAY)
        if before is not None:
            raise Refusal(Reason.EXPORTED, goes_on=before + DAY)
        folder = self._files.new_folder()
        try:
            yield await asyncio.to_thread(
                export_member,
                self._database.snapshot,
                self._files,
                member_id,
                folder=folder,
                part_bytes=part_bytes,
                most_parts=MOST_PARTS,
            )
        finally:
            await asyncio.to_thread(self._files.remove_folder, folder)

    async def note_mention(self, member_id: int, *, channel_id: int, message_id: int) -> None:
        """Note that a message of ours, which is no job's, names a member: it goes when they are erased."""
        await self._database.run(
            mentions.add, member_id, channel_id=channel_id, message_id=message_id, at=self._clock.now()
        )
