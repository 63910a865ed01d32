"""When a model ends: its jobs end at no cost, and go on with another model where that is fair."""

import logging

from domain.clock import Clock
from domain.credits import credits_text
from domain.errors import Reason
from domain.images import Role
from domain.job import Job, Kind, Status
from domain.model_order import KNOWN_ENDS
from domain.options import Options
from domain.text import counted
from jobs import giving_over
from jobs.choices.model_health import GONE
from jobs.choices.models import Models
from jobs.choices.unlisted import SETTINGS
from jobs.delivery.cards import Cards, job_with_images
from jobs.delivery.ports import Operator
from jobs.holding import is_beyond_belief
from jobs.tasks import Tasks
from storage.database import Database
from storage.learned import priced_by

log = logging.getLogger(__name__)


class FollowUp:
    """Ends jobs whose model has ended; whoever lives such a job goes on with the one in its place."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        models: Models,
        operator: Operator,
        cards: Cards,
        tasks: Tasks,
    ) -> None:
        self._database = database
        self._clock = clock
        self._models = models
        self._operator = operator
        self._cards = cards
        self._tasks = tasks

    async def end(self, job: Job, *, expect: Status, seen: bool = True) -> None:
        """End a job whose model has ended, at no cost; go on with another model where that may be.

        Parameters
        ----------
        seen
            The job itself has just shown it; otherwise it was known before anything was sent.
        """
        if self._models.entry(job.model) is None:
            # Just started: what another model takes and costs is not known yet.
            await self._models.refresh()
        found = await self._database.run(job_with_images, job.id)
        roles = [] if found is None else [image.role for image in found[1]]
        successor = self._models.successor(job, sources=roles.count(Role.SOURCE), mask=Role.MASK in roles)
        # Nothing may write the old state over the new: the card is the follow-up's in the same moment.
        async with self._cards.exclusive(job.id):
            over = await self._database.run(
                giving_over.give_over,
                job.id,
                expect=expect,
                successor=successor,
                at=self._clock.now(),
                seen=giving_over.Seen(self._models.entry(job.model)) if seen else None,
            )
        if over is not None:
            self._show(over)
        if over is not None and seen:
            await self._note(job)

    def _show(self, over: giving_over.GaveOver) -> None:
        if over.follow_up is None:
            self._cards.refresh(over.ended.id)
            return
        log.info("%r goes on as %r.", over.ended, over.follow_up)
        self._cards.forget(over.ended.id)
        self._cards.refresh(over.follow_up.id)

    async def _note(self, job: Job) -> None:
        """Tell the operator what happened and what is done, and look at the catalogue once more."""
        await self._models.health.load()
        # By itself: storing what became of a submission, which a stop waits for, is over.
        self._tasks.spawn(f"telling of {job.model}", self._tell_and_look(job))

    async def _tell_and_look(self, job: Job) -> None:
        await self._tell_of_death(job.model, job.kind)
        await self._models.refresh()

    async def _tell_of_death(self, model: str, kind: Kind) -> None:
        offered = self._models.offered(kind)
        await self._tell(
            "model_gone" if offered else "last_model_gone",
            model,
            kind,
            subject=GONE,
            failed=counted(self._models.health.failed(model), "job"),
            next=offered[0] if offered else "",
            cost=credits_text(self._models.cost(offered[0], Options())) if offered else "",
        )

    async def look_at(self, job: Job, reason: Reason) -> None:
        """Take note of a failure that may say something of its model."""
        if await self._models.health.is_suspect(job, reason):
            await self._tell("model_suspect", job.model, job.kind)

    async def answered(self, job: Job) -> None:
        """Take note that a job's model has made images."""
        await self._models.health.changed(job)

    async def priced(self, job: Job, cost: int) -> None:
        """Tell the operator where what a job costs (thousandths) is not what the list says, or beyond belief.

        ``job`` is as it was before so much was held for it.
        """
        if is_beyond_belief(job, cost):
            told, expected = credits_text(cost), credits_text(job.held)
            await self._operator.warn(
                "cost_doubted", model=job.model, job=job.id, cost=told, expected=expected
            )
            return
        listed = self._models.listed_cost(job.model, job.options)
        if listed is not None:
            await self._compare(job, cost // job.options.images, listed)

    async def _compare(self, job: Job, each: int, listed: int) -> None:
        """Tell what an image costs where the operator knows another figure: listed, or told last."""
        health = self._models.health
        heard = await health.heard_cost(job)
        known = listed if heard is None else heard
        if each == known:
            return
        options, subject = _priced_options(job), f"model_repriced {priced_by(job.options)}"
        shown = {"cost": credits_text(each), "known": credits_text(known), "options": options}
        if await self._tell("model_repriced", job.model, job.kind, subject=subject, **shown):
            await health.told_cost(job, each)

    async def tell_of_ends(self) -> None:
        """Tell the operator at start which models end soon or should have, and what a crash kept back."""
        for model, kind in self._models.configured():
            if self._models.health.is_untold(model):
                await self._tell_of_death(model, kind)
        ending = sorted(self._models.ending())
        for end in dict.fromkeys(KNOWN_ENDS[model] for model in ending):
            # A model has a name for edits and another for images from nothing.
            models = [model for model in ending if KNOWN_ENDS[model] == end]
            key = "model_ended" if self._clock.now() >= end.at else "model_ends"
            if await self._models.health.first_today(models[0], key):
                values = {"day": f"{end.day.day} {end.day:%B %Y}", "source": end.source}
                await self._operator.warn(key, model=" and ".join(models), **values)

    async def _tell(self, key: str, model: str, kind: Kind, *, subject: str = "", **values: str) -> bool:
        """Tell the operator once a day; ``False`` if that was done, or could not be done."""
        health = self._models.health
        if not await health.first_today(model, subject or key):
            return False
        told = await self._operator.warn(key, model=model, setting=SETTINGS[kind], **values)
        if not told:
            await health.untold(model, subject or key)
        return told


def _priced_options(job: Job) -> str:
    """Say which options a price may be for: `` (size 1024x1536, quality low)``."""
    options = job.options
    found = {"size": options.size, "quality": options.quality, "resolution": options.resolution}
    chosen = ", ".join(f"{name} {value}" for name, value in found.items() if value)
    return f" ({chosen})" if chosen else ""
