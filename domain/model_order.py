"""Which models are asked for first, and when which of them are known to end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

ALL_OTHERS: Final = "*"
"""At the end of a setting: every other model of the catalogue that can be used."""
EDITS: Final = "-edit"
"""How the provider's names of models end that edit: what is before it is the name of one that generates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEnd:
    """The day from which a model is announced to be gone (UTC), and who said so."""

    day: date
    source: str

    @property
    def at(self) -> int:
        """The first moment of that day, in Unix milliseconds."""
        return int(datetime.combine(self.day, datetime.min.time(), UTC).timestamp() * 1000)


_GPT_IMAGE_1_5 = KnownEnd(day=date(2026, 12, 1), source="OpenAI's list of deprecations, gpt-image-1.5")

KNOWN_ENDS: Final[Mapping[str, KnownEnd]] = {
    "gpt-image-1-5-edit": _GPT_IMAGE_1_5,
    "gpt-image-1-5": _GPT_IMAGE_1_5,
}
"""The only place that knows when models end. What the provider does on that day is seen, not assumed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOrder:
    """Models in order of preference.

    ``by_operator``: the order is a setting, not our default, and no known end changes it. ``all_others``:
    every other usable model of the catalogue comes after them.
    """

    names: tuple[str, ...]
    by_operator: bool = False
    all_others: bool = False

    def at(self, now: int) -> tuple[str, ...]:
        """Return the names in the order of a moment (Unix milliseconds): last, those past their end."""
        if self.by_operator:
            return self.names
        return tuple(sorted(self.names, key=lambda name: _is_past(name, now)))


def end_by(names: Iterable[str], *, at: int) -> list[str]:
    """Return the models whose known end is no later than a moment (Unix milliseconds)."""
    return [name for name in names if name in KNOWN_ENDS and KNOWN_ENDS[name].at <= at]


def _is_past(name: str, now: int) -> bool:
    end = KNOWN_ENDS.get(name)
    return end is not None and now >= end.at


def related(model: str, offered: Sequence[str]) -> str | None:
    """Return a model on offer: this one, or the one of its family that edits, or generates, instead."""
    family = (each for each in offered if each.removesuffix(EDITS) == model.removesuffix(EDITS))
    return model if model in offered else next(family, None)
