"""The engine: begins the life of every open job, and stops without losing anything."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from domain.clock import Clock
from domain.images import Image
from domain.job import Job, Status
from domain.limits import HOUR
from jobs import transitions
from jobs.asking.reconcile import Reconciler
from jobs.choices.models import Models
from jobs.delivery.cards import ENDED_BADLY, FINAL, Cards, Found
from jobs.intakes import Intakes
from jobs.life import Life
from jobs.queue.forecast import Forecast
from jobs.queue.slots import Slots
from jobs.tasks import Tasks, stubbornly
from scheduling.scheduler import Call, Scheduler
from scheduling.spacing import Spacing
from storage import job_rows
from storage.database import Database
from storage.errors import StorageError
from storage.tx import Tx

log = logging.getLogger(__name__)

SHUTDOWN = 95.0
"""Seconds that a POST under way may take when the bot stops: its own time limit and a little."""
ANSWERED = 15_000
"""Milliseconds after which no first answer to a member is on its way any more: Discord takes none after three
seconds, but what it has taken may be slow to show."""
GLANCE = 5.0
"""Seconds between looks at whether cards say something that is no longer so."""
BETWEEN_CORRECTIONS = 0.1
"""Seconds from one such card to the next: a thousand that wait must not hold up a first answer."""


class Engine:
    """Runs what goes on for ever, and a life for each job.

    Parameters
    ----------
    settling
        Milliseconds for which the first answer to a member may still be on its way, from another process.
    loops
        The workers' own, by name.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        tasks: Tasks,
        scheduler: Scheduler,
        spacing: Spacing,
        slots: Slots,
        intakes: Intakes,
        forecast: Forecast,
        cards: Cards,
        models: Models,
        reconciler: Reconciler,
        life: Life,
        settling: int,
        loops: Mapping[str, Callable[[], Awaitable[None]]],
    ) -> None:
        self._database = database
        self._clock = clock
        self._tasks = tasks
        self._scheduler = scheduler
        self._spacing = spacing
        self._slots = slots
        self._intakes = intakes
        self._forecast = forecast
        self._cards = cards
        self._models = models
        self._reconciler = reconciler
        self._life = life
        self._settling = settling
        self._loops = {"the dispatcher": self._dispatch, "the glance at cards": self._glance, **loops}
        self.open = False

    async def start(self) -> None:
        """Take up every job that is not at an end, and begin to work."""
        await self._models.health.load()
        taken_up, to_close = await self._database.run(_unfinished, at=self._clock.now())
        for job in taken_up:
            if job.status is Status.RUNNING:
                # Before the first turn is handed out.
                self._slots.resume(job, at=self._clock.now())
        for job in (*taken_up, *to_close):
            if (wait := self._until_answered(job)) > 0:
                self._tasks.spawn(f"the answer for {job.id}", self._go_on_after(wait, job))
            else:
                self._go_on(job)
        if taken_up:
            log.info("%d open jobs are taken up again.", len(taken_up))
        self.open = True
        for name, work in self._loops.items():
            self._tasks.spawn(name, stubbornly(name, work, clock=self._clock))

    async def close(self) -> None:
        """Stop accepting; finish what is between sent and stored; leave the rest to the next start."""
        self.open = False
        await self._tasks.close(patience=SHUTDOWN)

    async def answered(self, job: Job, *, message_id: int) -> Job:
        """Note where the first answer put a job's card, and return the job with it.

        Where that cannot be stored, the card is found by its token later.
        """
        self._spacing.give_way()
        try:
            await self._database.run(
                job_rows.place_card,
                job.id,
                channel_id=job.channel_id,
                message_id=message_id,
                by_new_message=False,
            )
        except StorageError as error:
            log.warning("%r: where its card is could not be noted: %s", job, error)
        return replace(job, card=replace(job.card, channel_id=job.channel_id, message_id=message_id))

    def withdrawn(self, job: Job) -> None:
        """Take note that a queued job was cancelled: its sources are not looked at any longer."""
        self._intakes.call_off(job.id)
        self._slots.withdraw(job.id)
        self._cards.refresh(job.id)

    def take_up(self, job: Job, sources: Sequence[Image] | None = None) -> None:
        """Begin the life of a job whose card is on its way; ``sources`` if they are at hand."""
        found: Found | None = None if sources is None else (job, list(sources))
        self._tasks.spawn(f"life of {job.id}", self._life.run(job.id, found))

    def _until_answered(self, job: Job) -> float:
        """Return for how many seconds the first answer for a job may still be on its way."""
        if job.card.message_id is not None or job.card.token is None:
            return 0
        return min(self._settling, self._settling - (self._clock.now() - job.created_at)) / 1000

    async def _go_on_after(self, wait: float, job: Job) -> None:
        # A card that is not there yet would be posted a second time, whoever has something to show.
        async with self._cards.exclusive(job.id):
            await self._clock.sleep(wait)
        self._go_on(job)

    def _go_on(self, job: Job) -> None:
        """Go on with a job that an earlier run left; what its card says may be older than its row."""
        if job.status in FINAL:
            self._cards.refresh(job.id)
        if job.status not in ENDED_BADLY:
            self.take_up(job)

    async def poke(self, secret: str, provider_job_id: str | None) -> bool:
        """Take note of a webhook: at most one question follows. ``False`` if the secret is nobody's."""
        job = await self._database.run(transitions.claim, secret, provider_job_id)
        if job is None:
            return False
        if job.status is Status.RUNNING:
            self._scheduler.poke(job.id)
        elif job.status is Status.UNKNOWN:
            self._reconciler.hear(job)
        return True

    async def _dispatch(self) -> None:
        while True:
            await self._slots.wait()
            # The permit first: whose turn it is shows only when a request may leave.
            permit = await self._scheduler.permit(Call.SUBMIT)
            try:
                await self._spacing.wait()
                self._slots.serve(permit)
            except BaseException:
                permit.close()
                raise

    async def _glance(self) -> None:
        """Correct cards whose estimate is off by more than a quarter, and call late jobs late."""
        while True:
            await self._clock.sleep(GLANCE)
            seen = await self._database.read(job_rows.all_open)
            for job in self._forecast.no_longer_so(seen, self._cards.shown):
                self._cards.refresh(job.id)
                await self._clock.sleep(BETWEEN_CORRECTIONS)


def _unfinished(tx: Tx, *, at: int) -> tuple[list[Job], list[Job]]:
    job_rows.wipe_tokens(tx, at=at)
    return job_rows.all_open(tx), job_rows.to_close(tx, since=at - HOUR)
