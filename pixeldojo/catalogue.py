"""The provider's list of models, and one model's description."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pixeldojo.costs import Costs, read_costs
from pixeldojo.errors import ModelGone, UnreadableReply
from pixeldojo.refusals import read_asked
from pixeldojo.wire import Json, Reply, items, member, text, thousandths, token

MAX_MODELS: Final = 2000
"""Models of the list that are read."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model that the provider lists; ``credit_cost`` is an estimate, in thousandths of a credit.

    ``costs`` is what it is with certain options, where the catalogue says so.
    """

    api_id: str
    name: str
    description: str = ""
    modality: str = ""
    credit_cost: int | None = None
    capabilities: tuple[str, ...] = ()
    costs: Costs = ()


@dataclass(frozen=True, slots=True)
class ModelDescription(ModelEntry):
    """A model and the JSON Schema of its run body, if it has a readable one."""

    request_schema: Mapping[str, Json] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models that the provider lists, in its order."""

    models: tuple[ModelEntry, ...] = ()

    def find(self, api_id: str) -> ModelEntry | None:
        """Return the model of this id, if it is listed."""
        return next((model for model in self.models if model.api_id == api_id), None)


def read_catalogue(reply: Reply) -> Catalogue:
    """Read the list of models.

    Raises
    ------
    UnreadableReply
        It is no list, or no model in it can be read.
    PixelDojoError
        Every status but 2xx, by `read_asked`.
    """
    told = read_asked(reply, gone=UnreadableReply("there is no list of models"))
    listed = told if isinstance(told, list) else member(told, "models", "data")
    if not isinstance(listed, list):
        raise UnreadableReply("it is no list of models")
    named = [(_api_id(entry), entry) for entry in listed[:MAX_MODELS]]
    models = tuple(_entry(entry, api_id) for api_id, entry in named if api_id is not None)
    if listed and not models:
        raise UnreadableReply("it is no list of models")
    return Catalogue(models)


def read_model(reply: Reply, api_id: str) -> ModelDescription:
    """Read the description of one model.

    Raises
    ------
    ModelGone
        The provider has no such model.
    UnreadableReply
        It is no JSON object, or describes another model.
    PixelDojoError
        Every other status but 2xx, by `read_asked`.
    """
    told = read_asked(reply, gone=ModelGone())
    inner = member(told, "model", "data")
    told = inner if _api_id(told) is None and isinstance(inner, dict) else told
    if _api_id(told) != api_id:
        raise UnreadableReply("it does not describe this model")
    entry = _entry(told, api_id)
    schema = member(told, "requestSchema", "request_schema")
    return ModelDescription(
        api_id=entry.api_id,
        name=entry.name,
        description=entry.description,
        modality=entry.modality,
        credit_cost=entry.credit_cost,
        capabilities=entry.capabilities,
        costs=entry.costs,
        request_schema=schema if isinstance(schema, dict) else None,
    )


def _api_id(told: Json) -> str | None:
    return token(member(told, "apiId", "api_id", "id"))


def _entry(told: Json, api_id: str) -> ModelEntry:
    capabilities = items(member(told, "capabilities"))
    return ModelEntry(
        api_id=api_id,
        name=text(member(told, "name"), longest=100) or api_id,
        description=text(member(told, "description")),
        modality=text(member(told, "modality"), longest=40).lower(),
        credit_cost=_cost(member(told, "creditCost", "credit_cost")),
        capabilities=tuple(name for name in (text(each, longest=60) for each in capabilities) if name),
        costs=read_costs(member(told, "creditCost", "credit_cost")),
    )


def _cost(told: Json) -> int | None:
    """Read ``{default, type, amount}``, or a bare number."""
    if isinstance(told, dict):
        default = thousandths(member(told, "default"))
        return default if default is not None else thousandths(member(told, "amount"))
    return thousandths(told)
