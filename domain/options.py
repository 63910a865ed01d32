"""The options of ``/edit`` and ``/generate``, in the members' words."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields

from domain.errors import Reason, Refusal
from domain.text import is_blank

LONGEST = 80
"""Characters of a value that can be chosen: menus take 100, with the option's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a member chose; ``None`` where they left the provider's default."""

    size: str | None = None
    background: str | None = None
    quality: str | None = None
    fidelity: str | None = None
    count: int | None = None
    format: str | None = None
    resolution: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no model can do.

        Raises
        ------
        Refusal
            A transparent background with JPEG, which has no transparency.
        """
        if self.background == "transparent" and self.format in {"jpeg", "jpg"}:
            raise Refusal(Reason.TRANSPARENT_JPEG)

    @property
    def images(self) -> int:
        """How many results are asked for."""
        return self.count or 1

    def chosen(self) -> dict[str, str | int]:
        """Return the options that were chosen, in the members' words."""
        values = ((name, getattr(self, name)) for name in NAMES)
        return {name: value for name, value in values if value is not None}

    def to_json(self) -> str:
        """Return the options as the text that is stored in a job's row."""
        return json.dumps(self.chosen(), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Options":
        """Read what ``to_json`` wrote; names that are no longer known are left out."""
        return cls(**{name: value for name, value in json.loads(text).items() if name in NAMES})


NAMES = tuple(each.name for each in fields(Options))
"""The options, in the order in which they are said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What a model takes for one option.

    ``choices`` are all that may be chosen, numbers for ``count``; ``default`` is what is made of it where
    nothing is chosen, if that is known.
    """

    choices: tuple[str | int, ...]
    default: str | int | None = None

    def accepts(self, value: str | int) -> bool:
        """Tell whether a value may be chosen."""
        return value in self.choices


def taking(values: Iterable[str | int], *, default: str | int | None) -> Takes:
    """Describe what a model takes, without what no menu can show: one such entry costs all of the others."""
    shown = tuple(each for each in values if len(str(each)) <= LONGEST and not is_blank(str(each)))
    return Takes(choices=shown, default=default if default in shown else None)
