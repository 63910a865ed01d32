"""Delivery: results to their member, exactly once, by the first way that works."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from domain.images import Image, Role
from domain.job import Job, Rung, Status
from domain.limits import DAY, MIB, REMIND_AFTER
from domain.views import CardView
from jobs import moves
from jobs.ladder import Reached
from jobs.packer import Packed, Packer
from jobs.ports import Oversize, StageError, StageTrouble
from jobs.projector import Found, Projector, job_with_images
from jobs.tools import Tools
from storage import facts, jobs

log = logging.getLogger(__name__)

SMALLEST = MIB // 4
"""Bytes: below this no picture is squeezed any further, a link takes its place."""
LONGEST_WAIT = 600.0
"""Seconds between climbs while Discord is in trouble."""
PATIENCE = DAY
"""Milliseconds for which a Discord in trouble is waited for before a job waits under /jobs."""


class Deliverer:
    """Delivers finished jobs."""

    def __init__(self, *, tools: Tools, projector: Projector, packer: Packer) -> None:
        self._tools = tools
        self._projector = projector
        self._packer = packer

    async def deliver(self, job_id: str, found: Found | None = None) -> None:
        """Bring a job's results to its member, or keep them for /jobs when no way is left.

        ``found`` is the job as it was just moved, to be read otherwise.
        """
        busy = self._projector.is_busy(job_id)
        async with self._projector.exclusive(job_id):
            if found is None or busy:
                found = await self._tools.database.run(job_with_images, job_id)
            if found is None or found[0].status is not Status.DELIVERING:
                return
            job, pictures = found
            packed, reached = await self._climb(job, pictures)
            done = await self._tools.database.run(
                moves.delivered,
                job_id,
                rung=Rung.KEPT if reached is None else reached.rung,
                placed=None if reached is None else reached.placed,
                note=packed.note,
                collected=reached is not None and packed.complete,
                at=self._tools.clock.now(),
            )
        self._projector.forget(job_id)
        if done is not None:
            await self.close(done)

    async def _climb(self, job: Job, pictures: Sequence[Image]) -> tuple[Packed, Reached | None]:
        limit, spread, wait = job.attachment_limit, True, 5.0
        give_up = self._tools.clock.now() + PATIENCE
        while True:
            packed = await self._packer.pack(pictures, limit=limit, spread=spread)
            view = await self._view(job, pictures, packed)
            try:
                reached = await self._tools.ladder.show(view, packed.first, insist=True)
                if reached is not None and packed.more:
                    await self._spread(view, packed, reached)
            except Oversize:
                limit = limit // 2 if limit > SMALLEST else 0
            except StageTrouble as error:
                if self._tools.clock.now() > give_up:
                    return packed, None
                wait = min(max(wait * 2, error.retry_after), LONGEST_WAIT)
                await self._tools.clock.sleep(wait)
            except StageError:
                # The card is there, a second message is not possible: all of it on the card, then.
                spread = False
            else:
                return packed, reached
            finally:
                self._packer.discard(packed.uploads)
            job = await self._tools.database.run(jobs.get, job.id) or job

    async def _view(self, job: Job, pictures: Sequence[Image], packed: Packed) -> CardView:
        return CardView(
            job=replace(job, status=Status.DONE),
            sources=tuple(image for image in pictures if image.role is Role.SOURCE),
            results=tuple(image for image in pictures if image.role is Role.RESULT),
            shown=packed.shown,
            sheet=packed.sheet,
            continued=len(packed.more),
            reencoded=packed.reencoded,
            links=packed.links,
            reply_to=await self._projector.parent_card(job),
        )

    async def _spread(self, view: CardView, packed: Packed, reached: Reached) -> None:
        job = replace(view.job, card_channel_id=reached.placed.channel_id, card_id=reached.placed.message_id)
        for part, uploads in enumerate(packed.more, 2):
            shown = tuple(upload.name for upload in uploads)
            further = replace(view, job=job, shown=shown, sheet=None, links=())
            placed = await self._tools.stage.attach(further, uploads, part=part)
            await self._tools.database.run(
                facts.add_message,
                job_id=job.id,
                channel_id=placed.channel_id,
                message_id=placed.message_id,
                purpose="results",
            )

    async def close(self, job: Job) -> None:
        """Do the last chores of a delivered job: the reroll reaction, the reminder."""
        try:
            if job.rung is not Rung.KEPT and not job.deleted:
                await self._remind(job)
                await self._tools.stage.invite_reroll(job)
        except StageTrouble as error:
            log.warning("%r: Discord is in trouble; its chores wait %.0f s.", job, error.retry_after)
            await self._tools.clock.sleep(max(error.retry_after, 30.0))
            self._tools.tasks.spawn(f"closing {job.id}", self.close(job))
            return
        except StageError:
            log.info("%r: its card is out of reach by now.", job)
        await self._tools.database.run(jobs.update, job.id, reminded=1)

    async def _remind(self, job: Job) -> None:
        took = (job.ended_at or job.created_at) - job.created_at
        if took <= REMIND_AFTER or job.rung not in {Rung.TOKEN, Rung.MESSAGE}:
            return
        if not await self._tools.database.run(facts.wants_reminder, job.member_id):
            return
        placed = await self._tools.stage.remind(job)
        if placed is not None:
            await self._tools.database.run(
                facts.add_message,
                job_id=job.id,
                channel_id=placed.channel_id,
                message_id=placed.message_id,
                purpose="reminder",
            )
