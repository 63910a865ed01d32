"""A walk over a PNG's chunks (W3C PNG, third edition): checksums, header, end; nothing is inflated."""

import struct
import zlib
from dataclasses import dataclass, field
from typing import BinaryIO

from domain.errors import Reason, Refusal
from pictures.metadata import orientation_of, png_profile
from pictures.structure import (
    MAX_METADATA,
    MAX_PIECES,
    Parts,
    Structure,
    blocks,
    check_dimensions,
    damaged,
    take,
)

_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
"""Bit depths that each colour type may have."""
_GREY, _PALETTE = 0, 3
_MAX_LENGTH = {b"IHDR": 13, b"PLTE": 768, b"tRNS": 256, b"IEND": 0}
_NEEDED = frozenset({*_MAX_LENGTH, b"IDAT"})
_READ = frozenset({b"IHDR", b"acTL", b"eXIf", b"iCCP"})


@dataclass(slots=True)
class _Walk:
    parts: Parts = field(default_factory=Parts)
    width: int = 0
    height: int = 0
    pixel_bytes: int = 0
    has_data: bool = False
    orientation: int = 1
    profile: bytes | None = None


def walk_png(file: BinaryIO) -> Structure:
    """Walk a PNG from its first to its last chunk.

    Raises
    ------
    Refusal
        TRUNCATED, TOO_MANY_PIXELS (before anything behind the header is read) or ANIMATED.
    """
    walk = _Walk()
    walk.parts.add(0, 8)
    file.seek(8)
    for _ in range(MAX_PIECES):
        if _chunk(file, walk) == b"IEND":
            return _structure(walk)
    raise damaged()


def _structure(walk: _Walk) -> Structure:
    if not walk.has_data:
        raise damaged()
    decoded = walk.width * walk.height * walk.pixel_bytes
    return Structure(
        format="PNG",
        width=walk.width,
        height=walk.height,
        parts=walk.parts.ranges(),
        lossless=True,
        full_bytes=decoded,
        reduced_bytes=decoded,
        orientation=walk.orientation,
        profile=walk.profile,
    )


def _chunk(file: BinaryIO, walk: _Walk) -> bytes:
    start = file.tell()
    length, kind = struct.unpack(">I4s", take(file, 8))
    first = walk.width == 0
    if length > _MAX_LENGTH.get(kind, length) or first != (kind == b"IHDR"):
        raise damaged()
    body = _checked(file, kind, length)
    _note(walk, kind, body)
    if kind in _NEEDED:
        walk.parts.add(start, file.tell())
    return kind


def _checked(file: BinaryIO, kind: bytes, length: int) -> bytes:
    """Read a chunk's body and checksum; return the body if it is of a kind that is looked at."""
    crc = zlib.crc32(kind)
    wanted = kind in _READ and length <= MAX_METADATA
    kept = bytearray()
    for block in blocks(file, length):
        crc = zlib.crc32(block, crc)
        if wanted:
            kept += block
    if take(file, 4) != crc.to_bytes(4, "big"):
        raise damaged()
    return bytes(kept)


def _note(walk: _Walk, kind: bytes, body: bytes) -> None:
    if kind == b"IHDR":
        _header(walk, body)
    elif kind == b"IDAT":
        walk.has_data = True
    elif kind == b"fdAT" or (kind == b"acTL" and int.from_bytes(body[:4], "big") > 1):
        raise Refusal(Reason.ANIMATED)
    elif kind == b"eXIf":
        walk.orientation = orientation_of(body)
    elif kind == b"iCCP":
        walk.profile = png_profile(body)


def _header(walk: _Walk, body: bytes) -> None:
    if len(body) != 13:
        raise damaged()
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", body)
    if depth not in _DEPTHS.get(colour, ()) or compression or filtering or interlace > 1:
        raise damaged()
    check_dimensions(width, height)
    walk.width, walk.height = width, height
    walk.pixel_bytes = _pixel_bytes(colour, depth)


def _pixel_bytes(colour: int, depth: int) -> int:
    """Return what Pillow keeps for a pixel: a byte, two for 16-bit grey, four for colour or alpha."""
    if colour == _GREY:
        return 2 if depth == 16 else 1
    return 1 if colour == _PALETTE else 4
