"""A server's log for moderators: a message for each job that made something, where its managers chose one."""

import logging
from dataclasses import dataclass

from domain.clock import Clock
from domain.images import Image, Role
from domain.job import Job, Kind
from domain.views import Placed
from jobs.delivery.packer import Packer
from jobs.delivery.ports import Messenger, MessengerError, MessengerTrouble, Oversize
from storage import facts, images, job_rows, server_settings, takedowns
from storage.database import Database
from storage.tx import Tx

log = logging.getLogger(__name__)

TRIES = 3
"""How often it is tried while Discord is in trouble: what a member gets never waits for it."""
PURPOSE = "log"


@dataclass(frozen=True, slots=True)
class _Due:
    channel_id: int
    job: Job
    results: list[Image]


class Logbook:
    """Tells of jobs."""

    def __init__(self, *, database: Database, clock: Clock, messenger: Messenger, packer: Packer) -> None:
        self._database = database
        self._clock = clock
        self._messenger = messenger
        self._packer = packer

    async def write(self, job_id: str) -> None:
        """Tell of a delivered job, once; a channel that does not take it is left alone."""
        due = await self._database.read(_due, job_id)
        if due is None:
            return
        try:
            placed = await self._send(due)
        except (MessengerError, FileNotFoundError) as error:
            log.info("%r: its server's log did not take it (%s).", due.job, type(error).__name__)
            return
        await self._database.run(_noted, job_id, placed, at=self._clock.now())

    async def _send(self, due: _Due) -> Placed:
        packed = await self._packer.pack(
            due.results,
            member_id=due.job.member_id,
            limit=due.job.card.attachment_limit,
            spread=False,
            generated=due.job.kind is Kind.GENERATE,
        )
        uploads = packed.first
        try:
            for attempt in range(1, TRIES):
                try:
                    return await self._messenger.log(due.job, uploads, channel_id=due.channel_id)
                except Oversize:
                    uploads = ()
                except MessengerTrouble as error:
                    await self._clock.sleep(error.retry_after * attempt)
            return await self._messenger.log(due.job, uploads, channel_id=due.channel_id)
        finally:
            self._packer.discard(packed.uploads)


def _due(tx: Tx, job_id: str) -> _Due | None:
    job = job_rows.get(tx, job_id)
    if job is None or job.deleted:
        return None
    channel_id = server_settings.of(tx, job.guild_id).log_channel
    if channel_id is None or facts.has_message(tx, job.id, purpose=PURPOSE):
        return None
    return _Due(channel_id, job, images.of_job(tx, job.id, Role.RESULT))


def _noted(tx: Tx, job_id: str, placed: Placed, *, at: int) -> None:
    """Note where it is, so that it goes when the job is forgotten: at once, if that was meanwhile."""
    job = job_rows.get(tx, job_id)
    if job is None or job.deleted:
        takedowns.add(tx, [(placed.channel_id, placed.message_id)], at=at)
        return
    facts.add_message(
        tx, job_id=job.id, channel_id=placed.channel_id, message_id=placed.message_id, purpose=PURPOSE
    )
