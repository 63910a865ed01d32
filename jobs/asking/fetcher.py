"""Fetching results: as soon as they exist, onto the disk, before the charge is booked."""

import asyncio
import logging
from dataclasses import dataclass, field

from domain.clock import Clock
from domain.credits import credits_text
from domain.errors import Reason, Refusal
from domain.images import Image, Role, suffix_of
from domain.job import Job
from domain.limits import GIVE_UP, MAX_RESULT_BYTES
from domain.patience import pause_after
from jobs import transitions
from jobs.ages import Ages
from jobs.asking.tracker import Answered
from jobs.delivery.cards import Found
from jobs.delivery.ports import Operator
from jobs.follow_up import FollowUp
from jobs.groups import asked_of, took_of
from jobs.room import Room
from jobs.tasks import Tasks
from jobs.transitions import Finished
from pictures.values import Inspected
from pictures.work import PictureWork
from pixeldojo.client import PixelDojo
from pixeldojo.errors import FetchError, PixelDojoError, ResultGone
from pixeldojo.replies import JobReply
from scheduling.durations import Bounds
from scheduling.scheduler import Call, Scheduler
from scheduling.spacing import Spacing
from storage import images
from storage.database import Database
from storage.facts import Took
from storage.files import Files
from storage.tx import Tx

log = logging.getLogger(__name__)

FETCH_SECONDS = 120.0
LEAST_PATIENCE = 600.0
"""Seconds for which a result is tried for, whatever is said of its end; and for which others wait for it."""
FEWER = 10.0
"""Seconds for which a job that shows fewer images than were asked for is asked about the rest."""


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
        room: Room,
        spacing: Spacing,
        tasks: Tasks,
        follow_up: FollowUp,
        ages: Ages,
    ) -> None:
        self._database = database
        self._clock = clock
        self._client = client
        self._files = files
        self._pictures = pictures
        self._scheduler = scheduler
        self._operator = operator
        self._room = room
        self._spacing = spacing
        self._tasks = tasks
        self._follow_up = follow_up
        self._ages = ages

    async def fetch(self, job: Job, reply: JobReply, bounds: Bounds | None) -> Found | Reason | None:
        """Fetch a completed job's results and charge for them.

        Returns the job with its images, why there are none, or ``None`` if somebody else moved it.
        """
        await self._spacing.wait()
        fetched = await self._all(job, reply)
        now, reply, results = self._clock.now(), fetched.reply, fetched.results(job)
        if not results:
            return fetched.problem
        finished = Finished(results=results, cost=reply.credit_cost, asked=job.options.images)
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

    async def _all(self, job: Job, reply: JobReply) -> "_Fetched":
        """Fetch all results; what does not come is asked about and fetched again while there is patience."""
        began, patience = self._clock.monotonic(), self._patience(job, reply)
        fetched = _Fetched(reply)
        while True:
            await self._try(job, fetched)
            if len(fetched.images) >= job.options.images:
                return fetched
            waited = self._clock.monotonic() - began
            pause = pause_after(waited)
            if waited + pause > min(patience, fetched.patience()):
                return fetched
            await self._clock.sleep(pause)
            fresh = await self._ask_again(job)
            if fresh is not None and (failure := Answered(fresh).failure) is not None:
                return _Fetched(fresh, problem=failure)
            if fresh is not None and len(fresh.images) >= len(fetched.reply.images):
                fetched.renew(fresh)

    def _patience(self, job: Job, reply: JobReply) -> float:
        """Return for how many seconds results are tried for.

        An end of their addresses that has passed already, or is nonsense, says nothing.
        """
        left = GIVE_UP - self._ages.of(job)
        ends_in = (reply.expires_at or 0) - self._clock.now()
        if ends_in > 0:
            left = min(left, ends_in)
        return max(left / 1000, LEAST_PATIENCE)

    async def _ask_again(self, job: Job) -> JobReply | None:
        try:
            with await self._scheduler.permit(Call.POKE):
                return await self._client.job(job.provider_job_id or "", asked=asked_of(job))
        except PixelDojoError as error:
            log.warning("%r could not be asked about once more: %s.", job, error)
            return None

    async def _try(self, job: Job, fetched: "_Fetched") -> None:
        fetched.disk_trouble = False
        for place in fetched.missing():
            try:
                fetched.images[place] = await self._one(job, fetched.reply.images[place])
            except (FetchError, Refusal) as error:
                log.warning("%r: a result could not be fetched, or used (%s).", job, error)
                gone = isinstance(error, ResultGone)
                fetched.problem = Reason.RESULT_GONE if gone else Reason.NO_IMAGES
            except OSError as error:
                log.exception("%r: a result could not be stored.", job)
                fetched.disk_trouble = True
                await self._room.missed(error)
            else:
                self._room.kept()

    async def _one(self, job: Job, url: str) -> Inspected:
        path = self._files.new_path()
        try:
            fetched = await self._client.fetch(url, path, max_bytes=MAX_RESULT_BYTES, seconds=FETCH_SECONDS)
            found = await self._pictures.identify(path, member_id=job.member_id, sha256=fetched.sha256)
            await asyncio.to_thread(self._files.keep, path, found.sha256)
        except (Refusal, OSError):
            self._files.discard(path)
            raise
        return found


@dataclass(slots=True)
class _Fetched:
    """What came of a job so far, by its place in the newest reply."""

    reply: JobReply
    images: dict[int, Inspected] = field(default_factory=dict[int, Inspected])
    problem: Reason = Reason.NO_IMAGES
    disk_trouble: bool = False

    def missing(self) -> list[int]:
        return [place for place in range(len(self.reply.images)) if place not in self.images]

    def patience(self) -> float:
        """Return for how many seconds what has come waits for what has not."""
        if not self.missing():
            return FEWER
        return LEAST_PATIENCE if self.images and not self.disk_trouble else float("inf")

    def renew(self, fresh: JobReply) -> None:
        """Take fresh addresses; they may be in another order, and what was fetched is known by its own."""
        files = [_file_of(url) for url in fresh.images]
        ours = {_file_of(self.reply.images[place]): found for place, found in self.images.items()}
        if len(set(files)) == len(files) and len(ours) == len(self.images) and ours.keys() <= set(files):
            self.images = {files.index(file): found for file, found in ours.items()}
        self.reply = fresh

    def results(self, job: Job) -> tuple[Image, ...]:
        # Nobody pays for, or is given, more than they asked for; what is beyond may stand in for a bad one.
        found = enumerate(sorted(self.images.items())[: job.options.images], 1)
        return tuple(
            _result(job, position, self.reply.images[place], self.reply, inspected)
            for position, (place, inspected) in found
        )


def _file_of(url: str) -> str:
    # Signatures at the end of an address may be renewed.
    return url.partition("?")[0]


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
