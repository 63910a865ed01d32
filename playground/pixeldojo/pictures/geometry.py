"""Edits that move pixels: mirror, flip, rotate."""

from __future__ import annotations

import re
from random import Random

from PIL import Image, ImageFilter, ImageOps

from playground.pixeldojo.pictures.tones import cover, curve

_ANGLE = re.compile(r"rotat\w*\D{0,20}?(-?\d{1,3})", re.IGNORECASE)
_ANTICLOCKWISE = re.compile(r"left|anti-?clockwise|counter-?clockwise", re.IGNORECASE)
_HALF_TURN = re.compile(r"half|upside", re.IGNORECASE)


def mirror(image: Image.Image, _rng: Random, _prompt: str) -> Image.Image:
    """Exchange left and right."""
    return ImageOps.mirror(image)


def flip(image: Image.Image, _rng: Random, _prompt: str) -> Image.Image:
    """Turn a picture upside down."""
    return ImageOps.flip(image)


def angle_of(prompt: str) -> int:
    """Return the clockwise turn that a prompt names, in degrees from 0 to 359; 90 unless it says."""
    named = _ANGLE.search(prompt)
    angle = int(named.group(1)) if named else 180 if _HALF_TURN.search(prompt) else 90
    return (-angle if _ANTICLOCKWISE.search(prompt) else angle) % 360


def rotate(image: Image.Image, _rng: Random, prompt: str) -> Image.Image:
    """Turn a picture clockwise, whole, before a blurred and darkened copy of itself."""
    turned = image.convert("RGBA").rotate(-angle_of(prompt), Image.Resampling.BICUBIC, expand=True)
    scale = min(image.width / turned.width, image.height / turned.height)
    turned = turned.resize(
        (max(1, round(turned.width * scale)), max(1, round(turned.height * scale))), Image.Resampling.LANCZOS
    )
    behind = cover(image, (max(1, image.width // 6), max(1, image.height // 6)))
    behind = behind.filter(ImageFilter.GaussianBlur(max(behind.size) / 16))
    behind = curve(behind.resize(image.size, Image.Resampling.BICUBIC), lambda level: level * 0.5)
    place = ((image.width - turned.width) // 2, (image.height - turned.height) // 2)
    behind.paste(turned, place, turned)
    return behind
