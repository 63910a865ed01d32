"""What a model takes, read from a JSON Schema of its run body.

The schema is the provider's live ``requestSchema``; the built-in ones, from its documentation, have the
same form, so that one reader serves both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pixeldojo.wire import Json

NOT_OPTIONS: Final = frozenset({"prompt", "image_urls", "webhook_url"})
"""Fields of a body that are not options of a member's."""

_MAX_DEPTH: Final = 5


@dataclass(frozen=True, slots=True)
class OptionLimits:
    """What one option may be.

    ``choices`` lists all values (None: not limited to a list); ``minimum`` and ``maximum`` limit a
    number, a text's characters or a list's elements, both included; ``types`` are the JSON Schema types
    it may have (empty: any).
    """

    choices: tuple[str | int, ...] | None = None
    minimum: int | None = None
    maximum: int | None = None
    default: str | int | None = None
    types: frozenset[str] = frozenset()

    def accepts(self, value: str | int) -> bool:
        """Whether the model takes this value."""
        if isinstance(value, bool) or not self._right_type(value):
            return False
        if self.choices is not None:
            return value in self.choices
        return self.measures(value if isinstance(value, int) else len(value))

    def measures(self, size: int) -> bool:
        """Whether a number, or a number of characters or elements, is within the limits."""
        low = self.minimum is None or self.minimum <= size
        return low and (self.maximum is None or size <= self.maximum)

    def _right_type(self, value: str | int) -> bool:
        wanted = {"string"} if isinstance(value, str) else {"integer", "number"}
        return not self.types or not self.types.isdisjoint(wanted)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a model's run body, by name, and which of them it must have."""

    limits: Mapping[str, OptionLimits] = field(default_factory=dict[str, OptionLimits])
    required: frozenset[str] = frozenset()


Schema = Mapping[str, Json] | Fields
"""A JSON Schema of a run body, or what was read from one: that costs less to use again and again."""


def read_fields(schema: Schema | None) -> Fields | None:
    """Read a schema; None if it describes no fields."""
    if isinstance(schema, Fields):
        return schema
    properties = None if schema is None else schema.get("properties")
    if schema is None or not isinstance(properties, Mapping) or not properties:
        return None
    required = schema.get("required")
    names = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    limits = {name: _limits(each, schema) for name, each in properties.items()}
    return Fields(limits=limits, required=frozenset(names))


def supported_options(schema: Schema | None) -> Mapping[str, OptionLimits]:
    """Return what a member may choose for a model, by name; empty if the schema says nothing.

    Parameters
    ----------
    schema
        The live ``requestSchema``, or a built-in one (`builtin_schema`).
    """
    fields = read_fields(schema) or Fields()
    return {name: limits for name, limits in fields.limits.items() if name not in NOT_OPTIONS}


def _limits(told: Json, root: Mapping[str, Json]) -> OptionLimits:
    variants = list(_variants(told, root, _MAX_DEPTH))
    choices = [_choices(variant) for variant in variants]
    listed = [choice for each in choices if each is not None for choice in each]
    open_ended = any(each is None for each in choices)
    return OptionLimits(
        choices=None if open_ended or not listed else tuple(dict.fromkeys(listed)),
        minimum=_bound(variants, ("minimum", "minLength", "minItems"), "exclusiveMinimum", 1),
        maximum=_bound(variants, ("maximum", "maxLength", "maxItems"), "exclusiveMaximum", -1),
        default=_default(variants),
        types=_types(variants),
    )


def _variants(told: Json, root: Mapping[str, Json], depth: int) -> Iterator[Mapping[str, Json]]:
    """Yield the plain schemas behind ``$ref``, ``anyOf`` and ``oneOf``, without the null ones."""
    if not isinstance(told, Mapping) or not depth:
        return
    target = told.get("$ref")
    if isinstance(target, str):
        yield from _variants(_referred(target, root), root, depth - 1)
        return
    several = told.get("anyOf", told.get("oneOf"))
    if isinstance(several, list) and several:
        for each in several:
            yield from _variants(each, root, depth - 1)
        if "default" in told:
            yield {"default": told["default"], "enum": []}
    elif told.get("type") != "null":
        yield told


def _referred(target: str, root: Mapping[str, Json]) -> Json:
    place: Json = root
    for step in target.removeprefix("#/").split("/"):
        place = place.get(step) if isinstance(place, Mapping) else None
    return place


def _choices(variant: Mapping[str, Json]) -> list[str | int] | None:
    if "const" in variant:
        return _plain([variant["const"]])
    listed = variant.get("enum")
    return _plain(listed) if isinstance(listed, list) else None


def _plain(values: Sequence[Json]) -> list[str | int]:
    return [value for value in values if isinstance(value, (str, int)) and not isinstance(value, bool)]


def _bound(
    variants: list[Mapping[str, Json]], names: tuple[str, ...], exclusive: str, step: int
) -> int | None:
    """Return the wider of the variants' bounds; the exclusive one is moved inwards by ``step``."""
    found: list[int] = []
    for variant in variants:
        found += [value for name in names if (value := _integer(variant.get(name))) is not None]
        beyond = _integer(variant.get(exclusive))
        found += [] if beyond is None else [beyond + step]
    if not found:
        return None
    return min(found) if step > 0 else max(found)


def _integer(value: Json) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        return None
    return int(value)


def _default(variants: list[Mapping[str, Json]]) -> str | int | None:
    return next(iter(_plain([variant.get("default") for variant in variants])), None)


def _types(variants: list[Mapping[str, Json]]) -> frozenset[str]:
    found: set[str] = set()
    for variant in variants:
        told = variant.get("type")
        named = [told] if isinstance(told, str) else told if isinstance(told, list) else []
        found.update(name for name in named if isinstance(name, str) and name != "null")
    return frozenset(found)
