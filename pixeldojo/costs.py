"""What an image costs by its options, where the catalogue says so: a map whose shape is not public.

It is read as any nesting of objects whose keys are values of options (``{"quality": {"low": 1, "high": 4}}``,
``{"1024x1024": {"low": 1}}``, ``{"high_1024x1024": 4}``) or as a list of objects that name values and a
price. What is not understood never matches.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final

from pixeldojo.wire import Json, items, text, thousandths

Costs = tuple[tuple[tuple[str, ...], int], ...]
"""Values that go together, in lower case, and what an image costs with them (thousandths of a credit)."""

_PRICES: Final = ("credits", "creditCost", "credit_cost", "cost", "amount", "price")
_NO_VALUE = re.compile(
    r"(by|per).*|(image|aspect)?_?(costs?|credits?|credit_?cost|amounts?|prices?|pricing|map|tiers|variants"
    r"|quality|size|ratio|resolution)s?"
)
"""Keys that say what kind of values stand below them."""
_BETWEEN = re.compile(r"[\s_/|,;:+-]+")
_MOST, _DEPTH = 500, 5


def read_costs(told: Json) -> Costs:
    """Read the catalogue's ``creditCost`` beyond its plain figures."""
    found: dict[tuple[str, ...], int] = {}
    if isinstance(told, Mapping):
        plain = {"default", *_PRICES}
        beyond = {
            name: value
            for name, value in told.items()
            if isinstance(value, (dict, list)) or name not in plain
        }
        for words, amount in _entries(beyond, (), _DEPTH):
            if words and len(found) < _MOST:
                found[words] = amount
    return tuple(found.items())


def cost_of(costs: Costs, values: Collection[str]) -> int | None:
    """Return what an image with these values costs (thousandths), by the entry that says most of them."""
    said = {value.lower() for value in values}
    fitting = [(len(words), amount) for words, amount in costs if all(_is_said(word, said) for word in words)]
    return max(fitting)[1] if fitting else None


def _is_said(word: str, said: Collection[str]) -> bool:
    return word in said or all(part in said for part in _BETWEEN.split(word))


def _entries(told: Json, words: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], int]]:
    if depth and isinstance(told, Mapping):
        named = next((name for name in _PRICES if thousandths(told.get(name)) is not None), None)
        if named is not None:
            others = [_word(value) for name, value in told.items() if name != named]
            yield (*words, *filter(None, others)), thousandths(told[named]) or 0
            return
        for name, value in told.items():
            word = _word(name)
            more = () if _NO_VALUE.fullmatch(word) else (word,)
            yield from _entries(value, (*words, *more), depth - 1)
    elif depth and isinstance(told, list):
        for each in items(told):
            yield from _entries(each, words, depth - 1)
    elif (amount := thousandths(told)) is not None:
        yield words, amount


def _word(value: Json) -> str:
    return text(str(value) if isinstance(value, int) else value, longest=60).strip().lower()
