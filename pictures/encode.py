"""Encoding a decoded picture again, in the kind that keeps most for its bytes."""

import io
import math
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from pictures.colours import fits_profile, to_srgb

WEBP_PIXELS = 4_000_000
"""Above this a picture without alpha becomes a JPEG: WebP takes ten times as long, 30 ms a megapixel."""
MAX_WEBP_PIXELS = 24_000_000
"""Above this a picture with alpha is made smaller first: an encode holds 16 bytes per pixel and takes 1 s."""
_MAX_SIDE = {"WEBP": 16_383, "JPEG": 65_500}
"""Pixels of a side that each kind can hold (libwebp, libjpeg)."""
_METHOD = 2
"""How hard WebP tries, 0 to 6: four times the time of 2 buys 3 % of the bytes."""
_PNG_EFFORT = 3
"""zlib's level: 6 takes four times as long for a tenth of the bytes."""

Kind = Literal["WEBP", "JPEG"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A picture ready to be encoded as ``kind``; ``profile`` still describes its colours, if there is one."""

    picture: Image.Image
    kind: Kind
    profile: bytes | None


def prepare(picture: Image.Image, profile: bytes | None) -> Prepared:
    """Choose the kind for an L, RGB, RGBA or CMYK picture and bring its colours to what that can hold.

    A profile is kept where the channels stay what they are; otherwise the picture is turned to sRGB.
    """
    if picture.mode == "RGBA" and is_opaque(picture):
        picture = picture.convert("RGB")
    kind: Kind = "JPEG"
    if picture.mode == "RGBA" or picture.width * picture.height <= WEBP_PIXELS:
        kind = "WEBP"
    kept = picture.mode in {"RGB", "RGBA"} or (picture.mode, kind) == ("L", "JPEG")
    if not kept:
        picture, profile = to_srgb(picture, profile).convert("RGB"), None
    if profile is not None and not fits_profile(picture, profile):
        profile = None
    return Prepared(picture=picture, kind=kind, profile=profile)


def pixels(prepared: Prepared) -> int:
    """Return how many pixels a picture has."""
    return prepared.picture.width * prepared.picture.height


def largest_scale(prepared: Prepared) -> float:
    """Return by what its sides must be multiplied, 1 at most, so that its kind can hold it."""
    side = max(prepared.picture.size)
    scale = min(1.0, _MAX_SIDE[prepared.kind] / side)
    if prepared.kind == "WEBP":
        scale = min(scale, math.sqrt(MAX_WEBP_PIXELS / pixels(prepared)))
    return scale


def encode(prepared: Prepared, quality: int, *, lossless: bool = False) -> bytes:
    """Encode at a quality of 0 to 100; a lossless WebP's quality is effort."""
    target = io.BytesIO()
    icc = prepared.profile or b""
    if prepared.kind == "JPEG":
        subsampling = 0 if quality >= 95 else 1 if quality >= 90 else 2
        prepared.picture.save(
            target, format="JPEG", quality=quality, subsampling=subsampling, icc_profile=icc
        )
    else:
        prepared.picture.save(
            target, format="WEBP", quality=quality, lossless=lossless, method=_METHOD, icc_profile=icc
        )
    return target.getvalue()


def as_png(picture: Image.Image) -> bytes:
    """Encode without loss, with nothing beside the pixels."""
    target = io.BytesIO()
    picture.save(target, format="PNG", compress_level=_PNG_EFFORT)
    return target.getvalue()


def is_opaque(picture: Image.Image) -> bool:
    """Tell whether an RGBA picture hides nothing."""
    low, _high = picture.getchannel("A").getextrema()
    return low == 255
