"""The images of a job: sources it was given, results it made."""

from dataclasses import dataclass
from enum import StrEnum

_SUFFIXES = {
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/tiff": ".tif",
    "image/bmp": ".bmp",
}
SHEET_NAME = "sources"
"""The contact sheet's file on a card, without its suffix."""


MASK_NAME = "mask.png"
"""The mask's file on a card."""


class Role(StrEnum):
    """What an image is to its job."""

    SOURCE = "source"
    RESULT = "result"
    SHEET = "sheet"
    """The numbered contact sheet of the sources, made by us."""
    MASK = "mask"
    """A picture of the first source's size: where it is transparent, that may change."""


GIVEN = frozenset({Role.SOURCE, Role.MASK})
"""What a job was given: the provider is told where to fetch it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One row of ``images``.

    ``position`` counts from 1. ``sha256`` (hex) names the kept file and is ``None`` until the bytes are
    on disk and after they are gone; ``url`` is where they can be had from,
    until ``url_expires_at`` (Unix milliseconds), wiped once it is of no more use; ``attached`` is
    the name under which the card carries a source for the provider;
    ``size`` is bytes, ``width`` and ``height`` pixels; ``converted`` is the kind that a source had as it
    came, ``megapixels`` what it was scaled down from, where a person would notice.
    """

    job_id: str
    role: Role
    position: int
    name: str
    url: str | None = None
    url_expires_at: int | None = None
    attached: str | None = None
    sha256: str | None = None
    media_type: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    converted: str | None = None
    megapixels: int | None = None

    def __repr__(self) -> str:
        """Name the image without its signed URL."""
        return f"<Image {self.job_id} {self.role} {self.position}>"


def suffix_of(media_type: str | None) -> str:
    """Return the suffix of a file's name: JPEG's where the type is not known."""
    return _SUFFIXES.get(media_type or "", ".jpg")
