"""Fetching results: as soon as they exist, onto the disk, before the charge is booked."""

import asyncio
import logging
from collections.abc import Callable

from domain.credits import credits_text
from domain.errors import Reason, Refusal
from domain.images import Image, Role
from domain.job import Job, Status
from domain.limits import HOUR, MAX_RESULT_BYTES
from jobs import moves
from jobs.files import Files
from jobs.follow_up import FollowUp
from jobs.groups import asked_of, took_of
from jobs.moves import Finished
from jobs.pictures.inspect import Inspected
from jobs.projector import Found, Projector
from jobs.scheduling.durations import Bounds
from jobs.scheduling.scheduler import Call
from jobs.tools import Tools
from pixeldojo.errors import (
    FetchError,
    FetchFailed,
    FetchRefused,
    PixelDojoError,
    ResultGone,
)
from pixeldojo.kinds import State
from pixeldojo.replies import JobReply
from storage import images
from storage.database import Tx
from storage.facts import Took

log = logging.getLogger(__name__)

FETCH_SECONDS = 120.0
RETRY = (1.0, 5.0, 15.0, 60.0, 300.0)
"""Seconds between tries while the provider's files cannot be reached; the last one repeats."""
SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}


class Fetcher:
    """Brings results home; ``finished`` is called with a job that can be delivered: its id, and all of it."""

    def __init__(
        self,
        *,
        tools: Tools,
        projector: Projector,
        follow_up: FollowUp,
        finished: Callable[[str, Found], None],
    ) -> None:
        self._tools = tools
        self._projector = projector
        self._follow_up = follow_up
        self._finished = finished

    async def fetch(self, job: Job, reply: JobReply, bounds: Bounds | None) -> None:
        """Fetch a completed job's results, charge for them and hand the job to delivery."""
        await self._tools.pace.turn()
        results, problem = await self._all(job, reply)
        now = self._tools.clock.now()
        if not results:
            await self._tools.database.run(moves.fail, job.id, expect=Status.RUNNING, reason=problem, at=now)
            self._projector.refresh(job.id)
            return
        finished = Finished(results=tuple(results), cost=reply.credit_cost, asked=job.options.images)
        took = None if bounds is None else took_of(job, bounds, at=now)
        found = await self._tools.database.run(
            _finish, job.id, finished, took=took, at=now, files=self._tools.files
        )
        if found is not None:
            await self._tools.models.health.changed(job)
            await self._compare(found[0])
            self._finished(job.id, found)
            if job.cost is None and reply.credit_cost is not None:
                await self._follow_up.priced(job, reply.credit_cost)

    async def _compare(self, job: Job) -> None:
        """Tell the operator of a bill above what the job was taken for: the member does not pay it."""
        if job.billed is not None and job.billed > job.known_cost:
            await self._tools.operator.warn(
                "billed_beyond",
                model=job.model,
                billed=credits_text(job.billed),
                cost=credits_text(job.known_cost),
            )

    async def _all(self, job: Job, reply: JobReply) -> tuple[list[Image], Reason]:
        until = reply.expires_at or self._tools.clock.now() + HOUR
        results: list[Image] = []
        problem = Reason.NO_IMAGES
        asked_again = False
        urls = list(reply.images)
        index = 0
        while index < len(urls):
            try:
                image = await self._one(job, len(results) + 1, urls[index], reply, until)
            except ResultGone:
                # A fresh look at the job may name fresh addresses.
                fresh = None if asked_again else await self._ask_again(job)
                asked_again = True
                if fresh is not None and len(fresh.images) == len(urls):
                    urls[index:] = fresh.images[index:]
                    continue
                log.warning("%r: a result is gone.", job)
                problem = Reason.RESULT_GONE
            except (FetchError, Refusal) as error:
                log.warning("%r: a result cannot be used (%s).", job, error)
            else:
                results.append(image)
            index += 1
        return results, problem

    async def _ask_again(self, job: Job) -> JobReply | None:
        try:
            with await self._tools.scheduler.permit(Call.POKE):
                reply = await self._tools.client.job(job.provider_job_id or "", asked=asked_of(job))
        except PixelDojoError as error:
            log.warning("%r could not be asked about once more: %s.", job, error)
            return None
        return reply if reply.state is State.COMPLETED else None

    async def _one(self, job: Job, position: int, url: str, reply: JobReply, until: int) -> Image:
        """Fetch one result; trouble on the way is waited out until the address ends."""
        attempt = 0
        while True:
            path = self._tools.files.new_path()
            try:
                fetched = await self._tools.client.fetch(
                    url, path, max_bytes=MAX_RESULT_BYTES, seconds=FETCH_SECONDS
                )
                found: Inspected = await self._tools.pictures.identify(path, sha256=fetched.sha256)
                await asyncio.to_thread(self._tools.files.keep, path, found.sha256)
            except Refusal:
                self._tools.files.discard(path)
                raise
            except FetchFailed as error:
                wait = RETRY[min(attempt, len(RETRY) - 1)]
                if self._tools.clock.now() + wait * 1000 > until:
                    raise
                log.warning("%r: a result could not be fetched (%s); trying again.", job, error)
            except OSError as error:
                wait = RETRY[-1]
                self._tools.files.discard(path)
                if self._tools.clock.now() + wait * 1000 > until:
                    raise FetchRefused("the disk does not take it") from error
                log.exception("%r: a result could not be stored; trying again.", job)
                await self._tools.operator.warn("storage_full")
            else:
                return _result(job, position, url, reply, found)
            attempt += 1
            await self._tools.clock.sleep(wait)


def _finish(
    tx: Tx, job_id: str, finished: Finished, *, took: Took | None, at: int, files: Files
) -> Found | None:
    files.must_have(tx, (result.sha256 for result in finished.results))
    job = moves.finish(tx, job_id, finished, took=took, at=at)
    return None if job is None else (job, images.of_job(tx, job_id))


def _result(job: Job, position: int, url: str, reply: JobReply, found: Inspected) -> Image:
    return Image(
        job_id=job.id,
        role=Role.RESULT,
        position=position,
        name=f"darkroom-{job.id}-{position}{SUFFIXES[found.media_type]}",
        url=url,
        url_expires_at=reply.expires_at,
        sha256=found.sha256,
        media_type=found.media_type,
        size=found.size,
        width=found.width,
        height=found.height,
    )
