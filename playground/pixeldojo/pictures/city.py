"""A skyline: three rows of houses, the windows lit as it gets dark."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from playground.pixeldojo.pictures import tones
from playground.pixeldojo.pictures.weather import Light

House = tuple[float, float, float, int]
_STONE: tones.Colour = (58, 66, 92)
_LAMPS: tuple[tones.Colour, ...] = ((255, 214, 130), (255, 190, 96), (255, 236, 190), (190, 220, 255))


def skyline(image: Image.Image, horizon: float, light: Light, rng: Random) -> Image.Image:
    """Build a town on the horizon, row before row."""
    for depth, tall, broad in ((0.30, 0.50, 0.045), (0.62, 0.38, 0.06), (1.0, 0.25, 0.085)):
        houses = _row(image.size, horizon, tall, broad, rng)
        stone = tones.mix(light.near, _STONE, 0.75 * (1 - light.dark))
        colour = tones.mix(light.haze, stone, 0.12 + 0.88 * depth)
        foot = tones.mix(colour, light.haze, 0.6 * (1.1 - depth))
        mask = tones.mask_of(image.size, lambda draw, scale, row=houses: _draw_row(draw, scale, row, horizon))
        top = horizon - image.height * tall
        start = max(0.0, top / image.height)
        fill = tones.gradient(image.size, ((start, colour), (horizon / image.height, foot), (1.0, foot)))
        image = Image.composite(fill, image, mask)
        image = _windows(image, houses, horizon, light, rng, depth)
    return image


def _row(size: tones.Size, horizon: float, tall: float, broad: float, rng: Random) -> list[House]:
    """Return houses from left to right: left, right, top in pixels, and the kind of roof."""
    houses: list[House] = []
    left = -size[0] * broad * rng.random()
    while left < size[0]:
        width = size[0] * broad * rng.uniform(0.55, 1.25)
        middle = 1 - abs((left + width / 2) / size[0] - 0.5) * 0.9
        height = size[1] * tall * (0.28 + 0.72 * rng.random() ** 1.6) * middle
        houses.append((left, left + width, horizon - height, rng.randrange(5)))
        left += width + size[0] * broad * rng.choice((0.0, 0.0, 0.12))
    return houses


def _draw_row(draw: ImageDraw.ImageDraw, scale: float, houses: list[House], horizon: float) -> None:
    for left, right, top, roof in houses:
        wide, middle = right - left, (left + right) / 2
        draw.rectangle((left * scale, top * scale, right * scale, horizon * scale), fill=255)
        if roof == 0:
            mast = wide * 0.9
            draw.rectangle(
                ((middle - 1) * scale, (top - mast) * scale, (middle + 1) * scale, top * scale), fill=255
            )
        if roof in (0, 1):
            step = (left + wide * 0.2, top - wide * 0.22, right - wide * 0.2, top)
            draw.rectangle(tuple(value * scale for value in step), fill=255)
        if roof == 2:
            peak = [(left, top), (middle, top - wide * 0.6), (right, top)]
            draw.polygon([(across * scale, down * scale) for across, down in peak], fill=255)


def _windows(
    image: Image.Image, houses: list[House], horizon: float, light: Light, rng: Random, depth: float
) -> Image.Image:
    """Light some windows of every house; in daylight they only glint."""
    lamps = Image.new("RGB", image.size)
    draw = ImageDraw.Draw(lamps)
    pane = max(1.5, image.width * (0.0026 + 0.0036 * depth))
    share = 0.08 + 0.40 * light.dark
    for left, right, top, _roof in houses:
        down = top + pane * 1.6
        while down < horizon - pane * 2:
            _floor(draw, (left + pane, right - pane * 1.6, down), pane, share, rng)
            down += pane * 2.3
    strength = (0.35 + 0.65 * light.dark) * (0.45 + 0.55 * depth)
    lit = tones.curve(lamps, lambda level: level * strength)
    halo = tones.curve(lit.filter(ImageFilter.GaussianBlur(pane * 2)), lambda level: level * 1.1)
    return ImageChops.screen(ImageChops.screen(image, lit), halo)


def _floor(
    draw: ImageDraw.ImageDraw, place: tuple[float, float, float], pane: float, share: float, rng: Random
) -> None:
    across, end, down = place
    while across < end:
        if rng.random() < share:
            draw.rectangle((across, down, across + pane * 0.8, down + pane * 1.1), fill=rng.choice(_LAMPS))
        across += pane * 1.9
