"""What a member chose once, put in the place of what they leave out; what a model does not take stays out."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from domain.fitting import fitted
from domain.job import Kind
from domain.options import Options
from domain.preferences import PREFERRED, Preferences
from jobs.models import Models
from storage import preferences
from storage.database import Database, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What is asked for in the end: ``left_out`` is what is preferred and cannot be had (``Job``).

    ``model`` is ``None`` where nobody chose one: the first on offer, as ``costs_as`` says if there is any.
    """

    options: Options
    model: str | None = None
    costs_as: str | None = None
    left_out: tuple[tuple[str, str | int], ...] = ()


class Preferring:
    """The preferences of members."""

    def __init__(self, *, database: Database, models: Models) -> None:
        self._database = database
        self._models = models

    async def of(self, member_id: int) -> Preferences:
        """Return what a member chose."""
        return await self._database.read(preferences.of, member_id)

    async def change(self, member_id: int, change: Callable[[Preferences], Preferences]) -> Preferences:
        """Change what a member chose and return it as it is then."""
        return await self._database.run(_change, member_id, change)

    async def fill(
        self,
        member_id: int,
        kind: Kind,
        options: Options,
        *,
        model: str | None = None,
        names: Collection[str] = PREFERRED,
    ) -> Filled:
        """Put a member's preferences in the place of what they left out: a model, options of these names."""
        chosen = await self.of(member_id)
        return self.filled(chosen, kind, options, model=model, names=names)

    def filled(
        self,
        chosen: Preferences,
        kind: Kind,
        options: Options,
        *,
        model: str | None = None,
        names: Collection[str] = PREFERRED,
    ) -> Filled:
        """Do what ``fill`` does, with preferences that are known."""
        offered = self._models.offered(kind)
        left_out: dict[str, str | int] = {}
        preferred = chosen.model(kind) if model is None else None
        if preferred is not None and preferred not in offered:
            left_out["model"] = preferred
        elif preferred is not None:
            model = preferred
        costs_as = model or next(iter(offered), None)
        if costs_as is None:
            return Filled(options=options, model=model, left_out=tuple(left_out.items()))
        wanted = Options(**chosen.for_left_out(options, names))
        found = fitted(wanted, self._models.takes(costs_as), freely=True)
        left_out |= {name: wanted.chosen()[name] for name in found.lacking}
        return Filled(
            model=model,
            costs_as=costs_as,
            options=replace(options, **found.options.chosen()),
            left_out=tuple(left_out.items()),
        )


def _change(tx: Tx, member_id: int, change: Callable[[Preferences], Preferences]) -> Preferences:
    changed = change(preferences.of(tx, member_id))
    preferences.save(tx, member_id, changed)
    return changed
