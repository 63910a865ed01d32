"""Preferences: what a member chose once for whatever they leave out."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from domain.job import Kind
from domain.options import Options

PREFERRED = ("size", "quality", "count")
"""The options that a member can choose once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """A member's; ``None``: the bot's own default. ``pings``: a long job's end mentions them."""

    edit_model: str | None = None
    generate_model: str | None = None
    size: str | None = None
    quality: str | None = None
    count: int | None = None
    pings: bool = True

    def model(self, kind: Kind) -> str | None:
        """Return the model for one kind of job."""
        return self.edit_model if kind is Kind.EDIT else self.generate_model

    def for_left_out(self, options: Options, names: Collection[str]) -> dict[str, Any]:
        """Return what is preferred, among these names, for options that are left out."""
        preferred = {name: getattr(self, name) for name in names if getattr(options, name) is None}
        return {name: value for name, value in preferred.items() if value is not None}
