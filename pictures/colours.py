"""Colours: modes that Pillow's other functions handle poorly, and profiles."""

import io
import logging
from collections.abc import Callable
from typing import Any, cast

from PIL import Image

log = logging.getLogger(__name__)

_SPACES = {"RGB": b"RGB ", "RGBA": b"RGB ", "L": b"GRAY", "CMYK": b"CMYK"}
"""The colour space (ICC.1, bytes 16 to 20 of a profile) that belongs to a mode."""
_SRGB_NAMES = (b"sRGB", "sRGB".encode("utf-16-be"))


def plain(picture: Image.Image) -> Image.Image:
    """Return the picture in mode L, RGB, RGBA or CMYK: palettes and 16-bit greys unfolded, tRNS applied."""
    mode = picture.mode
    if mode.startswith("I"):
        # Converting 16 bits to 8 clips in some releases and shifts in others; through "I" it is always ours.
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if mode in {"LA", "La", "PA", "RGBa"} or "transparency" in picture.info:
        return picture.convert("RGBA")
    if mode in {"1", "L"}:
        return picture.convert("L")
    return picture if mode in {"RGB", "RGBA", "CMYK"} else picture.convert("RGB")


def fits_profile(picture: Image.Image, profile: bytes) -> bool:
    """Tell whether a profile describes the picture's own channels."""
    return _SPACES.get(picture.mode) == profile[16:20]


def to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return an L, RGB or RGBA picture that looks the same without its profile, as far as that goes.

    A profile that is broken, of another kind of picture, or sRGB itself changes nothing.
    """
    if profile is not None and fits_profile(picture, profile) and not _is_srgb(profile):
        picture = _transformed(picture, profile)
    return picture.convert("RGB") if picture.mode == "CMYK" else picture


def _is_srgb(profile: bytes) -> bool:
    return any(name in profile for name in _SRGB_NAMES)


def _transformed(picture: Image.Image, profile: bytes) -> Image.Image:
    # Most pictures never come here: the colour library is loaded only for those that do.
    from PIL import ImageCms  # noqa: PLC0415

    target = "RGBA" if picture.mode == "RGBA" else "RGB"
    make = cast("Callable[[str], Any]", ImageCms.createProfile)
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.ImageCmsProfile(make("sRGB"))
        changed = ImageCms.profileToProfile(picture, source, srgb, outputMode=target)
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        log.info("a colour profile could not be used: %s", type(error).__name__)
        return picture
    return picture if changed is None else changed
