"""Which models are on offer, what they cost and what they take.

The models are a setting; the catalogue is asked at start, now and then, and when a model is gone. Until it
could be read, the setting and the built-in descriptions count. A model that has ended (``ModelHealth``) is
not on offer, but tried again now and then.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from domain.clock import Clock
from domain.errors import Reason, Refusal
from domain.job import Job, Kind
from domain.limits import DAY
from domain.model_order import KNOWN_ENDS, ModelOrder
from domain.options import PROVIDER_NAMES, Options
from domain.views import Successor
from jobs.model_health import ModelHealth
from pixeldojo.bodies import build_body
from pixeldojo.builtin import BUILTIN_MODELS, builtin_cost, builtin_schema
from pixeldojo.catalogue import Catalogue, ModelDescription, ModelEntry
from pixeldojo.client import PixelDojo
from pixeldojo.errors import ModelGone, OptionError, PixelDojoError, UnknownOption
from pixeldojo.schemas import Fields, OptionLimits, read_fields, supported_options
from pixeldojo.wire import Json
from scheduling.scheduler import Permit

log = logging.getLogger(__name__)

FRESH_FOR, RETRY = 6 * 3600.0, 120.0
"""Seconds until the catalogue is asked again, after it was had and after it was not."""
FALLBACK_COST = 5_000
"""Thousandths of a credit that are reserved for an image of a model nobody knows a price of."""
WARN_BEFORE = 14 * DAY
"""Milliseconds before a model's known end from which the operator is told at every start."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The model of a new job and what to reserve for it (thousandths).

    ``tries``: the model has ended, and this job shall show whether it is back.
    """

    model: str
    reserve: int
    tries: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    prompt: str = field(repr=False)
    options: Options
    sources: int


@dataclass(frozen=True, slots=True)
class _Known:
    listed: Catalogue | None = None
    fields: Mapping[str, Fields | None] = field(default_factory=dict[str, Fields | None])


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
        clock: Clock,
    ) -> None:
        self._client = client
        self._orders = {Kind.EDIT: edit_models, Kind.GENERATE: generate_models}
        self._permit = permit
        self.health = health
        self._clock = clock
        self._builtin = {model: read_fields(builtin_schema(model)) for model in BUILTIN_MODELS}
        self._known = _Known()
        self._refreshing = asyncio.Lock()

    async def keep_fresh(self) -> None:
        """Ask the catalogue now and every few hours, sooner while it cannot be had."""
        while True:
            await self._clock.sleep(FRESH_FOR if await self.refresh() else RETRY)

    async def refresh(self) -> bool:
        """Ask the catalogue and the schemas of our models; ``False`` if it could not be had."""
        async with self._refreshing:
            try:
                with await self._permit():
                    listed = await self._client.models()
            except PixelDojoError as error:
                log.warning("The provider's catalogue could not be read: %s.", error)
                return False
            named = {model for order in self._orders.values() for model in order.names}
            ours = [entry.api_id for entry in listed.models if entry.api_id in named]
            before = self._known
            read = {model: await self._read(model) for model in ours}
            self._known = _Known(listed, {**before.fields, **read})
            await self.health.looked_at({entry.api_id: _fingerprint(entry) for entry in listed.models})
            if any(order.all_others for order in self._orders.values()):
                await self._read_others(before, [each for each in listed.models if each.api_id not in named])
            return True

    async def _read_others(self, before: _Known, entries: Iterable[ModelEntry]) -> None:
        """Read the schemas of models that no setting names; of one whose entry is as before, only once."""
        for entry in entries:
            if "video" in entry.modality:
                continue
            known = before.fields.get(entry.api_id)
            same = (
                known is not None and before.listed is not None and before.listed.find(entry.api_id) == entry
            )
            fields = known if same else await self._read(entry.api_id)
            self._known = replace(self._known, fields={**self._known.fields, entry.api_id: fields})

    async def _read(self, model: str) -> Fields | None:
        try:
            with await self._permit():
                described: ModelDescription = await self._client.model(model)
        except ModelGone:
            return None
        except PixelDojoError as error:
            log.warning("The description of %s could not be read: %s.", model, error)
            return self._known.fields.get(model)
        return read_fields(described.request_schema)

    def offered(self, kind: Kind) -> tuple[str, ...]:
        """Return the models that the provider lists and that have not ended, in order of preference."""
        return tuple(model for model in self._listed(kind) if not self.health.is_gone(model))

    def _listed(self, kind: Kind) -> list[str]:
        listed, order = self._known.listed, self._orders[kind]
        names = list(order.at(self._clock.now()))
        if order.all_others and listed is not None:
            others = [entry.api_id for entry in listed.models if entry.api_id not in names]
            fitting = tuple(model for model in others if _fits(kind, self._known.fields.get(model)))
            names += ModelOrder(names=fitting).at(self._clock.now())
        return [model for model in names if listed is None or listed.find(model)]

    def choose(
        self, kind: Kind, wanted: str | None, options: Options, *, prompt: str, sources: int
    ) -> Choice:
        """Return the model that a member wants, or the default, and what its job will cost.

        Without a wish, a job that another model can take over may try one again that had ended.

        Raises
        ------
        Refusal
            The model is not on offer, or none is, or it lacks an option that was chosen.
        """
        offered = self.offered(kind)
        asked = _Asked(prompt, options, sources)
        if wanted is None and (choice := self._trial(kind, offered, asked)) is not None:
            return choice
        if not offered or (wanted is not None and wanted not in offered):
            raise Refusal(Reason.NO_MODEL, model=wanted or next(iter(self._listed(kind)), "the model"))
        model = wanted or offered[0]
        self.check(model, options)
        return Choice(model, self.cost(model, options) * options.images)

    def _trial(self, kind: Kind, offered: tuple[str, ...], asked: _Asked) -> Choice | None:
        for model in self._listed(kind):
            if model in offered[:1]:
                # Only what would be the default is worth somebody's wait.
                return None
            may = self.health.may_be_tried(model, last=not offered)
            if not may or any(self._lacking(each, asked) != () for each in (model, *offered[:1])):
                continue
            # Enough for whichever of them makes the images: then the job goes on by itself.
            cost = max(self.cost(each, asked.options) for each in (model, *offered[:1]))
            return Choice(model, cost * asked.options.images, tries=True)
        return None

    def successor(self, job: Job, *, sources: int) -> Successor | None:
        """Return a model on offer that can take over a job: one that lacks nothing, if there is one."""
        found: list[Successor] = []
        for model in self.offered(job.kind):
            lacking = self._lacking(model, _Asked(job.prompt, job.options, sources))
            if model != job.model and lacking is not None:
                options = replace(job.options, **dict.fromkeys(lacking))
                cost = self.cost(model, options) * options.images
                found.append(Successor(model=model, cost=cost, lacking=lacking))
        return min(found, key=lambda each: len(each.lacking), default=None)

    def _lacking(self, model: str, asked: _Asked) -> tuple[str, ...] | None:
        """Return the chosen options that a model does not take; ``None`` if it cannot do the rest."""
        fields = self._fields(model)
        limits = supported_options(fields)
        lacking = [
            name
            for name, value in asked.options.chosen().items()
            if (takes := limits.get(PROVIDER_NAMES[name])) is None or not takes.accepts(value)
        ]
        try:
            build_body(prompt=asked.prompt, image_urls=("",) * asked.sources, options={}, schema=fields)
        except OptionError:
            return None
        return tuple(lacking)

    def entry(self, model: str) -> str | None:
        """Return what the catalogue says of a model, in short; ``None`` if it was not read yet."""
        listed = self._known.listed
        entry = None if listed is None else listed.find(model)
        return None if listed is None else "" if entry is None else _fingerprint(entry)

    def configured(self) -> list[tuple[str, Kind]]:
        """Return the models that may be offered, and what each is for."""
        return [(name, kind) for kind in self._orders for name in self._listed(kind)]

    def ending(self) -> list[str]:
        """Return the models of the settings whose known end is near or past."""
        soon = self._clock.now() + WARN_BEFORE
        names = (name for name, _ in self.configured())
        return [name for name in names if name in KNOWN_ENDS and KNOWN_ENDS[name].at <= soon]

    def cost(self, model: str, options: Options) -> int:
        """Return what an image is expected to cost (thousandths): the higher of listed and last asked for."""
        return max(self.listed_cost(model), self.health.cost(model, options) or 0)

    def again(self, job: Job) -> str | None:
        """Return the model for doing a job again: its own while it is on offer, else the default."""
        return job.model if job.model in self.offered(job.kind) else None

    def listed_cost(self, model: str) -> int:
        """Return what the catalogue says that an image costs, in thousandths of a credit."""
        entry = None if self._known.listed is None else self._known.listed.find(model)
        if entry is not None and entry.credit_cost is not None:
            return entry.credit_cost
        return builtin_cost(model) or FALLBACK_COST

    def takes(self, model: str) -> Mapping[str, OptionLimits]:
        """Return what a model takes, by option in the members' words."""
        limits = supported_options(self._fields(model))
        return {ours: limits[theirs] for ours, theirs in PROVIDER_NAMES.items() if theirs in limits}

    def check(self, model: str, options: Options) -> None:
        """Refuse an option that the model lacks, by name, before money moves.

        Raises
        ------
        Refusal
            ``OPTION_UNSUPPORTED`` or ``OPTION_INVALID``.
        """
        limits = supported_options(self._fields(model))
        for name, value in options.chosen().items():
            if (takes := limits.get(PROVIDER_NAMES[name])) is None:
                raise Refusal(Reason.OPTION_UNSUPPORTED, model=model, option=name)
            if not takes.accepts(value):
                raise Refusal(Reason.OPTION_INVALID, option=name, value=value)

    def body(self, job: Job, image_urls: tuple[str, ...], *, webhook_url: str | None) -> dict[str, Json]:
        """Build the body of a job's request: prompt, sources in order, the options that were chosen.

        Raises
        ------
        Refusal
            The model no longer takes this job.
        """
        try:
            return build_body(
                prompt=job.prompt,
                image_urls=image_urls,
                options=job.options.to_provider(),
                schema=self._fields(job.model),
                webhook_url=webhook_url,
            )
        except UnknownOption as error:
            raise Refusal(Reason.OPTION_UNSUPPORTED, model=job.model, option=_ours(error)) from error
        except OptionError as error:
            raise Refusal(Reason.BAD_INPUT) from error

    def _fields(self, model: str) -> Fields | None:
        return self._known.fields.get(model) or self._builtin.get(model)


def _ours(error: OptionError) -> str:
    return next((ours for ours, theirs in PROVIDER_NAMES.items() if theirs == error.name), error.name)


def _fingerprint(entry: ModelEntry) -> str:
    return hashlib.sha256(repr(entry).encode()).hexdigest()[:16]


def _fits(kind: Kind, fields: Fields | None) -> bool:
    """Tell whether a schema asks for nothing but what a job of this kind has."""
    if fields is None or "prompt" not in fields.limits:
        return False
    given = {"prompt", "image_urls"} if kind is Kind.EDIT else {"prompt"}
    return fields.required <= given and ("image_urls" in fields.limits) is (kind is Kind.EDIT)
