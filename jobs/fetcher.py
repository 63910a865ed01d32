"""Fetching results: as soon as they exist, onto the disk, before the charge is booked."""

import asyncio
import logging

from domain.clock import Clock
from domain.credits import credits_text
from domain.errors import Reason, Refusal
from domain.images import Image, Role, suffix_of
from domain.job import Job
from domain.limits import HOUR, MAX_RESULT_BYTES
from jobs import transitions
from jobs.delivery.cards import Found
from jobs.delivery.ports import Operator
from jobs.follow_up import FollowUp
from jobs.groups import asked_of, took_of
from jobs.tasks import Tasks
from jobs.transitions import Finished
from pictures.values import Inspected
from pictures.work import PictureWork
from pixeldojo.client import PixelDojo
from pixeldojo.errors import (
    FetchError,
    FetchFailed,
    FetchRefused,
    PixelDojoError,
    ResultGone,
)
from pixeldojo.kinds import State
from pixeldojo.replies import JobReply
from scheduling.durations import Bounds
from scheduling.scheduler import Call, Scheduler
from scheduling.spacing import Spacing
from storage import images
from storage.database import Database, Tx
from storage.facts import Took
from storage.files import Files

log = logging.getLogger(__name__)

FETCH_SECONDS = 120.0
RETRY = (1.0, 5.0, 15.0, 60.0, 300.0)
"""Seconds between tries while the provider's files cannot be reached; the last one repeats."""


class Fetcher:
    """Brings results home."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        client: PixelDojo,
        files: Files,
        pictures: PictureWork,
        scheduler: Scheduler,
        operator: Operator,
        spacing: Spacing,
        tasks: Tasks,
        follow_up: FollowUp,
    ) -> None:
        self._database = database
        self._clock = clock
        self._client = client
        self._files = files
        self._pictures = pictures
        self._scheduler = scheduler
        self._operator = operator
        self._spacing = spacing
        self._tasks = tasks
        self._follow_up = follow_up

    async def fetch(self, job: Job, reply: JobReply, bounds: Bounds | None) -> Found | Reason | None:
        """Fetch a completed job's results and charge for them.

        Returns the job with its images, why there are none, or ``None`` if somebody else moved it.
        """
        await self._spacing.wait()
        results, problem = await self._all(job, reply)
        now = self._clock.now()
        if not results:
            return problem
        finished = Finished(results=tuple(results), cost=reply.credit_cost, asked=job.options.images)
        took = None if bounds is None else took_of(job, bounds, at=now)
        found = await self._database.run(_finish, job.id, finished, took=took, at=now, files=self._files)
        if found is not None:
            self._tasks.spawn(f"learning from {job.id}", self._learn(job, reply))
        return found

    async def _learn(self, job: Job, reply: JobReply) -> None:
        """Take note of what a job that was charged says of its model."""
        await self._follow_up.answered(job)
        await self._compare(job, reply)
        if job.cost is None and reply.credit_cost is not None:
            await self._follow_up.priced(job, reply.credit_cost)

    async def _compare(self, job: Job, reply: JobReply) -> None:
        """Tell the operator of a bill above what the job was taken for: the member does not pay it."""
        billed = reply.credit_cost
        if billed is not None and billed > job.known_cost:
            await self._operator.warn(
                "billed_beyond",
                model=job.model,
                billed=credits_text(billed),
                cost=credits_text(job.known_cost),
            )

    async def _all(self, job: Job, reply: JobReply) -> tuple[list[Image], Reason]:
        until = reply.expires_at or self._clock.now() + HOUR
        results: list[Image] = []
        problem = Reason.NO_IMAGES
        asked_again = False
        urls = list(reply.images)
        index = 0
        # Nobody pays for, or is given, more than they asked for; what is beyond may stand in for a bad one.
        while index < len(urls) and len(results) < job.options.images:
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
            with await self._scheduler.permit(Call.POKE):
                reply = await self._client.job(job.provider_job_id or "", asked=asked_of(job))
        except PixelDojoError as error:
            log.warning("%r could not be asked about once more: %s.", job, error)
            return None
        return reply if reply.state is State.COMPLETED else None

    async def _one(self, job: Job, position: int, url: str, reply: JobReply, until: int) -> Image:
        """Fetch one result; trouble on the way is waited out until the address ends."""
        attempt = 0
        while True:
            path = self._files.new_path()
            try:
                fetched = await self._client.fetch(
                    url, path, max_bytes=MAX_RESULT_BYTES, seconds=FETCH_SECONDS
                )
                found: Inspected = await self._pictures.identify(path, sha256=fetched.sha256)
                await asyncio.to_thread(self._files.keep, path, found.sha256)
            except Refusal:
                self._files.discard(path)
                raise
            except FetchFailed as error:
                wait = RETRY[min(attempt, len(RETRY) - 1)]
                if self._clock.now() + wait * 1000 > until:
                    raise
                log.warning("%r: a result could not be fetched (%s); trying again.", job, error)
            except OSError as error:
                wait = RETRY[-1]
                self._files.discard(path)
                if self._clock.now() + wait * 1000 > until:
                    raise FetchRefused("the disk does not take it") from error
                log.exception("%r: a result could not be stored; trying again.", job)
                await self._operator.warn("storage_full")
            else:
                return _result(job, position, url, reply, found)
            attempt += 1
            await self._clock.sleep(wait)


def _finish(
    tx: Tx, job_id: str, finished: Finished, *, took: Took | None, at: int, files: Files
) -> Found | None:
    files.must_have(tx, (result.sha256 for result in finished.results))
    job = transitions.finish(tx, job_id, finished, took=took, at=at)
    return None if job is None else (job, images.of_job(tx, job_id))


def _result(job: Job, position: int, url: str, reply: JobReply, found: Inspected) -> Image:
    return Image(
        job_id=job.id,
        role=Role.RESULT,
        position=position,
        name=f"darkroom-{job.id}-{position}{suffix_of(found.media_type)}",
        url=url,
        url_expires_at=reply.expires_at,
        sha256=found.sha256,
        media_type=found.media_type,
        size=found.size,
        width=found.width,
        height=found.height,
    )
