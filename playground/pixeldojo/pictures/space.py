"""Outer space: nebulae, stars, a planet with or without a ring."""

from __future__ import annotations

import re
from math import pi
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from playground.pixeldojo.pictures import skies, tones

_NEBULAE: tuple[tuple[tones.Colour, tones.Colour, tones.Colour], ...] = (
    ((30, 20, 110), (214, 50, 140), (255, 190, 120)),
    ((10, 60, 110), (40, 170, 170), (255, 220, 180)),
    ((60, 16, 90), (220, 80, 60), (255, 216, 140)),
)
_WORLDS: tuple[tuple[tones.Colour, tones.Colour], ...] = (
    ((206, 150, 96), (110, 66, 44)),
    ((116, 168, 214), (38, 70, 130)),
    ((214, 196, 160), (134, 104, 84)),
    ((196, 92, 70), (92, 34, 40)),
)


def space(size: tones.Size, prompt: str, rng: Random) -> Image.Image:
    """Return a nebula full of stars with a planet before it."""
    result = Image.new("RGB", size, (5, 5, 16))
    for colour, bottom, strength in zip(
        rng.choice(_NEBULAE), (0.36, 0.46, 0.56), (0.75, 0.85, 0.9), strict=True
    ):
        field = tones.fractal(size, (size[0] / 2.6, size[1] / 2.2), rng, octaves=6)
        cloud = tones.curve(field, lambda level, edge=bottom: max(0.0, level - edge) * 2.1)
        result = tones.screen_light(result, cloud, colour, strength)
    dust = tones.curve(tones.fractal(size, (size[0] / 5, size[1] / 4), rng, 5), lambda v: (v - 0.5) * 3)
    result = tones.darken(result, dust, 0.65)
    result = ImageChops.screen(result, skies.stars(size, rng, size[0] * size[1] // 1100))
    radius = min(size) * rng.uniform(0.15, 0.22)
    centre = (size[0] * rng.choice((0.3, 0.7)), size[1] * rng.uniform(0.35, 0.65))
    ringed = re.search(r"\b(?:ring|saturn)", prompt, re.IGNORECASE) is not None or rng.random() < 0.5
    return _planet(result, centre, radius, rng, ringed=ringed)


def _planet(
    image: Image.Image, centre: tuple[float, float], radius: float, rng: Random, *, ringed: bool
) -> Image.Image:
    """Set a banded, lit sphere into a picture."""
    side = max(8, round(radius * 2))
    bright, dark = rng.choice(_WORLDS)
    bands = tones.fractal((side, side), (side * 1.5, side / 9), rng, octaves=4)
    ball = ImageOps.colorize(ImageOps.autocontrast(bands), dark, bright)
    ball = ball.rotate(rng.uniform(-25, 25), Image.Resampling.BICUBIC)
    light = tones.radial((side, side), (side * 0.30, side * 0.30), side * 0.95, 1.0)
    ball = ImageChops.multiply(ball, Image.merge("RGB", (light,) * 3))
    disc = tones.mask_of(
        (side, side), lambda draw, scale: draw.ellipse((2, 2, side * scale - 3, side * scale - 3), fill=255)
    )
    halo = tones.radial(image.size, (centre[0] - radius * 0.2, centre[1] - radius * 0.2), radius * 1.5, 2.0)
    result = tones.screen_light(image, halo, bright, 0.45)
    ring = _ring(image.size, centre, radius) if ringed else None
    if ring is not None:
        result = tones.screen_light(
            result, ImageChops.multiply(ring, _half(image.size, centre, upper=True)), bright, 0.8
        )
    result = result.copy()
    result.paste(ball, (round(centre[0] - radius), round(centre[1] - radius)), disc)
    if ring is not None:
        front = ImageChops.multiply(ring, _half(image.size, centre, upper=False))
        result = tones.screen_light(result, front, bright, 0.9)
    return result


def _ring(size: tones.Size, centre: tuple[float, float], radius: float) -> Image.Image:
    """Return the light of a tilted ring made of thin bands."""
    result = Image.new("L", size, 0)
    draw = ImageDraw.Draw(result)
    for number in range(22):
        wide = radius * (1.45 + 0.75 * number / 22)
        level = round(70 + 110 * abs((number * pi) % 1 - 0.5))
        box = (centre[0] - wide, centre[1] - wide * 0.24, centre[0] + wide, centre[1] + wide * 0.24)
        draw.ellipse(box, outline=level, width=max(1, round(radius * 0.02)))
    return result.filter(ImageFilter.GaussianBlur(max(0.6, radius / 160)))


def _half(size: tones.Size, centre: tuple[float, float], *, upper: bool) -> Image.Image:
    result = Image.new("L", size, 0)
    top, bottom = (0, round(centre[1])) if upper else (round(centre[1]), size[1])
    ImageDraw.Draw(result).rectangle((0, top, size[0], bottom), fill=255)
    return result
