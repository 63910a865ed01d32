"""What a walk over a file's parts finds out before anything is decoded, and what such walks share."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from domain.errors import Reason, Refusal
from domain.limits import MAX_SOURCE_PIXELS, MIB

Format = Literal["PNG", "JPEG", "WEBP"]

THUMBNAIL_SIDE = 960
"""Longest side of a thumbnail in pixels: a phone's 4,032 x 3,024 decodes at a quarter of its size."""
MAX_PIECES = 50_000
"""Chunks or segments of one file: a 50 MB PNG written 4 KiB at a time has 12,800."""
MAX_METADATA = 4 * MIB
"""Bytes of one piece of metadata that are looked at: the largest press profiles have 2.7 MB."""
_BLOCK = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A PNG, JPEG or WebP file that is whole, as far as that shows without decoding it.

    ``width`` and ``height`` are pixels as stored, ``orientation`` is EXIF's 1 to 8. ``parts`` are the
    ranges (start, end) of bytes that decoding needs: no text, EXIF or unknown piece is among them, so that
    Pillow never parses those. ``full_bytes`` and ``reduced_bytes`` are about what a decode of the whole
    and of a thumbnail hold in memory at once (measured with Pillow 13).
    """

    format: Format
    width: int
    height: int
    parts: tuple[tuple[int, int], ...]
    lossless: bool
    full_bytes: int
    reduced_bytes: int
    orientation: int = 1
    profile: bytes | None = None

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height in pixels as viewers show it, turned by the EXIF orientation."""
        turned = self.orientation >= 5
        return (self.height, self.width) if turned else (self.width, self.height)


class Parts:
    """Collects ranges of bytes in order; neighbours become one."""

    def __init__(self) -> None:
        self._ranges: list[tuple[int, int]] = []

    def add(self, start: int, end: int) -> None:
        """Keep the bytes from ``start`` up to ``end``."""
        if self._ranges and self._ranges[-1][1] == start:
            start = self._ranges.pop()[0]
        self._ranges.append((start, end))

    def ranges(self) -> tuple[tuple[int, int], ...]:
        """Return what was kept."""
        return tuple(self._ranges)


def damaged() -> Refusal:
    """Return the refusal of a file that starts like an image and is cut off or broken inside."""
    return Refusal(Reason.TRUNCATED)


def check_dimensions(width: int, height: int) -> None:
    """Refuse, from the header alone, an image of no or of too many pixels.

    Raises
    ------
    Refusal
        TOO_MANY_PIXELS with ``width`` and ``height``; TRUNCATED if a side is zero.
    """
    if width == 0 or height == 0:
        raise damaged()
    if width * height > MAX_SOURCE_PIXELS:
        raise Refusal(Reason.TOO_MANY_PIXELS, width=width, height=height)


def thumbnail_size(width: int, height: int, *, side: int = THUMBNAIL_SIDE) -> tuple[int, int]:
    """Return width and height in pixels, shrunk so that the longer one is at most ``side``."""
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def take(file: BinaryIO, count: int) -> bytes:
    """Read exactly ``count`` bytes.

    Raises
    ------
    Refusal
        TRUNCATED if the file ends before.
    """
    data = file.read(count)
    if len(data) != count:
        raise damaged()
    return data


def blocks(file: BinaryIO, count: int) -> Iterator[bytes]:
    """Yield the next ``count`` bytes, at most 256 KiB at a time; raise TRUNCATED if the file ends before."""
    while count > 0:
        block = take(file, min(count, _BLOCK))
        count -= len(block)
        yield block
