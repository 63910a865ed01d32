"""Making a picture fit an upload limit with as little loss as the limit allows."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from PIL import Image

from domain.limits import MAX_RESULT_BYTES, MAX_SOURCE_BYTES, SOURCE_TYPES
from pictures.decode import whole
from pictures.encode import WEBP_PIXELS, Prepared, encode, largest_scale, pixels, prepare
from pictures.inspect import MAX_DECODE_BYTES, structure_of
from pictures.structure import Structure

BEST, WORST = 95, 80
"""Qualities between which a difference is hard to see; below, fewer pixels look better."""
_SMALLER_QUALITY = 88
_SMALLEST_SCALE = 1 / 3
_CAUTION = 0.93
_LOSSLESS_SHARE = 0.6
"""A lossless WebP of a photograph takes about so much of its PNG: below, it is not tried."""
_LOSSLESS_EFFORT = 30


class How(StrEnum):
    """What was done to a picture to make it fit."""

    UNCHANGED = "unchanged"
    LOSSLESS = "lossless"
    QUALITY = "quality"
    """Encoded again, all pixels kept."""
    SMALLER = "smaller"
    """Fewer pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A file within the limit: ``size`` in bytes, ``width`` and ``height`` in pixels."""

    path: Path
    media_type: str
    size: int
    width: int
    height: int
    how: How


@dataclass(frozen=True, slots=True)
class _Encoded:
    data: bytes
    prepared: Prepared
    how: How


def fit(path: Path, out: Path, *, limit: int) -> Fitted | None:
    """Encode a picture again so that it has at most ``limit`` bytes.

    ``None`` if that would ruin it, or if it is too large to be decoded here (``MAX_DECODE_BYTES``).

    In order: lossless WebP, qualities from 95 down to 80, fewer pixels (a third of each side at least). At
    most eight encodes. Alpha and the colour profile are kept, the EXIF orientation is applied to the
    pixels, all other metadata (places, cameras) goes; 16 bits become 8. A file that fits already is
    answered with its own path and nothing is written.

    Raises
    ------
    Refusal
        The file is not a picture or is damaged.
    OSError
        It cannot be read, or ``out`` not be written.
    """
    structure = structure_of(path, limit=max(MAX_SOURCE_BYTES, MAX_RESULT_BYTES))
    size = path.stat().st_size
    if size <= limit:
        return _unchanged(path, structure, size)
    if structure.full_bytes > MAX_DECODE_BYTES:
        return None
    prepared = prepare(whole(path, structure), structure.profile)
    worth = structure.lossless and limit >= size * _LOSSLESS_SHARE
    encoded = _encoded(prepared, limit, try_lossless=worth)
    if encoded is None:
        return None
    out.write_bytes(encoded.data)
    picture, kind = encoded.prepared.picture, encoded.prepared.kind
    return Fitted(
        path=out,
        media_type=SOURCE_TYPES[kind],
        size=len(encoded.data),
        width=picture.width,
        height=picture.height,
        how=encoded.how,
    )


def publishable(path: Path, out: Path, *, limit: int) -> Fitted | None:
    """Make a kept source ready to be published for the provider, which reads up to 50 MB; see ``fit``."""
    return fit(path, out, limit=min(limit, MAX_SOURCE_BYTES))


def _unchanged(path: Path, structure: Structure, size: int) -> Fitted:
    width, height = structure.shown
    media_type = SOURCE_TYPES[structure.format]
    return Fitted(path=path, media_type=media_type, size=size, width=width, height=height, how=How.UNCHANGED)


def _encoded(prepared: Prepared, limit: int, *, try_lossless: bool) -> _Encoded | None:
    possible = _scaled(prepared, largest_scale(prepared))
    how = How.QUALITY if possible is prepared else How.SMALLER
    small_webp = prepared.kind == "WEBP" and pixels(prepared) <= WEBP_PIXELS
    if try_lossless and small_webp and possible is prepared:
        data = encode(prepared, _LOSSLESS_EFFORT, lossless=True)
        if len(data) <= limit:
            return _Encoded(data, prepared, How.LOSSLESS)
    best = encode(possible, BEST)
    if len(best) <= limit:
        return _Encoded(best, possible, how)
    worst = encode(possible, WORST)
    if len(worst) > limit:
        return _smaller(possible, limit, len(worst))
    return _Encoded(_between(possible, limit, worst), possible, how)


def _between(prepared: Prepared, limit: int, worst: bytes) -> bytes:
    """Halve twice between the worst quality, which fits, and the best, which does not."""
    low, high = WORST, BEST
    for _ in range(2):
        middle = (low + high) // 2
        data = encode(prepared, middle)
        if len(data) <= limit:
            low, worst = middle, data
        else:
            high = middle
    return worst


def _smaller(prepared: Prepared, limit: int, worst: int) -> _Encoded | None:
    """Give up pixels: bytes grow with their number, so three guesses come close from above."""
    scale = math.sqrt(limit / worst) * _CAUTION
    for _ in range(3):
        scale = max(scale, _SMALLEST_SCALE)
        small = _scaled(prepared, scale)
        data = encode(small, _SMALLER_QUALITY)
        if len(data) <= limit:
            return _Encoded(data, small, How.SMALLER)
        if scale == _SMALLEST_SCALE:
            return None
        scale *= math.sqrt(limit / len(data)) * _CAUTION
    return None


def _scaled(prepared: Prepared, scale: float) -> Prepared:
    if scale >= 1:
        return prepared
    picture = prepared.picture
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    small = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    return replace(prepared, picture=small)
