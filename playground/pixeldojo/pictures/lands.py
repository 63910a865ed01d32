"""Land, layer behind layer: hills, mountains, forests, dunes."""

from __future__ import annotations

from itertools import pairwise
from math import pi, sin
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from playground.pixeldojo.pictures import tones
from playground.pixeldojo.pictures.weather import Light

Line = list[tuple[float, float]]


def displaced(rng: Random, rough: float, steps: int = 8) -> list[float]:
    """Return a random line of 2**steps + 1 heights from 0 to 1, by midpoint displacement.

    `rough` (0 to 1) is what each halving keeps of the displacement (Fournier, Fussell, Carpenter 1982).
    """
    heights = [rng.random(), rng.random()]
    reach = 0.5
    for _ in range(steps):
        between = [(a + b) / 2 + rng.uniform(-reach, reach) for a, b in pairwise(heights)]
        heights = [h for pair in zip(heights, between, strict=False) for h in pair] + [heights[-1]]
        reach *= rough
    low, high = min(heights), max(heights)
    return [(height - low) / max(1e-9, high - low) for height in heights]


def rolling(rng: Random, points: int = 129) -> list[float]:
    """Return a smooth line of heights from 0 to 1: three sine waves with chance phases."""
    waves = [(rng.uniform(0.6, 1.4) * 2**n, rng.uniform(0, 2 * pi), 0.5**n) for n in range(3)]
    heights = [
        sum(share * sin(2 * pi * pitch * n / points + phase) for pitch, phase, share in waves)
        for n in range(points)
    ]
    low, high = min(heights), max(heights)
    return [(height - low) / max(1e-9, high - low) for height in heights]


def ridge(heights: list[float], width: float, base: float, relief: float) -> Line:
    """Return the points of a ridge: `relief` pixels of height above `base` pixels from the top."""
    step = width / (len(heights) - 1)
    return [(number * step, base - height * relief) for number, height in enumerate(heights)]


def below(size: tones.Size, line: Line) -> Image.Image:
    """Return the mask of everything below a line."""

    def paint(draw: ImageDraw.ImageDraw, scale: float) -> None:
        points = [(across * scale, down * scale) for across, down in line]
        foot = size[1] * scale
        draw.polygon([*points, (size[0] * scale, foot), (0, foot)], fill=255)

    return tones.mask_of(size, paint)


def lay(
    image: Image.Image, mask: Image.Image, top: float, colour: tones.Colour, mist: tones.Colour
) -> Image.Image:
    """Paint a layer of land: its colour along the ridge, mist at its foot."""
    height = image.height
    start = min(0.98, max(0.0, top / height))
    fill = tones.gradient(image.size, ((start, colour), (min(1.0, start + 0.30), mist), (1.0, mist)))
    return Image.composite(fill, image, mask)


def hills(image: Image.Image, horizon: float, light: Light, rng: Random, count: int = 4) -> Image.Image:
    """Lay rolling hills one before the other, from the haze at the horizon to the foreground."""
    width, height = image.size
    for number in range(count):
        depth = (number + 1) / count
        base = horizon + (height - horizon) * (depth**1.25) * 0.85 + height * 0.02
        relief = height * (0.07 + 0.09 * depth)
        colour = tones.mix(light.haze, light.near, 0.22 + 0.78 * depth)
        mist = tones.mix(colour, light.haze, 0.34 * (1 - depth) + 0.06)
        line = ridge(rolling(rng), width, base, relief)
        image = lay(image, below(image.size, line), base - relief, colour, mist)
    return image


def mountains(image: Image.Image, horizon: float, light: Light, rng: Random) -> Image.Image:
    """Raise two chains of peaks with snow on them behind the horizon."""
    width, height = image.size
    for depth, share in ((0.35, 0.50), (0.62, 0.36)):
        heights = displaced(rng, 0.52)
        base, relief = horizon + height * 0.06, height * share
        line = ridge(heights, width, base, relief)
        mask = below(image.size, line)
        colour = tones.mix(light.haze, light.near, depth)
        image = lay(image, mask, base - relief, colour, tones.mix(colour, light.haze, 0.75))
        image = _snow(image, mask, line, relief, base, light, rng, 1 - depth)
    return image


def _snow(
    image: Image.Image,
    mask: Image.Image,
    line: Line,
    relief: float,
    base: float,
    light: Light,
    rng: Random,
    far: float,
) -> Image.Image:
    """Cover what is higher than the snow line, with a ragged lower edge."""
    ragged = displaced(rng, 0.68, steps=9)
    limit = base - relief * (0.42 if light.name == "winter" else 0.58)
    reach = relief * 0.34
    edge = [
        (across, min(limit + reach * (ragged[2 * number] - 0.5), down + reach * (0.35 + ragged[2 * number])))
        for number, (across, down) in enumerate(line)
    ]
    covered = ImageChops.subtract(mask, below(image.size, edge))
    white = tones.mix(
        tones.mix((250, 252, 255), light.glow, 0.22), light.haze, 0.15 + 0.35 * far + 0.3 * light.dark
    )
    snow = Image.new("RGB", image.size, white)
    return Image.composite(snow, image, covered)


def _conifer(across: float, foot: float, height: float, rng: Random) -> Line:
    """Return the outline of a fir: boughs that widen downwards."""
    boughs = 7
    right: Line = []
    left: Line = []
    for bough in range(boughs):
        share = (bough + 1) / boughs
        down = foot - height + height * share * 0.94
        wide = height * 0.20 * share * rng.uniform(0.85, 1.15)
        right += [(across + wide * 0.42, down - height * 0.07), (across + wide, down)]
        left += [(across - wide * 0.42, down - height * 0.07), (across - wide, down)]
    return [(across, foot - height), *right, (across, foot), *reversed(left)]


def forest(image: Image.Image, horizon: float, light: Light, rng: Random) -> Image.Image:
    """Stand three rows of firs on hills, the nearest tall and dark."""
    width, height = image.size
    for depth, pitch, tall in ((0.45, 0.016, 0.08), (0.72, 0.026, 0.15), (1.0, 0.05, 0.30)):
        base = horizon + (height - horizon) * depth * 0.92
        line = ridge(rolling(rng), width, base, height * 0.06)
        trees = _row(line, width * pitch, height * tall, rng)
        mask = ImageChops.lighter(below(image.size, line), _outlines(image.size, trees))
        colour = tones.mix(light.haze, light.near, 0.15 + 0.85 * depth)
        if light.name == "winter":
            colour = tones.mix(colour, (236, 242, 248), 0.25)
        mist = tones.mix(colour, light.haze, 0.55 * (1.05 - depth))
        image = lay(image, mask, base - height * (tall + 0.06), colour, mist)
    return image


def _row(line: Line, pitch: float, tall: float, rng: Random) -> list[Line]:
    end = line[-1][0]
    trees: list[Line] = []
    across = -pitch
    while across < end + pitch:
        point = line[min(len(line) - 1, max(0, round(across / end * (len(line) - 1))))]
        trees.append(_conifer(across, point[1] + tall * 0.1, tall * rng.uniform(0.55, 1.1), rng))
        across += pitch * rng.uniform(0.6, 1.3)
    return trees


def _outlines(size: tones.Size, shapes: list[Line]) -> Image.Image:
    def paint(draw: ImageDraw.ImageDraw, scale: float) -> None:
        for shape in shapes:
            draw.polygon([(across * scale, down * scale) for across, down in shape], fill=255)

    return tones.mask_of(size, paint)


def dunes(image: Image.Image, horizon: float, light: Light, rng: Random) -> Image.Image:
    """Lay sand dunes: every crest bright on one side, in shadow on the other."""
    width, height = image.size
    sand = tones.mix((232, 176, 110), light.haze, 0.35)
    for number in range(4):
        depth = (number + 1) / 4
        base = horizon + (height - horizon) * depth**1.3 * 0.8 + height * 0.04
        heights = [value**1.6 for value in rolling(rng)]
        line = ridge(heights, width, base, height * (0.05 + 0.12 * depth))
        colour = tones.mix(light.haze, tones.mix(sand, light.near, 0.55 * light.dark), 0.3 + 0.7 * depth)
        image = lay(
            image, below(image.size, line), base - height * 0.12, colour, tones.mix(colour, light.near, 0.30)
        )
        lean = [
            (across + (base - down) * 0.9, down + (base - down) * 0.15 + height * 0.01)
            for across, down in line
        ]
        shade = ImageChops.subtract(below(image.size, line), below(image.size, [(0.0, lean[0][1]), *lean]))
        soft = shade.filter(ImageFilter.GaussianBlur(max(1.0, height / 250)))
        image = Image.composite(Image.new("RGB", image.size, tones.mix(colour, light.near, 0.5)), image, soft)
    return image
