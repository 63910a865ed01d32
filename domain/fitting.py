"""Chosen options and a model: what it takes of them, by another name where that means the same."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.options import Options, Takes

_SAME_WORDS = {"jpg": "jpeg"}
_BY_ITSELF = frozenset({"auto", "automatic", "default", "match_input_image", "original"})
"""Values that leave the choice to the model."""
_SIDES = re.compile(r"(\d{1,5})\s*[x×*:]\s*(\d{1,5})")
_SAME_SHAPE = 0.03
"""Two shapes are one if the logarithms of width over height differ by no more."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Options as a model takes them, and the names of those that it does not take."""

    options: Options
    lacking: tuple[str, ...] = ()


def fitted(options: Options, takes: Mapping[str, Takes], *, freely: bool) -> Fitted:
    """Return chosen options in a model's own words; ``freely``: another size of the same shape will do."""
    values: dict[str, Any] = {}
    lacking: list[str] = []
    for name, value in options.chosen().items():
        found = values[name] = _found(name, value, takes.get(name), freely=freely)
        if found is None and not (freely and value in _BY_ITSELF):
            lacking.append(name)
    return Fitted(replace(options, **values), tuple(lacking))


def _found(name: str, value: str | int, takes: Takes | None, *, freely: bool) -> str | int | None:
    choices = () if takes is None else takes.choices
    same = next((each for each in choices if _word(each) == _word(value)), None)
    if same is not None or not freely or name != "size":
        return same
    if value in _BY_ITSELF:
        return next((each for each in choices if each in _BY_ITSELF), None)
    return _of_same_shape(value, choices)


def _word(value: str | int) -> str:
    word = re.sub(r"\s*[×*]\s*", "x", str(value).strip().lower())
    return _SAME_WORDS.get(word, word)


def _of_same_shape(value: str | int, choices: tuple[str | int, ...]) -> str | int | None:
    wanted = _shape(value)
    if wanted is None:
        return None
    near = ((abs(shape - wanted), each) for each in choices if (shape := _shape(each)) is not None)
    best = min(near, key=lambda pair: pair[0], default=None)
    return best[1] if best is not None and best[0] <= _SAME_SHAPE else None


def _shape(size: str | int) -> float | None:
    """Return the logarithm of width over height of ``1536x1024`` or ``3:2``."""
    sides = _SIDES.fullmatch(str(size))
    if sides is None or not int(sides[1]) or not int(sides[2]):
        return None
    return math.log(int(sides[1]) / int(sides[2]))
