"""The engine: takes every open job to its end, from wherever its row says it is."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

from domain.clock import Clock
from domain.images import Image
from domain.job import Job, Status
from domain.limits import HARD_DEADLINE, HOUR, LATE_INTERVAL
from jobs import moves
from jobs.deliverer import Deliverer
from jobs.fetcher import Fetcher
from jobs.follow_up import FollowUp
from jobs.forecast import Forecast
from jobs.groups import group_of
from jobs.intake import Intake
from jobs.packer import Packer
from jobs.projector import Found, Projector
from jobs.queue import Queue
from jobs.scheduling.durations import Durations
from jobs.scheduling.scheduler import Call
from jobs.submitter import Submitter
from jobs.tasks import stubbornly
from jobs.tools import Tools
from jobs.tracker import Tracker
from jobs.unknown import Unknown
from storage import jobs
from storage.database import Tx
from storage.errors import StorageError

log = logging.getLogger(__name__)

SHUTDOWN = 35.0
"""Seconds that a POST under way may take when the bot stops: its own time limit and a little."""
GLANCE = 5.0
"""Seconds between looks at whether cards say something that is no longer so."""
BETWEEN_CORRECTIONS = 0.1
"""Seconds from one such card to the next: a thousand that wait must not hold up a first answer."""


class Engine:
    """Runs the workers and hands jobs from one to the next."""

    def __init__(
        self,
        *,
        tools: Tools,
        clock: Clock,
        durations: Durations,
        in_flight: int,
        per_member: int,
        submits_per_minute: int,
    ) -> None:
        self._tools = tools
        self._clock = clock
        self.queue = Queue(in_flight=in_flight, per_member=per_member)
        self.forecast = Forecast(
            clock=clock, durations=durations, queue=self.queue, submits_per_minute=submits_per_minute
        )
        self.projector = Projector(tools=tools, expect=self.forecast.expect)
        self.intake = Intake(tools=tools, projector=self.projector)
        self.follow_up = FollowUp(tools=tools, projector=self.projector, begin=self.take_up)
        self.fetcher = Fetcher(
            tools=tools, projector=self.projector, follow_up=self.follow_up, finished=self._finished
        )
        self.tracker = Tracker(
            tools=tools,
            projector=self.projector,
            fetcher=self.fetcher,
            follow_up=self.follow_up,
            ended=self.queue.leave,
        )
        self.submitter = Submitter(
            tools=tools,
            projector=self.projector,
            intake=self.intake,
            follow_up=self.follow_up,
            running=self._running,
            parked=self._parked,
            left=self.queue.leave,
            requeue=self.queue.add,
        )
        self.deliverer = Deliverer(tools=tools, projector=self.projector, packer=Packer(tools=tools))
        self.unknown = Unknown(
            tools=tools, projector=self.projector, named=self._running, take=self.tracker.take
        )
        self.open = False
        self._early: set[str] = set()

    async def start(self) -> None:
        """Take up every job that is not at an end, and begin to work."""
        await self._tools.models.health.load()
        self._tools.tasks.spawn("telling of models that end", self.follow_up.tell_of_ends())
        taken_up, to_close = await self._tools.database.run(_unfinished, at=self._clock.now())
        for job in taken_up:
            await self._resume(job)
        for job in to_close:
            if job.status is Status.DONE:
                self._tools.tasks.spawn(f"closing {job.id}", self.deliverer.close(job))
            else:
                self.projector.refresh(job.id)
        if taken_up:
            log.info("%d open jobs are taken up again.", len(taken_up))
        self.open = True
        for name, work in (
            ("the scheduler", self._tools.scheduler.run),
            ("the dispatcher", self._dispatch),
            ("the tracker", self.tracker.run),
            ("the search for unknown jobs", self.unknown.run),
            ("the glance at cards", self._glance),
        ):
            self._tools.tasks.spawn(name, stubbornly(name, work, clock=self._clock))

    async def close(self) -> None:
        """Stop accepting; finish what is between sent and stored; leave the rest to the next start."""
        self.open = False
        await self._tools.tasks.close(patience=SHUTDOWN)

    async def answered(self, job: Job) -> None:
        """Note where the first answer put a job's card; where that fails, the card is found by its token."""
        self._tools.pace.give_way()
        try:
            await self._tools.database.run(
                jobs.update, job.id, card_channel_id=job.card_channel_id, card_id=job.card_id
            )
        except StorageError as error:
            log.warning("%r: where its card is could not be noted: %s", job, error)

    def withdrawn(self, job: Job) -> None:
        """Take note that a queued job was cancelled."""
        self.queue.withdraw(job.id)
        self.projector.refresh(job.id)

    def take_up(self, job: Job, sources: Sequence[Image] | None = None) -> None:
        """Begin with an accepted job whose card is on its way; ``sources`` if they are at hand."""
        name = f"intake of {job.id}"
        at_hand = [] if sources is None else [(job, list(sources))]
        prepare = partial(self._prepare, job.id, at_hand)
        self._tools.tasks.spawn(name, stubbornly(name, prepare, clock=self._clock))

    async def poke(self, secret: str, provider_job_id: str | None) -> bool:
        """Take note of a webhook: at most one question follows. ``False`` if the secret is nobody's."""
        job = await self._tools.database.run(moves.claim, secret, provider_job_id)
        if job is None:
            return False
        if job.status is Status.RUNNING:
            self._tools.scheduler.poke(job.id)
        elif job.status is Status.SUBMITTING:
            self._early.add(job.id)
        elif job.status is Status.UNKNOWN:
            self._parked(job)
        return True

    def _parked(self, job: Job) -> None:
        """Look into what a webhook said of a job whose answer was lost."""
        self._early.discard(job.id)
        if job.claim is not None:
            self._tools.tasks.spawn(f"asking about {job.id}", self.unknown.verify(job))

    async def _resume(self, job: Job) -> None:
        match job.status:
            case Status.QUEUED:
                self.take_up(job)
            case Status.SUBMITTING:
                # Killed between "sent" and "stored": nobody knows.
                await self._tools.database.run(jobs.move, job.id, expect=Status.SUBMITTING, to=Status.UNKNOWN)
                self.projector.refresh(job.id)
                self._parked(job)
            case Status.RUNNING:
                self.queue.occupy(job)
                self._running(job)
            case Status.DELIVERING:
                self._finished(job.id, None)
            case _:
                # Parked; its card may still say something else.
                self.projector.refresh(job.id)
                self._parked(job)

    async def _prepare(self, job_id: str, at_hand: list[Found]) -> None:
        # What was at hand is good for the first try only.
        job = await self.intake.prepare(job_id, at_hand.pop() if at_hand else None)
        if job is not None:
            self.queue.add(job)
            if job.card_id is None:
                self.projector.refresh(job_id)

    async def _dispatch(self) -> None:
        while True:
            await self.queue.wait()
            # The permit first: whose turn it is shows only when a request may leave.
            permit = await self._tools.scheduler.permit(Call.SUBMIT)
            await self._tools.pace.turn()
            job_id = self.queue.take()
            if job_id is None:
                permit.close()
            else:
                self._tools.tasks.spawn(f"preparing {job_id}", self.submitter.submit(job_id, permit))

    def _running(self, job: Job) -> None:
        submitted = job.submitted_at or job.created_at
        self._tools.scheduler.watch(job.id, group=group_of(job), submitted_at=submitted)
        if self._clock.now() - submitted > HARD_DEADLINE:
            self._tools.scheduler.slow_down(job.id, every=LATE_INTERVAL / 1000)
            self.queue.leave(job.id)
        if job.id in self._early:
            self._early.remove(job.id)
            self._tools.scheduler.poke(job.id)

    async def _deliver(self, job_id: str, at_hand: list[Found]) -> None:
        await self.deliverer.deliver(job_id, at_hand.pop() if at_hand else None)

    def _finished(self, job_id: str, found: Found | None) -> None:
        name = f"delivering {job_id}"
        deliver = partial(self._deliver, job_id, [] if found is None else [found])
        self._tools.tasks.spawn(name, stubbornly(name, deliver, clock=self._clock))

    async def _glance(self) -> None:
        """Correct cards whose estimate is off by more than a quarter, and call late jobs late."""
        while True:
            await self._clock.sleep(GLANCE)
            for job in await self._tools.database.read(jobs.all_open):
                if self.forecast.is_off(job, self.projector.shown(job.id)):
                    self.projector.refresh(job.id)
                    await self._clock.sleep(BETWEEN_CORRECTIONS)
                await asyncio.sleep(0)


def _unfinished(tx: Tx, *, at: int) -> tuple[list[Job], list[Job]]:
    jobs.wipe_tokens(tx, at=at)
    return jobs.all_open(tx), jobs.to_close(tx, since=at - HOUR)
