"""What a form asks for if nothing is chosen in it, what may be chosen, and what it costs."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from cogs.services import Services
from domain.fitting import fitted
from domain.job import Kind
from domain.options import Options
from domain.preferences import PREFERRED
from domain.styles import Applied, Style
from domain.views import ListPrice
from jobs.choices.models import Models
from jobs.choices.preferring import Filled
from ui.option_menu import Group, chosen_options, with_chosen

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is asked for unless something is chosen; ``cost`` is that of all images, thousandths.

    ``styles`` are those of the server that can be used, used last first; ``style`` is the one that was
    chosen; ``words`` are what no prompt there may have. ``prices`` are of an image in those styles, by name,
    that change the price, and without one (``None``) if that does.
    """

    filled: Filled
    groups: tuple[Group, ...]
    cost: int
    styles: tuple[Style, ...] = ()
    style: Style | None = None
    words: tuple[str, ...] = ()
    prices: Mapping[str | None, ListPrice] = field(default_factory=dict[str | None, ListPrice])

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What a form begins with, before a style and its member's preferences."""

    options: Options
    model: str | None = None


def afresh(_: Style | None) -> Begun:
    """Begin a form with nothing, whatever the style."""
    return Begun(options=Options())


async def offer_for(
    services: Services,
    member_id: int,
    kind: Kind,
    begun: Callable[[Style | None], Begun],
    *,
    guild_id: int,
    names: Collection[str] = PREFERRED,
    style: Style | None = None,
) -> Offer:
    """Describe what a member may ask for in a form, and in a style, that begins so in that style."""
    chosen = await services.preferring.of(member_id)
    styles = tuple(await services.styles.usable(guild_id))
    words = (await services.servers.settings(guild_id)).words

    def filled(look: Style | None) -> Filled:
        given = begun(look)
        return services.preferring.filled(
            chosen, kind, given.options, model=given.model, names=names, style=look
        )

    offer = offer_of(services.models, filled(style))
    others = {each and each.name: filled(each) for each in (None, *styles)}
    prices = other_prices(services.models, offer.filled, others)
    return replace(offer, styles=styles, style=style, words=words, prices=prices)


def other_prices(models: Models, usual: Filled, others: Mapping[Key, Filled]) -> dict[Key, ListPrice]:
    """Return what an image costs in those cases in which that is not what it costs usually."""
    known = _price(models, usual)
    found = {key: _price(models, each) for key, each in others.items()}
    return {key: price for key, price in found.items() if price and known and price.cost != known.cost}


def _price(models: Models, filled: Filled) -> ListPrice | None:
    model = filled.costs_as
    if model is None:
        return None
    return models.list_price(model, fitted(filled.options, models.takes(model), freely=True).options)


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
