"""Colours: modes that Pillow's other functions handle poorly, and profiles."""

import io
import logging
from collections.abc import Callable
from typing import Any, cast

from PIL import Image, ImageCms

log = logging.getLogger(__name__)

_SPACES = {"RGB": b"RGB ", "RGBA": b"RGB ", "L": b"GRAY", "CMYK": b"CMYK"}
"""The colour space (ICC.1, bytes 16 to 20 of a profile) that belongs to a mode."""
_SRGB_NAMES = (b"sRGB", "sRGB".encode("utf-16-be"))


def plain(picture: Image.Image) -> Image.Image:
    """Return the picture in mode L, RGB, RGBA or CMYK: palettes and 16-bit greys unfolded, tRNS applied."""
    mode = picture.mode
    if mode == "F":
        return picture.convert("L")
    if mode.startswith("I"):
        # Converting 16 bits to 8 clips in some releases and shifts in others; through "I" it is always ours.
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if mode in {"LA", "La", "PA", "RGBa"} or "transparency" in picture.info:
        return picture.convert("RGBA")
    if mode in {"1", "L"}:
        return picture.convert("L")
    return picture if mode in {"RGB", "RGBA", "CMYK"} else picture.convert("RGB")


def load() -> None:
    """Have the colour library ready, and the profile that it makes."""
    _srgb()


def is_srgb(picture: Image.Image, profile: bytes | None) -> bool:
    """Tell whether a picture's numbers are sRGB or grey as they are."""
    if picture.mode == "CMYK":
        return False
    return profile is None or not fits_profile(picture, profile) or _is_named_srgb(profile)


def fits_profile(picture: Image.Image, profile: bytes) -> bool:
    """Tell whether a profile describes the picture's own channels."""
    return _SPACES.get(picture.mode) == profile[16:20]


def to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return an L, RGB or RGBA picture that looks the same without its profile, as far as that goes.

    A profile that is broken, of another kind of picture, or sRGB itself changes nothing.
    """
    if profile is not None and fits_profile(picture, profile) and not _is_named_srgb(profile):
        picture = _transformed(picture, profile)
    return picture.convert("RGB") if picture.mode == "CMYK" else picture


def _is_named_srgb(profile: bytes) -> bool:
    return any(name in profile for name in _SRGB_NAMES)


def _transformed(picture: Image.Image, profile: bytes) -> Image.Image:
    target = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        changed = ImageCms.profileToProfile(picture, source, _srgb(), outputMode=target)
    except (ImageCms.PyCMSError, OSError, ValueError) as error:
        log.info("a colour profile could not be used: %s", type(error).__name__)
        return picture
    return picture if changed is None else changed


def _srgb() -> ImageCms.ImageCmsProfile:
    make = cast("Callable[[str], Any]", ImageCms.createProfile)
    return ImageCms.ImageCmsProfile(make("sRGB"))
