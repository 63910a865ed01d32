"""Gradients, noise, colour tables and masks from which every picture here is made.

All randomness comes from the ``random.Random`` that is passed in, so that the same seed gives the same
picture, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Size = tuple[int, int]
Stop = tuple[float, Colour]
Table = Callable[[float, float, float], tuple[float, float, float]]

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
MASK_SCALE = 2


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return the colour that is `share` (0 to 1) of the way from the first to the second."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def colour_at(stops: Sequence[Stop], place: float) -> Colour:
    """Return the colour of a gradient at a place from 0 to 1; the stops are in ascending order."""
    before = stops[0]
    for stop in stops:
        if place <= stop[0]:
            span = stop[0] - before[0]
            return mix(before[1], stop[1], (place - before[0]) / span if span > 0 else 1.0)
        before = stop
    return before[1]


def gradient(size: Size, stops: Sequence[Stop]) -> Image.Image:
    """Return a vertical gradient, top to bottom."""
    height = size[1]
    rows = bytearray()
    for row in range(height):
        rows.extend(colour_at(stops, row / max(1, height - 1)))
    return Image.frombytes("RGB", (1, height), bytes(rows)).resize(size)


def noise(size: Size, cell: tuple[float, float], rng: Random) -> Image.Image:
    """Return smooth grey noise whose spots are about `cell` (width, height) pixels large."""
    columns = max(2, round(size[0] / cell[0]) + 1)
    rows = max(2, round(size[1] / cell[1]) + 1)
    spots = Image.frombytes("L", (columns, rows), rng.randbytes(columns * rows))
    return spots.resize(size, Image.Resampling.BICUBIC)


def fractal(size: Size, cell: tuple[float, float], rng: Random, octaves: int = 4) -> Image.Image:
    """Return cloudy grey noise: octaves of finer and finer spots, each half as strong."""
    result = noise(size, cell, rng)
    for octave in range(1, octaves):
        finer = (max(1.0, cell[0] / 2**octave), max(1.0, cell[1] / 2**octave))
        result = Image.blend(result, noise(size, finer, rng), 1 / (2 ** (octave + 1) - 1))
    return result


def grain(image: Image.Image, rng: Random, strength: float) -> Image.Image:
    """Add film grain; `strength` is the greatest change of a channel, in 255ths."""
    dust = Image.frombytes("L", image.size, rng.randbytes(image.width * image.height))
    around = dust.point([round(128 + (level - 128) / 128 * strength) for level in range(256)])
    return ImageChops.add(image, Image.merge("RGB", (around, around, around)), 1, -128)


def curve(image: Image.Image, function: Callable[[float], float]) -> Image.Image:
    """Send every channel through a function from 0–1 to 0–1."""
    table = [round(255 * min(1.0, max(0.0, function(level / 255)))) for level in range(256)]
    return image.point(table * len(image.getbands()))


@lru_cache(maxsize=64)
def colour_table(function: Table) -> ImageFilter.Color3DLUT:
    """Return the 17-step colour table of a function from RGB to RGB, each channel 0 to 1."""
    return ImageFilter.Color3DLUT.generate(17, function)


def grade(image: Image.Image, function: Table) -> Image.Image:
    """Send every pixel through a function from RGB to RGB (0 to 1), through a colour table."""
    return image.filter(colour_table(function))


def luminance(red: float, green: float, blue: float) -> float:
    """Return the perceived lightness of a colour (ITU-R BT.709 weights)."""
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def radial(size: Size, centre: tuple[float, float], radius: float, power: float = 1.0) -> Image.Image:
    """Return a soft spot of light: 255 in the centre, 0 from `radius` pixels on."""
    # Pillow's radial gradient is 256 pixels wide: 0 in its centre, 180 where it meets its sides.
    falling = [round(255 * max(0.0, 1 - level / 179) ** power) for level in range(256)]
    spot = Image.radial_gradient("L").crop((1, 1, 256, 256)).point(falling)
    width = max(2, round(2 * radius))
    scaled = spot.resize((width, width), Image.Resampling.BICUBIC)
    result = Image.new("L", size, 0)
    result.paste(scaled, (round(centre[0] - radius), round(centre[1] - radius)))
    return result


def screen_light(image: Image.Image, light: Image.Image, colour: Colour, strength: float) -> Image.Image:
    """Shine coloured light, given as a grey picture, upon a picture."""
    tinted = Image.merge(
        "RGB",
        tuple(light.point([round(level / 255 * part * strength) for level in range(256)]) for part in colour),
    )
    return ImageChops.screen(image, tinted)


def mask_of(size: Size, paint: Callable[[ImageDraw.ImageDraw, float], None]) -> Image.Image:
    """Return a mask with smooth edges: `paint` draws at the given scale, the result is reduced."""
    large = Image.new("L", (size[0] * MASK_SCALE, size[1] * MASK_SCALE), 0)
    paint(ImageDraw.Draw(large), float(MASK_SCALE))
    return large.reduce(MASK_SCALE)


def darken(image: Image.Image, mask: Image.Image, share: float) -> Image.Image:
    """Darken a picture where a mask is bright, by at most `share` (0 to 1)."""
    dark = image.point([round(level * (1 - share)) for level in range(256)] * len(image.getbands()))
    return Image.composite(dark, image, mask)


def edge_shade(size: Size) -> Image.Image:
    """Return a mask that is dark in the middle and bright in the corners."""
    rising = [round(255 * max(0.0, (level / 255 - 0.35) / 0.65) ** 1.6) for level in range(256)]
    return Image.radial_gradient("L").resize(size, Image.Resampling.BICUBIC).point(rising)


def cover(image: Image.Image, size: Size, centre: tuple[float, float] = (0.5, 0.4)) -> Image.Image:
    """Scale and crop a picture so that it fills a size; a little more of its top is kept than of its foot."""
    scale = max(size[0] / image.width, size[1] / image.height)
    width, height = min(image.width, size[0] / scale), min(image.height, size[1] / scale)
    left = (image.width - width) * centre[0]
    top = (image.height - height) * centre[1]
    box = (left, top, left + width, top + height)
    return image.resize(size, Image.Resampling.LANCZOS, box=box)
