"""Which models have ended, as their jobs show it: remembered in rows, so that it survives a restart."""

from collections.abc import Callable, Mapping
from typing import Concatenate, ParamSpec, TypeVar

from domain.clock import Clock
from domain.errors import Reason
from domain.job import Job
from domain.limits import DAY, HOUR, MINUTE
from domain.options import Options
from storage import learned
from storage.database import Database
from storage.learned import Learned, priced_by
from storage.tx import Tx

P = ParamSpec("P")
T = TypeVar("T")

TRY_AGAIN = 6 * HOUR
"""Milliseconds after which a model that has ended may be tried by another job."""
TRY_LAST_AGAIN = 10 * MINUTE
"""The same while no other model is left: nothing is lost by trying, and everything by a mistake."""
SUSPICION = HOUR
"""Milliseconds within which two failures that nobody explained make a model suspect."""
GONE = "gone"
"""That a model has ended, among what the operator is told of it."""
UNEXPLAINED = frozenset({Reason.PROVIDER_TROUBLE, Reason.NO_IMAGES})


class ModelHealth:
    """What was learned of models: rows, and what they said when they were last read."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: Mapping[str, Learned] = {}

    async def load(self) -> None:
        """Read what was learned so far."""
        self._known = await self._database.run(learned.every)

    def is_gone(self, model: str) -> bool:
        """Tell whether a model is taken for ended: it is not offered until it made images again."""
        return self._of(model).gone_since is not None

    def may_be_tried(self, model: str, *, last: bool) -> bool:
        """Tell whether a model that has ended may be tried again by now; ``last``: no other is left."""
        wait = TRY_LAST_AGAIN if last else TRY_AGAIN
        return self.is_gone(model) and self._clock.now() >= self._of(model).tried_at + wait

    def is_tried_by(self, job: Job) -> bool:
        """Tell whether this is the job that tries its model again."""
        return self._of(job.model).tried_by == job.id

    def is_untold(self, model: str) -> bool:
        """Tell whether a model has ended and the operator does not know."""
        known = self._of(model)
        return known.gone_since is not None and known.told.get(GONE, -1) < known.gone_since // DAY

    def failed(self, model: str) -> int:
        """Return how many jobs failed since a model has ended."""
        return self._of(model).failed

    async def changed(self, job: Job) -> None:
        """Take note that what was learned of a job's model may have changed with the job."""
        known = self._of(job.model)
        if known.gone_since is not None or known.trouble is not None:
            await self.load()

    async def looked_at(self, entries: Mapping[str, str]) -> None:
        """Compare the catalogue's entries, by model: an ended one whose entry changed may be tried now."""
        changed = [
            known
            for name, known in self._known.items()
            if known.gone_since is not None and known.entry != entries.get(name, "")
        ]
        if changed:
            await self._alter(_note_entries, {known.model: entries.get(known.model, "") for known in changed})

    async def is_suspect(self, job: Job, reason: Reason) -> bool:
        """Note how a job failed; tell whether that makes its model suspect."""
        if reason not in UNEXPLAINED:
            return False
        return await self._alter(
            learned.troubled, job.model, kind=reason, at=self._clock.now(), within=SUSPICION
        )

    def cost(self, model: str, options: Options) -> int | None:
        """Return what an image costs of late with these options (thousandths), if that was learned."""
        return learned.usual(self._of(model).costs.get(priced_by(options), ()))

    async def heard_cost(self, job: Job) -> int | None:
        """Return what the operator was last told that an image like this job's costs (thousandths), if so."""
        await self.load()
        return self._of(job.model).told_costs.get(priced_by(job.options))

    async def told_cost(self, job: Job, cost: int) -> None:
        """Note which figure the operator knows."""
        await self._alter(learned.told_cost, job.model, job.options, each=cost)

    async def first_today(self, model: str, subject: str) -> bool:
        """Note that the operator is told something of a model; ``False`` if that was done today (UTC)."""
        day = self._clock.now() // DAY
        return await self._alter(learned.first_today, model, subject=subject, day=day)

    async def untold(self, model: str, subject: str) -> None:
        """Note that the operator could not be told after all: the next occasion, or start, tries again."""
        await self._alter(learned.untold, model, subject=subject)

    async def _alter(self, fn: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        result = await self._database.run(fn, *args, **kwargs)
        await self.load()
        return result

    def _of(self, model: str) -> Learned:
        return self._known.get(model) or Learned(model=model)


def _note_entries(tx: Tx, entries: Mapping[str, str]) -> None:
    for model, entry in entries.items():
        learned.note_entry(tx, model, entry=entry)
