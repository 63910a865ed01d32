"""What becomes of jobs whose card somebody else deleted: by hand, in bulk, with its channel or its server."""

import logging
from collections.abc import Callable, Iterable

from domain.clock import Clock
from domain.job import Job
from storage import forgetting, job_rows
from storage.database import Database

log = logging.getLogger(__name__)

BATCH = 100
"""Jobs that are forgotten in one transaction."""


class Outside:
    """Takes note of deletions that Discord tells of. It never says by whom: they count as a moderator's.

    ``went`` is called when something was deleted: messages are to follow.
    """

    def __init__(self, *, database: Database, clock: Clock, went: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._went = went

    async def messages_deleted(self, message_ids: Iterable[int]) -> None:
        """Forget the jobs of deleted cards; what nobody has yet goes to its member alone."""
        for message_id in message_ids:
            # Beside the writer: most deleted messages are nobody's card.
            if await self._database.read(job_rows.by_card, message_id) is None:
                continue
            job = await self._database.run(forgetting.deleted_outside, message_id, at=self._clock.now())
            if job is not None:
                log.info("%r: its card was deleted.", job)
                self._went()

    async def hide(self, job_id: str) -> Job | None:
        """Take a job out of its channel for a moderator; return it as it is then: its member's alone."""
        job = await self._database.run(forgetting.hide_result, job_id, at=self._clock.now())
        log.info("%s: a moderator hid it.", job_id)
        self._went()
        return job

    async def place_lost(self, *, guild_id: int, channel_id: int | None = None) -> None:
        """Do the same for all cards of a channel, or of a server that the bot is no longer in."""
        count = 1
        while count:
            count = await self._database.run(
                forgetting.lost_place,
                guild_id=guild_id,
                channel_id=channel_id,
                at=self._clock.now(),
                limit=BATCH,
            )
        self._went()
