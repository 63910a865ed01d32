"""What a form asks for if nothing is chosen in it, what may be chosen, and what it costs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cogs.services import Services
from domain.fitting import fitted
from domain.job import Kind
from domain.options import Options
from domain.preferences import PREFERRED
from domain.styles import Applied, Style
from jobs.choices.models import Models
from jobs.choices.preferring import Filled
from ui.option_menu import Group, chosen_options, with_chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is asked for unless something is chosen; ``cost`` is that of all images, thousandths.

    ``styles`` are those of the server, used last first; ``style`` is the one that was chosen.
    """

    filled: Filled
    groups: tuple[Group, ...]
    cost: int
    styles: tuple[Style, ...] = ()
    style: Style | None = None

    def worded(self, text: str) -> tuple[str, Applied | None]:
        """Return the finished prompt for what was written, and the style in it."""
        return (text, None) if self.style is None else self.style.applied(text)

    def taken(self, values: Sequence[str]) -> Filled:
        """Return what is asked for with these entries of the menu.

        Raises
        ------
        Refusal
            Two of the same option.
        """
        chosen = chosen_options(values, self.groups)
        return replace(
            self.filled,
            options=with_chosen(self.filled.options, chosen),
            left_out=tuple(each for each in self.filled.left_out if each[0] not in chosen),
        )


async def offer_for(
    services: Services,
    member_id: int,
    kind: Kind,
    options: Options,
    *,
    guild_id: int,
    model: str | None = None,
    names: Collection[str] = PREFERRED,
    style: Style | None = None,
) -> Offer:
    """Describe what a member may ask for in a form that begins with these options, and in a style."""
    filled = await services.preferring.fill(member_id, kind, options, model=model, names=names, style=style)
    styles = tuple(await services.styles.of(guild_id))
    return replace(offer_of(services.models, filled), styles=styles, style=style)


def offer_of(models: Models, filled: Filled) -> Offer:
    """Describe what may be chosen beside what is filled in."""
    model = filled.costs_as
    if model is None:
        return Offer(filled=filled, groups=(), cost=0)
    cost = _cost(models, model, filled.options)
    groups = [_group(models, model, name, filled.options, cost) for name in PREFERRED]
    return Offer(filled=filled, groups=tuple(group for group in groups if group.values), cost=cost)


def values_of(models: Models, model: str, option: str) -> tuple[str | int, ...]:
    """Return what a model takes for an option; empty if it has no such option."""
    takes = models.takes(model).get(option)
    return () if takes is None else takes.choices


def default_of(models: Models, model: str, option: str) -> str | int | None:
    """Return what a model does where an option is left out, if it says so."""
    takes = models.takes(model).get(option)
    return None if takes is None else takes.default


def _group(models: Models, model: str, name: str, options: Options, cost: int) -> Group:
    values = values_of(models, model, name)
    prices: Mapping[str | int, int] = {
        value: _cost(models, model, with_chosen(options, {name: value})) for value in values
    }
    chosen: dict[str, Any] = options.chosen()
    return Group(
        name=name,
        values=values,
        default=chosen.get(name, default_of(models, model, name)),
        prices={value: price for value, price in prices.items() if price != cost},
    )


def _cost(models: Models, model: str, options: Options) -> int:
    taken = fitted(options, models.takes(model), freely=True).options
    return models.cost(model, taken) * taken.images
