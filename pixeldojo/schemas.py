"""Reading one property of a JSON Schema: the plain schemas behind it, and what they allow.

The schema is the provider's live ``requestSchema``; the built-in ones, from its documentation, have the
same form, so that one reader serves both.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import unquote

from pixeldojo.wire import Json

Schema = Mapping[str, Json]

_MAX_DEPTH: Final = 6
_MOST: Final = 16
"""Alternatives of one schema that are read."""


def plain_schemas(told: Json, root: Schema, depth: int = _MAX_DEPTH) -> Iterator[Schema]:
    """Yield the plain schemas behind ``$ref``, ``allOf``, ``anyOf`` and ``oneOf``, without the null ones."""
    if told is True and depth:
        yield _ANYTHING
    if not isinstance(told, Mapping) or not depth:
        return
    beside = {name: value for name, value in told.items() if name not in _COMPOUNDS}
    target = told.get("$ref")
    several = told.get("anyOf", told.get("oneOf"))
    if isinstance(target, str):
        found = plain_schemas(_referred(target, root), root, depth - 1)
    elif isinstance(several, list) and several:
        found = (plain for each in several[:_MOST] for plain in plain_schemas(each, root, depth - 1))
    elif isinstance(parts := told.get("allOf"), list) and parts:
        several = [plain for part in parts[:_MOST] for plain in plain_schemas(part, root, depth - 1)]
        found = iter([_merged(several)])
    elif told.get("type") == "null":
        return
    else:
        found = iter([_ANYTHING])
    # What stands beside a reference, such as a default, holds for all that it refers to.
    yield from (_merged([plain, beside]) for plain in found)


_ANYTHING: Final[Schema] = {}
_COMPOUNDS: Final = frozenset({"$ref", "anyOf", "oneOf", "allOf"})


def _merged(parts: Sequence[Schema]) -> Schema:
    """Return one schema that says what all of them say."""
    whole: dict[str, Json] = {}
    for part in parts:
        for name, value in part.items():
            before = whole.get(name)
            if isinstance(before, Mapping) and isinstance(value, Mapping):
                whole[name] = {**before, **value}
            elif name == "required" and isinstance(before, list) and isinstance(value, list):
                whole[name] = [*before, *value]
            elif name == "enum" and isinstance(before, list) and isinstance(value, list):
                whole[name] = [each for each in before if each in value]
            else:
                whole[name] = _stricter(name, before, value)
    return whole


def _stricter(name: str, before: Json, value: Json) -> Json:
    """Return the stricter of two limits; of anything else what was said last."""
    choose = _STRICTER.get(name.removeprefix("exclusive")[:3].lower())
    if choose is None or not isinstance(before, (int, float)) or not isinstance(value, (int, float)):
        return value
    return choose(before, value)


_STRICTER: Final = {"min": max, "max": min}


def _referred(target: str, root: Schema) -> Json:
    place: Json = root
    for step in target.removeprefix("#/").split("/"):
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        place = place.get(name) if isinstance(place, Mapping) else None
    return place


def has_type(plain: Schema, *wanted: str) -> bool:
    """Tell whether a plain schema takes one of these types: one that names none takes any."""
    told = plain.get("type")
    named = [told] if isinstance(told, str) else told if isinstance(told, list) else []
    return not named or any(each in wanted for each in named)


def listed(plain: Schema) -> list[str | int] | None:
    """Return the texts and whole numbers of a schema's list; ``None`` if it has none."""
    if "const" in plain:
        return plain_values([plain["const"]])
    found = plain.get("enum")
    return plain_values(found) if isinstance(found, list) else None


def plain_values(values: Json) -> list[str | int]:
    """Return the texts and whole numbers among values."""
    several = values if isinstance(values, list) else []
    return [value for value in several if isinstance(value, (str, int)) and not isinstance(value, bool)]


def whole_number(value: Json) -> int | None:
    """Return a number that is whole; ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value // 1:
        return None
    return int(value)


def bounds(plain: Schema, kind: str) -> tuple[int | None, int | None]:
    """Return the least and the most that a schema allows, if it says so; ``kind`` is one of those below."""
    least, most = _limit(plain.get(f"min{kind}")), _limit(plain.get(f"max{kind}"))
    above, below = (plain.get(f"exclusive{each}{kind}") for each in ("Min", "Max"))
    # Drafts before the sixth say of a limit whether it is meant without itself.
    above, below = (told if each is True else _limit(each) for each, told in ((above, least), (below, most)))
    lows = [
        *([] if least is None else [math.ceil(least)]),
        *([] if above is None else [math.floor(above) + 1]),
    ]
    highs = [
        *([] if most is None else [math.floor(most)]),
        *([] if below is None else [math.ceil(below) - 1]),
    ]
    return max(lows, default=None), min(highs, default=None)


def _limit(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if math.isfinite(value) else None


NUMBER, LENGTH, ITEMS = "imum", "Length", "Items"
"""What bounds are of: a number, a text's characters, a list's elements."""
