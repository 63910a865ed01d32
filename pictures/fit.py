"""Making a picture fit an upload limit with as little loss as the limit allows."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from domain.limits import MAX_RESULT_BYTES, MAX_SOURCE_BYTES, MAX_SOURCE_PIXELS, SOURCE_TYPES
from pictures.decode import profile_of, whole
from pictures.encode import WEBP_PIXELS, Prepared, encode, largest_scale, pixels, prepare
from pictures.opening import Opened, opened
from pictures.values import Fitted, How

BEST, WORST = 95, 80
"""Qualities between which a difference is hard to see; below, fewer pixels look better."""
_SMALLER_QUALITY = 88
_SMALLEST_SCALE = 1 / 3
_CAUTION = 0.93
_LOSSLESS_SHARE = 0.6
"""A lossless WebP of a photograph takes about so much of its PNG: below, it is not tried."""
_LOSSLESS_EFFORT = 30


@dataclass(frozen=True, slots=True)
class _Encoded:
    data: bytes
    prepared: Prepared
    how: How


def fit(path: Path, out: Path, *, limit: int, pixels: int = MAX_SOURCE_PIXELS) -> Fitted | None:
    """Encode a picture again so that it has at most ``limit`` bytes.

    ``None`` if that would ruin it, or if it is too large to be decoded here (``MAX_DECODE_BYTES``).

    In order: lossless WebP, qualities from 95 down to 80, fewer pixels (a third of each side at least). At
    most eight encodes. Alpha and the colour profile are kept, the EXIF orientation is applied to the
    pixels, all other metadata (places, cameras) goes; 16 bits become 8. A file that fits already is
    answered with its own path and nothing is written.

    Raises
    ------
    Larger
        The picture has more than ``pixels``.
    Refusal
        The file is not a picture or is damaged.
    OSError
        It cannot be read, or ``out`` not be written.
    """
    picture = opened(path, limit=max(MAX_SOURCE_BYTES, MAX_RESULT_BYTES), pixels=pixels)
    size = path.stat().st_size
    return _unchanged(path, picture, size) if size <= limit else _fitted(picture, out, limit)


def publish(path: Path, out: Path, *, limit: int, pixels: int = MAX_SOURCE_PIXELS) -> Fitted | None:
    """Write a picture to ``out`` as everybody may have it: upright, without any metadata but its profile.

    Its pixels stay as they are where it is upright and fits; otherwise as ``fit``, which also says what is
    raised. ``limit`` is bytes and at most the 50 MB that the provider reads.
    """
    picture = opened(path, pixels=pixels)
    limit = min(limit, MAX_SOURCE_BYTES)
    if picture.orientation != 1 or len(picture.data) > limit:
        return _fitted(picture, out, limit)
    out.write_bytes(picture.data)
    return _unchanged(out, picture, len(picture.data))


def _fitted(picture: Opened, out: Path, limit: int) -> Fitted | None:
    if picture.image is None:
        return None
    prepared = prepare(whole(picture.image, orientation=picture.orientation), profile_of(picture.image))
    worth = picture.kind == "PNG" and limit >= len(picture.data) * _LOSSLESS_SHARE
    encoded = _encoded(prepared, limit, try_lossless=worth)
    if encoded is None:
        return None
    out.write_bytes(encoded.data)
    return Fitted(
        path=out,
        media_type=SOURCE_TYPES[encoded.prepared.kind],
        size=len(encoded.data),
        width=encoded.prepared.picture.width,
        height=encoded.prepared.picture.height,
        how=encoded.how,
    )


def _unchanged(path: Path, picture: Opened, size: int) -> Fitted:
    width, height = picture.shown
    media_type = SOURCE_TYPES[picture.kind]
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
