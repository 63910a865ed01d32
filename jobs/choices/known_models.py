"""What the provider says of models: its list, and what each takes by its schema."""

import hashlib
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from jobs.delivery.ports import Operator
from pixeldojo.bodies import UNDESCRIBED
from pixeldojo.builtin import BUILTIN_MODELS, builtin_schema
from pixeldojo.catalogue import Catalogue, ModelEntry
from pixeldojo.client import PixelDojo
from pixeldojo.errors import InvalidKey, ModelGone, PixelDojoError, RateLimited, Unmapped
from pixeldojo.parameters import Parameters, read_parameters
from scheduling.scheduler import Permit

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    """``takes`` is what models take that were read, ``unusable`` the field that nothing fills, by model."""

    listed: Catalogue | None = None
    takes: Mapping[str, Parameters | None] = field(default_factory=dict[str, Parameters | None])
    unusable: Mapping[str, str] = field(default_factory=dict[str, str])


class KnownModels:
    """The catalogue as it was read last; until then the built-in descriptions count."""

    def __init__(
        self, *, client: PixelDojo, permit: Callable[[], Awaitable[Permit]], operator: Operator
    ) -> None:
        self._client = client
        self._permit = permit
        self._operator = operator
        self._told_of_address = False
        self._builtin = {model: read_parameters(builtin_schema(model)) for model in BUILTIN_MODELS}
        self._known = _Known()

    @property
    def listed(self) -> Catalogue | None:
        """The provider's list, if it was read."""
        return self._known.listed

    async def read(self, names: Collection[str]) -> Catalogue | None:
        """Ask for the list and the schemas of these models; ``None`` if it could not be had."""
        try:
            with await self._permit():
                listed = await self._client.models()
        except PixelDojoError as error:
            log.warning("The provider's catalogue could not be read: %s.", error)
            await self._doubt_address(error)
            return None
        # The list counts once its models' schemas are there as well.
        read = {
            entry.api_id: await self._read(entry.api_id) for entry in listed.models if entry.api_id in names
        }
        self._known = replace(self._known, listed=listed, takes={**self._known.takes, **read})
        return listed

    async def _doubt_address(self, error: PixelDojoError) -> None:
        """Tell the operator, once a run, that the provider never answered there, or does not to our key."""
        if self._known.listed is not None or self._told_of_address or isinstance(error, RateLimited):
            return
        if isinstance(error, InvalidKey) and error.status == 401:
            self._told_of_address = await self._operator.warn("invalid_key")
        else:
            self._told_of_address = await self._operator.warn("api_address", problem=str(error))

    async def read_others(self, names: Collection[str], before: Catalogue | None) -> None:
        """Ask for the schemas of all other models; of one whose entry is as ``before``, only once."""
        for entry in self._others(names):
            same = before is not None and before.find(entry.api_id) == entry
            if same and (entry.api_id in self._known.takes or entry.api_id in self._known.unusable):
                continue
            takes = await self._read(entry.api_id)
            self._known = replace(self._known, takes={**self._known.takes, entry.api_id: takes})

    async def read_again(self, model: str) -> None:
        """Ask for one model's schema: what was sent by the one that is known was not taken."""
        takes = await self._read(model)
        self._known = replace(self._known, takes={**self._known.takes, model: takes})

    def _others(self, names: Collection[str]) -> Iterable[ModelEntry]:
        models = () if self._known.listed is None else self._known.listed.models
        return [entry for entry in models if entry.api_id not in names and "video" not in entry.modality]

    async def _read(self, model: str) -> Parameters | None:
        try:
            with await self._permit():
                described = await self._client.model(model)
        except ModelGone:
            return None
        except PixelDojoError as error:
            log.warning("The description of %s could not be read: %s.", model, error)
            return self._known.takes.get(model)
        unusable = {name: lacks for name, lacks in self._known.unusable.items() if name != model}
        try:
            takes = read_parameters(described.request_schema)
        except Unmapped as error:
            takes = None
            if self._known.unusable.get(model) != error.name:
                log.warning("%s is left out of the offer: %s.", model, error)
            unusable[model] = error.name
        self._known = replace(self._known, unusable=unusable)
        return takes

    def takes(self, model: str) -> Parameters:
        """Return what a model takes: by its live schema, else by the built-in one, else next to nothing."""
        return self._known.takes.get(model) or self._builtin.get(model) or UNDESCRIBED

    def is_usable(self, model: str) -> bool:
        """Tell whether nothing is known that keeps a request to a model from being made."""
        return model not in self._known.unusable

    def is_read(self, model: str) -> bool:
        """Tell whether a model's live schema is known."""
        return self._known.takes.get(model) is not None

    def find(self, model: str) -> ModelEntry | None:
        """Return a model's entry of the list, if there is one."""
        return None if self._known.listed is None else self._known.listed.find(model)


def fingerprint(entry: ModelEntry) -> str:
    """Return what the list says of a model, in short."""
    return hashlib.sha256(repr(entry).encode()).hexdigest()[:16]
