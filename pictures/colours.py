"""Colours: modes that Pillow's other functions handle poorly, and profiles."""

import io
import logging
from collections.abc import Callable
from functools import lru_cache
from itertools import product
from typing import Any, cast

from PIL import Image, ImageChops, ImageCms

log = logging.getLogger(__name__)

_RGB, _GREY = b"RGB ", b"GRAY"
_SPACES = {
    **dict.fromkeys(("RGB", "RGBA", "P", "PA"), _RGB),
    **dict.fromkeys(("L", "LA", "1", "I;16"), _GREY),
    "CMYK": b"CMYK",
}
"""The colour space (ICC.1, bytes 16 to 20 of a profile) that belongs to a mode."""
_LEVELS = (0, 13, 38, 89, 166, 255)
"""Of red, green and blue in the colours that a profile is tried on: the dark tell one curve from another."""
_SAME = 5
"""By how much of 255 a colour may differ and look the same: sRGB has been written down in many ways."""


def plain(picture: Image.Image) -> Image.Image:
    """Return the picture in mode L, RGB, RGBA or CMYK: palettes and 16-bit greys unfolded, tRNS applied."""
    mode = picture.mode
    if mode == "F":
        return _of_fractions(picture)
    if mode.startswith("I"):
        # Converting 16 bits to 8 clips in some releases and shifts in others; through "I" it is always ours.
        grey = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        if (clear := picture.info.get("transparency")) is None:
            return grey
        grey.info["transparency"] = clear
        return grey.convert("RGBA")
    if mode in {"LA", "La", "PA", "RGBa"} or "transparency" in picture.info:
        return picture.convert("RGBA")
    if mode in {"1", "L"}:
        return picture.convert("L")
    return picture if mode in {"RGB", "RGBA", "CMYK"} else picture.convert("RGB")


def _of_fractions(picture: Image.Image) -> Image.Image:
    """Bring a picture of floating-point numbers, be it that white is 1 or 255, to 8 bits."""
    _low, high = cast("tuple[float, float]", picture.getextrema())
    return (picture.point(lambda value: value * 255) if 0 < high <= 1 else picture).convert("L")


def load() -> None:
    """Have the colour library ready, and the profile that it makes."""
    _srgb()


def is_srgb(picture: Image.Image, profile: bytes | None) -> bool:
    """Tell whether a picture's numbers are sRGB or grey as they are."""
    if picture.mode == "CMYK":
        return False
    return profile is None or not fits_profile(picture, profile) or _changes_nothing(profile)


def fits_profile(picture: Image.Image, profile: bytes) -> bool:
    """Tell whether a profile describes the picture's own channels."""
    return _SPACES.get(picture.mode) == profile[16:20]


def to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Return an L, RGB or RGBA picture that looks the same without its profile, as far as that goes.

    A profile that is broken, of another kind of picture, or sRGB itself changes nothing.
    """
    if profile is not None and picture.mode == "RGBA" and profile[16:20] == _GREY:
        # It was grey with alpha.
        seen = to_srgb(picture.getchannel("R"), profile).convert("RGBA")
        seen.putalpha(picture.getchannel("A"))
        return seen
    if profile is not None and fits_profile(picture, profile) and not _changes_nothing(profile):
        picture = _transformed(picture, profile)
    return picture.convert("RGB") if picture.mode == "CMYK" else picture


@lru_cache(maxsize=4)
def _changes_nothing(profile: bytes) -> bool:
    """Tell whether a profile means what sRGB does: by what becomes of a few colours, not by its name."""
    if profile[16:20] == _GREY:
        before = Image.frombytes("L", (52, 1), bytes(range(0, 256, 5)))
    elif profile[16:20] == _RGB:
        before = Image.frombytes(
            "RGB", (216, 1), bytes(each for colour in product(_LEVELS, repeat=3) for each in colour)
        )
    else:
        return False
    seen = _transformed(before, profile).convert("RGB")
    extremes = ImageChops.difference(before.convert("RGB"), seen).getextrema()
    return max(high for _low, high in cast("tuple[tuple[int, int], ...]", extremes)) <= _SAME


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
