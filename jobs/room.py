"""Whether what is paid for could be kept: while it could not, nothing more is paid for."""

import asyncio

from jobs.storing import Storing
from storage.database import Database
from storage.files import Files
from storage.place import require_same_place


class Room:
    """Knows whether the last result could be kept, and asks whether the next one can."""

    def __init__(self, *, database: Database, files: Files, storing: Storing) -> None:
        self._database = database
        self._files = files
        self._storing = storing
        self._missed = False

    def kept(self) -> None:
        """Note that a result is kept."""
        self._missed = False

    async def missed(self, error: OSError) -> None:
        """Note that a result could not be kept, and tell the owner."""
        self._missed = True
        await self._storing.warn_of(error)

    async def require(self) -> None:
        """Make sure that the next result has a place: it waits at the provider for an hour only.

        Raises
        ------
        OSError
            It has none; the owner is told.
        """
        try:
            await require_same_place(self._database, self._files)
            if self._missed:
                # That one may be at fault itself: whatever else can be kept is gone on with.
                await asyncio.to_thread(self._files.require_writable)
        except OSError as error:
            await self._storing.warn_of(error)
            raise
        self._missed = False
