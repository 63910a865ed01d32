"""Which models are on offer, what they cost and what they take.

The models are a setting; the catalogue is asked at start, now and then, and when a model is gone. Until it
could be read, the setting and the built-in descriptions count.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from domain.clock import Clock
from domain.errors import Reason, Refusal
from domain.job import Job, Kind
from domain.options import PROVIDER_NAMES, Options
from pixeldojo.bodies import build_body
from pixeldojo.builtin import BUILTIN_MODELS, builtin_cost, builtin_schema
from pixeldojo.catalogue import Catalogue, ModelDescription
from pixeldojo.client import PixelDojo
from pixeldojo.errors import ModelGone, OptionError, PixelDojoError, UnknownOption
from pixeldojo.schemas import Fields, read_fields, supported_options
from pixeldojo.wire import Json
from scheduling.scheduler import Permit

log = logging.getLogger(__name__)

FRESH_FOR, RETRY = 6 * 3600.0, 120.0
"""Seconds until the catalogue is asked again, after it was had and after it was not."""
FALLBACK_COST = 5_000
"""Thousandths of a credit that are reserved for an image of a model nobody knows a price of."""


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
        edit_models: tuple[str, ...],
        generate_models: tuple[str, ...],
        permit: Callable[[], Awaitable[Permit]],
    ) -> None:
        self._client = client
        self._configured = {Kind.EDIT: edit_models, Kind.GENERATE: generate_models}
        self._permit = permit
        self._builtin = {model: read_fields(builtin_schema(model)) for model in BUILTIN_MODELS}
        self._known = _Known()
        self._refreshing = asyncio.Lock()

    async def keep_fresh(self, clock: Clock) -> None:
        """Ask the catalogue now and every few hours, sooner while it cannot be had."""
        while True:
            await clock.sleep(FRESH_FOR if await self.refresh() else RETRY)

    async def refresh(self) -> bool:
        """Ask the catalogue and the schemas of our models; ``False`` if it could not be had."""
        async with self._refreshing:
            try:
                with await self._permit():
                    listed = await self._client.models()
            except PixelDojoError as error:
                log.warning("The provider's catalogue could not be read: %s.", error)
                return False
            ours = [model for models in self._configured.values() for model in models if listed.find(model)]
            self._known = _Known(listed, {model: await self._read(model) for model in ours})
            return True

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
        """Return the models of the settings that the provider lists, in order of preference."""
        listed = self._known.listed
        return tuple(model for model in self._configured[kind] if listed is None or listed.find(model))

    def choose(self, kind: Kind, wanted: str | None) -> str:
        """Return the model that a member wants, or the default.

        Raises
        ------
        Refusal
            It is not on offer, or none is.
        """
        offered = self.offered(kind)
        if not offered or (wanted is not None and wanted not in offered):
            raise Refusal(Reason.NO_MODEL, model=wanted or self._configured[kind][0])
        return wanted or offered[0]

    def again(self, job: Job) -> str | None:
        """Return the model for doing a job again: its own while it is on offer, else the default."""
        return job.model if job.model in self.offered(job.kind) else None

    def cost(self, model: str) -> int:
        """Return what an image costs, in thousandths of a credit: the catalogue's word is an estimate."""
        entry = None if self._known.listed is None else self._known.listed.find(model)
        if entry is not None and entry.credit_cost is not None:
            return entry.credit_cost
        return builtin_cost(model) or FALLBACK_COST

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
