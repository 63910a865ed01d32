"""A walk over a JPEG's segments (ITU-T T.81) to its end, through the compressed data of every scan."""

import re
import struct
from dataclasses import dataclass, field
from typing import BinaryIO

from domain.errors import Reason, Refusal
from pictures.metadata import jpeg_profile, orientation_of
from pictures.structure import (
    MAX_METADATA,
    MAX_PIECES,
    Parts,
    Structure,
    check_dimensions,
    damaged,
    take,
    thumbnail_size,
)

MAX_SCANS = 64
"""Scans of one file. Ordinary progressive files have ten; each costs a pass over every block."""

_SOI_END, _EOI, _SOS, _TEM = 2, 0xD9, 0xDA, 0x01
_FRAMES = {0xC0, 0xC1, 0xC2, 0xC9, 0xCA}
"""Baseline, extended and progressive, by Huffman or by arithmetic coding: what decoders read."""
_OTHER_FRAMES = {0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF}
_PROGRESSIVE = {0xC2, 0xCA}
_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE
_NEEDED = {0xC4, 0xCC, 0xDB, 0xDD, _SOS, _APP14, *_FRAMES}
"""Tables, restart interval, scans, frame, and Adobe's note on what the components are."""
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")
"""A marker that ends compressed data: neither a stuffed zero nor a restart nor a fill byte."""
_BLOCK = 64 * 1024


@dataclass(slots=True)
class _Walk:
    parts: Parts = field(default_factory=Parts)
    width: int = 0
    height: int = 0
    components: int = 0
    samples: float = 0.0
    several_scans: bool = False
    scans: int = 0
    orientation: int | None = None
    profile: list[bytes] = field(default_factory=list[bytes])
    profile_bytes: int = 0


def walk_jpeg(file: BinaryIO) -> Structure:
    """Walk a JPEG from its first segment to its end-of-image marker.

    Raises
    ------
    Refusal
        TRUNCATED, TOO_MANY_PIXELS or, for a lossless or hierarchical frame, WRONG_TYPE.
    """
    walk = _Walk()
    walk.parts.add(0, _SOI_END)
    file.seek(_SOI_END)
    for _ in range(MAX_PIECES):
        start, marker = _next_marker(file)
        if marker == _EOI:
            walk.parts.add(start, start + 2)
            return _structure(walk)
        _segment(file, walk, start, marker)
    raise damaged()


def _structure(walk: _Walk) -> Structure:
    if walk.scans == 0:
        raise damaged()
    pixels = walk.width * walk.height
    # A file of several scans is kept whole as coefficients, two bytes each, whatever size is decoded.
    coefficients = round(2 * pixels * walk.samples) if walk.several_scans else 0
    pixel_bytes = 1 if walk.components == 1 else 4
    return Structure(
        format="JPEG",
        width=walk.width,
        height=walk.height,
        parts=walk.parts.ranges(),
        lossless=False,
        full_bytes=pixels * pixel_bytes + coefficients,
        reduced_bytes=pixels * pixel_bytes // _draft(walk.width, walk.height) ** 2 + coefficients,
        orientation=walk.orientation or 1,
        profile=jpeg_profile(walk.profile) if walk.profile_bytes <= MAX_METADATA else None,
    )


def _draft(width: int, height: int) -> int:
    """Return by how much the decoder can shrink while it decodes: 8, 4, 2 or 1."""
    wanted_width, wanted_height = thumbnail_size(width, height)
    scale = min(width // wanted_width, height // wanted_height)
    return next(step for step in (8, 4, 2, 1) if scale >= step)


def _next_marker(file: BinaryIO) -> tuple[int, int]:
    """Go behind the next marker; return where it starts and which it is."""
    tail = b""
    while True:
        block = file.read(_BLOCK)
        if not block:
            raise damaged()
        data = tail + block
        found = _MARKER.search(data)
        if found is not None:
            start = file.tell() - len(data) + found.start()
            file.seek(start + 2)
            return start, data[found.start() + 1]
        tail = b"\xff" if data.endswith(b"\xff") else b""


def _segment(file: BinaryIO, walk: _Walk, start: int, marker: int) -> None:
    (length,) = struct.unpack(">H", take(file, 2))
    if length < 2:
        raise damaged()
    body = take(file, length - 2)
    _note(walk, marker, body)
    if marker in _NEEDED or (marker == _APP0 and body.startswith(b"JFIF\0")):
        end = file.tell()
        if marker == _SOS:
            end, _ = _next_marker(file)
            file.seek(end)
        walk.parts.add(start, end)


def _note(walk: _Walk, marker: int, body: bytes) -> None:
    if marker in _FRAMES:
        _frame(walk, marker, body)
    elif marker in _OTHER_FRAMES:
        raise Refusal(Reason.WRONG_TYPE, type="lossless JPEG")
    elif marker == _SOS:
        _scan(walk, body)
    elif marker == _APP1 and body.startswith(b"Exif\0\0") and walk.orientation is None:
        walk.orientation = orientation_of(body)
    elif marker == _APP2 and body.startswith(b"ICC_PROFILE\0"):
        walk.profile_bytes += len(body)
        if walk.profile_bytes <= MAX_METADATA:
            walk.profile.append(body)


def _frame(walk: _Walk, marker: int, body: bytes) -> None:
    if walk.components or len(body) < 6:
        raise damaged()
    precision, height, width, components = struct.unpack_from(">BHHB", body)
    factors = [(byte >> 4, byte & 15) for byte in body[7::3]]
    if precision != 8:
        raise Refusal(Reason.WRONG_TYPE, type=f"{precision}-bit JPEG")
    if len(body) != 6 + 3 * components or components not in {1, 3, 4}:
        raise damaged()
    if not all(1 <= factor <= 4 for pair in factors for factor in pair):
        raise damaged()
    check_dimensions(width, height)
    walk.width, walk.height, walk.components = width, height, components
    walk.several_scans = marker in _PROGRESSIVE
    whole = max(across for across, _ in factors) * max(down for _, down in factors)
    walk.samples = sum(across * down for across, down in factors) / whole


def _scan(walk: _Walk, body: bytes) -> None:
    walk.scans += 1
    if not walk.components or not body or walk.scans > MAX_SCANS:
        raise damaged()
    walk.several_scans = walk.several_scans or body[0] < walk.components
