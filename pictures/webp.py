"""A walk over a WebP's chunks (RFC 9649): sizes that agree with the file's, header, one still image."""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from domain.errors import Reason, Refusal
from pictures.metadata import orientation_of
from pictures.structure import MAX_METADATA, MAX_PIECES, Structure, check_dimensions, damaged, take

PIXEL_BYTES = 16
"""What a decode holds per pixel: Pillow's animation decoder keeps two canvases, its output and a copy."""
_ANIMATION, _START_CODE, _LOSSLESS_SIGN = 0x02, b"\x9d\x01\x2a", 0x2F
_HEADER_BYTES = 10
_MAX_SIDE_BITS = 0x3FFF


@dataclass(slots=True)
class _Walk:
    canvas: tuple[int, int] | None = None
    image: tuple[int, int] | None = None
    lossless: bool = False
    orientation: int = 1
    profile: bytes | None = None


def walk_webp(file: BinaryIO, size: int) -> Structure:
    """Walk a WebP of ``size`` bytes to the end that its own header names.

    Raises
    ------
    Refusal
        TRUNCATED, TOO_MANY_PIXELS or ANIMATED.
    """
    file.seek(4)
    end = 8 + int.from_bytes(take(file, 4), "little")
    if end > size:
        raise damaged()
    walk = _Walk()
    at = 12
    for _ in range(MAX_PIECES):
        if at >= end:
            return _structure(walk, end)
        at = _chunk(file, walk, at, end)
    raise damaged()


def _structure(walk: _Walk, end: int) -> Structure:
    if walk.image is None or (walk.canvas is not None and walk.canvas != walk.image):
        raise damaged()
    width, height = walk.image
    # The decoder also wants the compressed file in memory, twice.
    decoded = width * height * PIXEL_BYTES + 2 * end
    return Structure(
        format="WEBP",
        width=width,
        height=height,
        parts=((0, end),),
        lossless=walk.lossless,
        full_bytes=decoded,
        reduced_bytes=decoded,
        orientation=walk.orientation,
        profile=walk.profile,
    )


def _chunk(file: BinaryIO, walk: _Walk, at: int, end: int) -> int:
    """Look at the chunk that starts ``at``; return where the next one starts."""
    file.seek(at)
    kind, length = struct.unpack("<4sI", take(file, 8))
    if at + 8 + length > end:
        raise damaged()
    wanted = length if kind in {b"EXIF", b"ICCP"} else min(length, _HEADER_BYTES)
    if wanted <= MAX_METADATA:
        _note(walk, kind, take(file, wanted))
    return at + 8 + length + length % 2


def _note(walk: _Walk, kind: bytes, body: bytes) -> None:
    if kind in {b"ANIM", b"ANMF"}:
        raise Refusal(Reason.ANIMATED)
    if kind in {b"VP8X", b"VP8 ", b"VP8L"}:
        _dimensions(walk, kind, body)
    elif kind == b"EXIF":
        walk.orientation = orientation_of(body)
    elif kind == b"ICCP":
        walk.profile = body


def _dimensions(walk: _Walk, kind: bytes, body: bytes) -> None:
    if kind == b"VP8X":
        walk.canvas = size = _extended(body)
    elif walk.image is not None:
        raise damaged()
    else:
        walk.lossless = kind == b"VP8L"
        walk.image = size = _lossless(body) if walk.lossless else _lossy(body)
    check_dimensions(*size)


def _extended(body: bytes) -> tuple[int, int]:
    if len(body) < 10:
        raise damaged()
    if body[0] & _ANIMATION:
        raise Refusal(Reason.ANIMATED)
    return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")


def _lossy(body: bytes) -> tuple[int, int]:
    # RFC 6386, section 9.1: a key frame has its lowest bit clear and a start code before its size.
    if len(body) < 10 or body[0] & 1 or body[3:6] != _START_CODE:
        raise damaged()
    width, height = struct.unpack_from("<HH", body, 6)
    return width & _MAX_SIDE_BITS, height & _MAX_SIDE_BITS


def _lossless(body: bytes) -> tuple[int, int]:
    if len(body) < 5 or body[0] != _LOSSLESS_SIGN:
        raise damaged()
    bits = int.from_bytes(body[1:5], "little")
    return 1 + (bits & _MAX_SIDE_BITS), 1 + (bits >> 14 & _MAX_SIDE_BITS)
