"""Making a picture fit an upload limit with as little loss as the limit allows."""

import math
from dataclasses import dataclass, replace

from PIL import Image

from domain.limits import MAX_RESULT_BYTES, MAX_SCALED_PIXELS, MAX_SOURCE_BYTES
from pictures.decode import whole
from pictures.encode import WEBP_PIXELS, Prepared, encode, largest_scale, pixels, prepare
from pictures.kinds import MEDIA_TYPES
from pictures.marks import EDITED, GENERATED, marked
from pictures.opening import opened
from pictures.values import File, Fitted, How

BEST, WORST = 95, 80
"""Qualities between which a difference is hard to see; below, fewer pixels look better."""
_SMALLER_QUALITY = 88
_SMALLEST_SCALE = 1 / 3
_CAUTION = 0.93
_LOSSLESS_SHARE = 0.6
"""A lossless WebP of a photograph takes about so much of its PNG: below, it is not tried."""
_LOSSLESS_EFFORT = 30


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture as it was encoded at last, and what had to be done for it."""

    data: bytes
    prepared: Prepared
    how: How


def fit(
    file: File, out: File, *, limit: int, generated: bool = False, pixels: int = MAX_SCALED_PIXELS
) -> Fitted | None:
    """Encode a picture again so that it has at most ``limit`` bytes.

    ``None`` if that would ruin it, or if it is too large to be decoded here (``MAX_DECODE_BYTES``).

    In order: lossless WebP, qualities from 95 down to 80, fewer pixels (a third of each side at least). At
    most eight encodes. Alpha and the colour profile are kept, the EXIF orientation is applied to the
    pixels; of other metadata only XMP stays, which then says that a machine made the picture, of others or
    from words alone (``generated``); 16 bits become 8. A file that fits already is described, and nothing is
    written.

    Raises
    ------
    Larger
        The picture has more than ``pixels``.
    Refusal
        The file is not a picture or is damaged.
    OSError
        It cannot be read, or ``out`` not be written.
    """
    picture = opened(file, limit=max(MAX_SOURCE_BYTES, MAX_RESULT_BYTES), pixels=pixels)
    size = file.stat().st_size
    if size <= limit:
        width, height = picture.shown
        kind = MEDIA_TYPES[picture.kind]
        return Fitted(media_type=kind, size=size, width=width, height=height, how=How.UNCHANGED)
    if picture.image is None:
        return None
    prepared = replace(
        prepare(whole(picture, picture.image), picture.profile),
        xmp=marked(picture.xmp, GENERATED if generated else EDITED),
    )
    worth = picture.kind == "PNG" and limit >= len(picture.data) * _LOSSLESS_SHARE
    made = within(prepared, limit, try_lossless=worth)
    if made is None:
        return None
    out.write_bytes(made.data)
    shown = made.prepared.picture
    return Fitted(
        media_type=MEDIA_TYPES[made.prepared.kind],
        size=len(made.data),
        width=shown.width,
        height=shown.height,
        how=made.how,
        marks_lost=picture.is_signed,
    )


def within(prepared: Prepared, limit: int, *, try_lossless: bool = False) -> Encoded | None:
    """Encode with as little loss as ``limit`` bytes allow; ``None`` if they would ruin the picture."""
    possible = _scaled(prepared, largest_scale(prepared))
    how = How.QUALITY if possible is prepared else How.SMALLER
    small_webp = prepared.kind == "WEBP" and pixels(prepared) <= WEBP_PIXELS
    if try_lossless and small_webp and possible is prepared:
        data = encode(prepared, _LOSSLESS_EFFORT, lossless=True)
        if len(data) <= limit:
            return Encoded(data, prepared, How.LOSSLESS)
    best = encode(possible, BEST)
    if len(best) <= limit:
        return Encoded(best, possible, how)
    worst = encode(possible, WORST)
    if len(worst) > limit:
        return _smaller(possible, limit, len(worst))
    return Encoded(_between(possible, limit, worst), possible, how)


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


def _smaller(prepared: Prepared, limit: int, worst: int) -> Encoded | None:
    """Give up pixels: bytes grow with their number, so three guesses come close from above."""
    scale = math.sqrt(limit / worst) * _CAUTION
    for _ in range(3):
        scale = max(scale, _SMALLEST_SCALE)
        small = _scaled(prepared, scale)
        data = encode(small, _SMALLER_QUALITY)
        if len(data) <= limit:
            return Encoded(data, small, How.SMALLER)
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
