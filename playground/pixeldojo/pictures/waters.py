"""Water that mirrors what is above it, with ripples and a path of light under the sun or moon."""

from __future__ import annotations

from math import sin
from random import Random

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from playground.pixeldojo.pictures import tones
from playground.pixeldojo.pictures.weather import Light


def water(
    image: Image.Image, horizon: float, disc: tuple[float, float], light: Light, rng: Random
) -> Image.Image:
    """Fill everything below the horizon with water."""
    width, height = image.size
    line = round(horizon)
    depth = height - line
    above = image.crop((0, max(0, line - round(depth * 1.3)), width, line))
    mirrored = ImageOps.flip(above).resize((width, depth), Image.Resampling.BICUBIC)
    mirrored = _rippled(mirrored.filter(ImageFilter.GaussianBlur(max(1.0, height / 400))), rng)
    deep = tones.mix(light.near, light.sky[0][1], 0.55)
    tint = tones.gradient((width, depth), ((0.0, tones.mix(light.haze, deep, 0.25)), (1.0, deep)))
    surface = Image.blend(mirrored, tint, 0.42)
    result = image.copy()
    result.paste(surface, (0, line))
    result = _glitter(result, line, disc, light, rng)
    draw = ImageDraw.Draw(result)
    draw.line(
        (0, line, width, line), fill=tones.mix(light.haze, tones.WHITE, 0.2), width=max(1, height // 600)
    )
    return result


def _rippled(image: Image.Image, rng: Random) -> Image.Image:
    """Shift thin strips to and fro; the strips grow towards the viewer."""
    width, height = image.size
    result = image.copy()
    phase = rng.uniform(0, 6)
    down = 0
    while down < height:
        near = down / height
        thick = max(1, round(height * (0.004 + 0.010 * near)))
        shift = (sin(down * 0.9 + phase) + 0.6 * sin(down * 0.37)) * width * (0.002 + 0.012 * near)
        strip = image.crop((0, down, width, min(height, down + thick)))
        result.paste(strip, (round(shift), down))
        down += thick
    return result


def _glitter(
    image: Image.Image, line: int, disc: tuple[float, float], light: Light, rng: Random
) -> Image.Image:
    """Scatter short bright streaks over the water, densest under the sun or moon."""
    width, height = image.size
    depth = height - line
    streaks = Image.new("L", image.size, 0)
    draw = ImageDraw.Draw(streaks)
    for number in range(620):
        near = rng.random() ** 1.4
        down = line + 2 + near * depth
        spread = width * (0.015 + 0.10 * near)
        path = number % 4 != 0
        across = rng.gauss(disc[0], spread) if path else rng.uniform(0, width)
        half = width * (0.002 + 0.014 * near) * rng.uniform(0.5, 1.4)
        thick = max(0.5, height * (0.0005 + 0.0022 * near))
        bright = round((230 if path else 70) * rng.uniform(0.4, 1.0))
        draw.ellipse((across - half, down - thick, across + half, down + thick), fill=bright)
    soft = streaks.filter(ImageFilter.GaussianBlur(0.7))
    strength = 0.95 if light.name != "storm" else 0.3
    return tones.screen_light(image, soft, tones.mix(light.disc, light.glow, 0.4), strength)


def sails(image: Image.Image, horizon: float, light: Light, rng: Random) -> Image.Image:
    """Set one or two sailing boats upon the water."""
    boats = [
        (rng.uniform(0.12, 0.88) * image.width, rng.uniform(0.02, 0.16)) for _ in range(rng.choice((1, 2)))
    ]
    dark = tones.mix(light.near, tones.BLACK, 0.4)
    cloth = tones.mix((250, 246, 236), light.near, 0.15 + 0.6 * light.dark)
    result = image
    for across, near in boats:
        foot = horizon + (image.height - horizon) * near
        unit = image.height * (0.030 + 0.30 * near)
        hull = [(-0.8, 0.0), (0.9, 0.0), (0.55, 0.28), (-0.5, 0.28)]
        main, jib = [(0.0, -0.1), (0.0, -1.9), (-0.75, -0.1)], [(0.08, -0.1), (0.08, -1.6), (0.72, -0.1)]
        for shape, colour in ((main, cloth), (jib, tones.mix(cloth, light.near, 0.2)), (hull, dark)):
            points = [(across + x * unit, foot + y * unit) for x, y in shape]
            mask = tones.mask_of(
                image.size,
                lambda draw, scale, at=points: draw.polygon(
                    [(x * scale, y * scale) for x, y in at], fill=255
                ),
            )
            result = Image.composite(Image.new("RGB", image.size, colour), result, mask)
    return result
