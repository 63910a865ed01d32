"""The options of ``/edit`` and ``/generate``, in the members' words."""

import json
from dataclasses import dataclass

from domain.errors import Reason, Refusal

PROVIDER_NAMES = {
    "size": "image_size",
    "background": "background",
    "quality": "quality",
    "fidelity": "input_fidelity",
    "count": "num_images",
    "format": "output_format",
}
"""What the provider calls each option (its page of the edit model)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a member chose; ``None`` where they left the provider's default."""

    size: str | None = None
    background: str | None = None
    quality: str | None = None
    fidelity: str | None = None
    count: int | None = None
    format: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no model can do.

        Raises
        ------
        Refusal
            A transparent background with JPEG, which has no transparency.
        """
        if self.background == "transparent" and self.format == "jpeg":
            raise Refusal(Reason.TRANSPARENT_JPEG)

    @property
    def images(self) -> int:
        """How many results are asked for."""
        return self.count or 1

    def chosen(self) -> dict[str, str | int]:
        """Return the options that were chosen, in the members' words."""
        values = ((name, getattr(self, name)) for name in PROVIDER_NAMES)
        return {name: value for name, value in values if value is not None}

    def to_provider(self) -> dict[str, str | int]:
        """Return the options that were chosen, in the provider's words."""
        return {PROVIDER_NAMES[name]: value for name, value in self.chosen().items()}

    def to_json(self) -> str:
        """Return the options as the text that is stored in a job's row."""
        return json.dumps(self.chosen(), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Options":
        """Read what ``to_json`` wrote; names that are no longer known are left out."""
        return cls(**{name: value for name, value in json.loads(text).items() if name in PROVIDER_NAMES})
