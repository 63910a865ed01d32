"""Which models are on offer, what they cost and what they take.

The models are a setting; the catalogue is asked at start, now and then, and when a model is gone. Until it
could be read, the setting and the built-in descriptions count. A model that has ended (``ModelHealth``) is
not on offer, but tried again now and then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from domain.clock import Clock
from domain.errors import Reason, Refusal
from domain.fitting import Fitted, fitted
from domain.job import Job, Kind, Origin
from domain.limits import DAY, MAX_COUNT
from domain.model_order import ModelOrder, end_by, related
from domain.options import Options, Takes, taking
from domain.views import ListPrice, Prices, Successor, prices_of
from jobs.choices.known_models import KnownModels, fingerprint
from jobs.choices.model_health import ModelHealth
from jobs.choices.unlisted import Unlisted
from jobs.delivery.ports import Operator
from pixeldojo.bodies import build_body
from pixeldojo.builtin import builtin_cost
from pixeldojo.client import PixelDojo
from pixeldojo.costs import cost_of
from pixeldojo.errors import OptionError, UnknownOption
from pixeldojo.parameters import MASK, PROMPT, SOURCES, Parameter
from pixeldojo.wire import Json
from scheduling.scheduler import Permit

FRESH_FOR, RETRY = 6 * 3600.0, 120.0
"""Seconds until the catalogue is asked again, after it was had and after it was not."""
A_MOMENT = 1.0
"""Seconds: of the three that Discord gives for an answer enough are left."""
FALLBACK_COST = 5_000
"""Thousandths of a credit that are reserved for an image of a model nobody knows a price of."""
WARN_BEFORE = 14 * DAY
"""Milliseconds before a model's known end from which the operator is told at every start."""
PRICED_BY = ("size", "quality", "resolution")
"""Options on which the catalogue lets a price depend."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The model of a new job, its options in that model's words, and what to reserve for it (thousandths).

    ``tries``: the model has ended, and this job shall show whether it is back.
    """

    model: str
    options: Options
    reserve: int
    tries: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a job asks for: ``sources`` is how many it has, ``freely`` as ``fitted`` says."""

    prompt: str = field(repr=False)
    options: Options
    sources: int
    mask: bool = False
    freely: bool = False


class Models:
    """The models of the settings, as far as the provider still lists them."""

    def __init__(
        self,
        *,
        client: PixelDojo,
        edit_models: ModelOrder,
        generate_models: ModelOrder,
        permit: Callable[[], Awaitable[Permit]],
        health: ModelHealth,
        operator: Operator,
        clock: Clock,
    ) -> None:
        self._known = KnownModels(client=client, permit=permit, operator=operator)
        self._unlisted = Unlisted(operator=operator)
        self._orders = {Kind.EDIT: edit_models, Kind.GENERATE: generate_models}
        self.health = health
        self._clock = clock
        self._refreshing = asyncio.Lock()
        self._asked = asyncio.Event()
        self._looked_again: dict[str, float] = {}

    async def keep_fresh(self) -> None:
        """Ask the catalogue now and every few hours, sooner while it cannot be had or offers nothing."""
        while True:
            found = await self.refresh() and all(map(self._listed, self._orders))
            self._asked.set()
            await self._clock.sleep(FRESH_FOR if found else RETRY)

    async def settle(self) -> None:
        """Wait a moment for the catalogue, which is asked for at the start, before a price is shown."""
        with suppress(TimeoutError):
            async with asyncio.timeout(A_MOMENT):
                await self._asked.wait()

    async def refresh(self) -> bool:
        """Ask the catalogue and the schemas of our models; ``False`` if it could not be had."""
        async with self._refreshing:
            before = self._known.listed
            named = {model for order in self._orders.values() for model in order.names}
            listed = await self._known.read(named)
            if listed is None:
                return False
            await self.health.looked_at({entry.api_id: fingerprint(entry) for entry in listed.models})
            if any(order.all_others for order in self._orders.values()):
                await self._known.read_others(named, before)
            await self._unlisted.look(self._orders, listed, usable=self._listed)
            return True

    async def look_again(self, model: str) -> None:
        """Ask what a model takes, after a request that it should have taken was refused; seldom."""
        now = self._clock.monotonic()
        if now - self._looked_again.get(model, -RETRY) < RETRY:
            return
        self._looked_again[model] = now
        async with self._refreshing:
            await self._known.read_again(model)

    def offered(self, kind: Kind) -> tuple[str, ...]:
        """Return the models that the provider lists and that have not ended, in order of preference."""
        return tuple(model for model in self._listed(kind) if not self.health.is_gone(model))

    def _listed(self, kind: Kind) -> list[str]:
        listed, order = self._known.listed, self._orders[kind]
        names = list(order.at(self._clock.now()))
        if order.all_others and listed is not None:
            others = [entry.api_id for entry in listed.models if entry.api_id not in names]
            fitting = tuple(model for model in others if self._fits(kind, model))
            names += ModelOrder(names=fitting).at(self._clock.now())
        return [
            model
            for model in names
            if (listed is None or listed.find(model)) and self._known.is_usable(model)
        ]

    def _fits(self, kind: Kind, model: str) -> bool:
        """Tell whether a model's schema was read and asks for just what a job of this kind has."""
        return self._known.is_read(model) and self._known.takes(model).edits is (kind is Kind.EDIT)

    def choose(self, kind: Kind, wanted: str | None, asked: Asked) -> Choice:
        """Return the model that a member wants, or the default, and what its job will cost.

        Without a wish, a job that another model can take over may try one again that had ended.

        Raises
        ------
        Refusal
            The model is not on offer, or none is, or it does not take what is asked for.
        """
        offered = self.offered(kind)
        if wanted is None and (choice := self._trial(kind, offered, asked)) is not None:
            return choice
        if not offered:
            raise Refusal(Reason.NO_MODELS)
        if (model := wanted or offered[0]) not in offered:
            raise Refusal(Reason.NO_MODEL, model=model)
        options = self.check(model, asked)
        return Choice(model, options, self.cost(model, options) * options.images)

    def _trial(self, kind: Kind, offered: tuple[str, ...], asked: Asked) -> Choice | None:
        for model in self._listed(kind):
            if model in offered[:1]:
                # Only what would be the default is worth somebody's wait.
                return None
            found = [self._fitted(each, asked) for each in (model, *offered[:1])]
            may = self.health.may_be_tried(model, last=not offered)
            if not may or any(each is None or each.lacking for each in found):
                continue
            # Enough for whichever of them makes the images: then the job goes on by itself.
            options = [each.options for each in found if each is not None]
            pairs = zip((model, *offered[:1]), options, strict=True)
            cost = max(self.cost(each, chosen) for each, chosen in pairs)
            return Choice(model, options[0], cost * options[0].images, tries=True)
        return None

    def successor(self, job: Job, *, sources: int, mask: bool) -> Successor | None:
        """Return a model on offer that can take over a job: one that lacks nothing, if there is one."""
        found: list[Successor] = []
        asked = Asked(prompt=job.prompt, options=job.options, sources=sources, mask=mask, freely=True)
        for model in self.offered(job.kind):
            fits = self._fitted(model, asked)
            if model != job.model and fits is not None:
                cost = self.cost(model, fits.options) * fits.options.images
                found.append(Successor(model=model, cost=cost, options=fits.options, lacking=fits.lacking))
        return min(found, key=lambda each: len(each.lacking), default=None)

    def _fitted(self, model: str, asked: Asked) -> Fitted | None:
        """Return what a model takes of the chosen options; ``None`` if it cannot do the rest."""
        try:
            self._check_given(model, asked)
        except Refusal:
            return None
        return fitted(asked.options, self.takes(model), freely=asked.freely)

    def takes(self, model: str) -> Mapping[str, Takes]:
        """Return what a model takes, by option."""
        return {name: _takes(each) for name, each in self._known.takes(model).options.items()}

    def left_out(self, job: Job, before: Options) -> tuple[tuple[str, str | int], ...]:
        """Return what was chosen for the job that this one came from and its model does not take."""
        if job.origin is Origin.EDIT_RESULT:
            # One image is asked for, whatever it was before.
            before = replace(before, count=None)
        lacking, chosen = fitted(before, self.takes(job.model), freely=True).lacking, job.options.chosen()
        return tuple((name, before.chosen()[name]) for name in lacking if name not in chosen)

    def entry(self, model: str) -> str | None:
        """Return what the catalogue says of a model, in short; ``None`` if it was not read yet."""
        entry = self._known.find(model)
        return None if self._known.listed is None else "" if entry is None else fingerprint(entry)

    def configured(self) -> list[tuple[str, Kind]]:
        """Return the models that may be offered, and what each is for."""
        return [(name, kind) for kind in self._orders for name in self._listed(kind)]

    def ending(self) -> list[str]:
        """Return the models of the settings whose known end is near or past."""
        return end_by((name for name, _ in self.configured()), at=self._clock.now() + WARN_BEFORE)

    def cost(self, model: str, options: Options) -> int:
        """Return what an image is expected to cost (thousandths): the higher of listed and usual of late."""
        if (listed := self.listed_cost(model, options)) is None:
            listed = builtin_cost(model) or FALLBACK_COST
        return max(listed, self.health.cost(model, options) or 0)

    def list_price(self, model: str, options: Options) -> ListPrice:
        """Return what an image costs with options as the model has them, and whether anybody has said so."""
        said = (self.listed_cost(model, options), self.health.cost(model, options))
        return ListPrice(model=model, cost=self.cost(model, options), known=said != (None, None))

    def price(self, kind: Kind, wanted: str | None, options: Options) -> int | None:
        """Return what a request would reserve now (thousandths); ``None`` if no model is on offer."""
        if (model := wanted or next(iter(self.offered(kind)), None)) is None:
            return None
        options = fitted(options, self.takes(model), freely=True).options
        return self.cost(model, options) * options.images

    def prices(self, job: Job) -> Prices:
        """Return what asking for a job again, and for an edit of one of its results, would reserve now."""
        known = prices_of(job)
        again = self.price(job.kind, self.again(job), job.options)
        edit = self.price(Kind.EDIT, self.onward(job), replace(job.options, count=None))
        return Prices(
            again=known.again if again is None else again, edit=known.edit if edit is None else edit
        )

    def again(self, job: Job) -> str | None:
        """Return the model for doing a job again: its own while it is on offer, else the default."""
        return job.model if job.model in self.offered(job.kind) else None

    def onward(self, job: Job) -> str | None:
        """Return the model for an edit of a job's result: its own, or its family's, else the default."""
        return related(job.model, self.offered(Kind.EDIT))

    def listed_cost(self, model: str, options: Options) -> int | None:
        """Return what an image costs (thousandths) by the list or else the page; ``None`` before any list."""
        if (entry := self._known.find(model)) is None:
            return None if self._known.listed is None else builtin_cost(model)
        told = cost_of(entry.costs, self._priced_by(model, options)), entry.credit_cost, builtin_cost(model)
        return next((cost for cost in told if cost is not None), None)

    def _priced_by(self, model: str, options: Options) -> list[str]:
        takes, chosen = self._known.takes(model).by_role, options.chosen()
        found = (chosen.get(role) or (takes[role].default if role in takes else None) for role in PRICED_BY)
        return [str(value) for value in found if value is not None]

    def defaults(self, model: str) -> Mapping[str, str]:
        """Return what a model makes of options that are left out, by option, as far as it says so."""
        found = ((name, each.default) for name, each in self.takes(model).items())
        return {name: str(default) for name, default in found if default is not None}

    def check(self, model: str, asked: Asked) -> Options:
        """Return the chosen options in the model's words; refuse what it does not take before money moves.

        Raises
        ------
        Refusal
            ``OPTION_UNSUPPORTED``, ``VALUE_NOT_TAKEN``, ``PROMPT_TOO_LONG``, ``SOURCES_BEYOND``.
        """
        self._check_given(model, asked)
        takes = self.takes(model)
        found = fitted(asked.options, takes, freely=asked.freely)
        for name in () if asked.freely else found.lacking:
            if name not in takes:
                raise Refusal(Reason.OPTION_UNSUPPORTED, model=model, option=name)
            value, allowed = asked.options.chosen()[name], ", ".join(map(str, takes[name].choices))
            raise Refusal(Reason.VALUE_NOT_TAKEN, model=model, option=name, value=value, allowed=allowed)
        return found.options

    def _check_given(self, model: str, asked: Asked) -> None:
        takes = self._known.takes(model)
        if asked.mask and MASK not in takes.by_role:
            raise Refusal(Reason.OPTION_UNSUPPORTED, model=model, option=MASK)
        prompt, length = takes.by_role[PROMPT], len(asked.prompt)
        if not prompt.measures(max(length, prompt.least or 0)):
            raise Refusal(Reason.PROMPT_TOO_LONG, length=length, limit=prompt.most or length)
        sources = takes.by_role.get(SOURCES, NO_SOURCES)
        if not sources.measures(asked.sources) and (asked.sources or takes.needs_sources):
            raise Refusal(Reason.SOURCES_BEYOND, model=model, number=asked.sources, allowed=_span(sources))

    def body(
        self, job: Job, sources: tuple[str, ...], *, mask: str | None, webhook_url: str | None
    ) -> dict[str, Json]:
        """Build the body of a job's request: prompt, sources in order, mask, the options that were chosen.

        Raises
        ------
        Refusal
            The model no longer takes this job.
        """
        try:
            return build_body(
                prompt=job.prompt,
                sources=sources,
                options=job.options.chosen(),
                takes=self._known.takes(job.model),
                mask=mask,
                webhook_url=webhook_url,
            )
        except UnknownOption as error:
            raise Refusal(Reason.OPTION_UNSUPPORTED, model=job.model, option=error.name) from error
        except OptionError as error:
            raise Refusal(Reason.BAD_INPUT) from error


NO_SOURCES = Parameter(name="", least=0, most=0)
"""What a model that generates takes of sources."""


def _takes(found: Parameter) -> Takes:
    choices = range(1, MAX_COUNT + 1) if found.choices is None else found.choices
    return taking(filter(found.accepts, choices), default=found.default)


def _span(sources: Parameter) -> str:
    """Say how many sources a model takes: ``one image``, ``2 to 5 images``."""
    least, most = sources.least or 0, sources.most
    if most is None:
        return f"{least} images or more"
    return f"{least} to {most} images" if least < most else "one image" if most == 1 else f"{most} images"
