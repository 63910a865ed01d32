"""What a member chose once, put in the place of what they leave out; what a model does not take stays out."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from domain.fitting import fitted
from domain.job import Kind
from domain.model_order import related
from domain.options import Options
from domain.preferences import PREFERRED, Preferences
from domain.styles import Style
from jobs.choices.models import Models
from storage import preferences
from storage.database import Database
from storage.tx import Tx


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
        style: Style | None = None,
    ) -> Filled:
        """Put what a style says, then what a member prefers, in the place of what they left out.

        That is a model, and options of these names.
        """
        return self.filled(await self.of(member_id), kind, options, model=model, names=names, style=style)

    def filled(
        self,
        chosen: Preferences,
        kind: Kind,
        options: Options,
        *,
        model: str | None = None,
        names: Collection[str] = PREFERRED,
        style: Style | None = None,
    ) -> Filled:
        """Do what ``fill`` does, with preferences that are known."""
        filled = self._filled(self._with_style(chosen, kind, style), kind, options, model=model, names=names)
        said = {} if style is None else {"size": style.size, "quality": style.quality}
        # Its member did not choose what a style says, and is not told that a model does not take it.
        return replace(
            filled, left_out=tuple(each for each in filled.left_out if said.get(each[0]) != each[1])
        )

    def _with_style(self, chosen: Preferences, kind: Kind, style: Style | None) -> Preferences:
        if style is None:
            return chosen
        model = None if style.model is None else related(style.model, self._models.offered(kind))
        if model is not None:
            chosen = replace(chosen, **{f"{kind}_model": model})
        return replace(chosen, size=style.size or chosen.size, quality=style.quality or chosen.quality)

    def _filled(
        self,
        chosen: Preferences,
        kind: Kind,
        options: Options,
        *,
        model: str | None,
        names: Collection[str],
    ) -> Filled:
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
