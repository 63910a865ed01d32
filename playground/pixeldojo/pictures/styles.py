"""What happens to a photograph when the prompt names no edit: one of a few tasteful looks."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from playground.pixeldojo.pictures import grades, textures, tones

Style = Callable[[Image.Image, Random], Image.Image]

_INKS: tuple[tuple[tones.Colour, tones.Colour, tones.Colour], ...] = (
    ((22, 18, 62), (226, 74, 110), (255, 226, 170)),
    ((8, 32, 50), (38, 148, 150), (250, 240, 206)),
    ((42, 14, 58), (212, 84, 60), (255, 216, 120)),
    ((14, 24, 74), (106, 112, 212), (255, 220, 232)),
)


def duotone(image: Image.Image, rng: Random) -> Image.Image:
    """Print a picture in two inks, with a trace of its own colours."""
    dark, middle, bright = rng.choice(_INKS)
    printed = ImageOps.colorize(ImageOps.autocontrast(ImageOps.grayscale(image), 1), dark, bright, mid=middle)
    return Image.blend(printed, image, 0.18)


def _cinema(red: float, green: float, blue: float) -> tuple[float, float, float]:
    light = tones.luminance(red, green, blue)
    shade = (1 - light) ** 2
    warm = light * light
    return (
        red * 0.96 - 0.05 * shade + 0.07 * warm,
        green * 0.98 + 0.025 * shade + 0.01 * warm,
        blue * 0.94 + 0.09 * shade - 0.08 * warm,
    )


def cinema(image: Image.Image, rng: Random) -> Image.Image:
    """Teal shadows and amber lights, as in the cinema."""
    graded = ImageEnhance.Contrast(tones.grade(image, _cinema)).enhance(1.14)
    shaded = tones.darken(graded, tones.edge_shade(image.size), 0.5)
    return tones.grain(ImageEnhance.Color(shaded).enhance(1.25), rng, 7)


def dream(image: Image.Image, rng: Random) -> Image.Image:
    """Soft light and pastel washes drifting across."""
    soft = grades.glow(image, rng, "")
    wash = Image.new("RGB", image.size)
    first, second = rng.choice((((255, 170, 190), (120, 160, 255)), ((255, 205, 150), (150, 120, 230))))
    drift = tones.noise(image.size, (image.width * 0.8, image.height * 0.8), rng)
    wash = Image.composite(Image.new("RGB", image.size, first), Image.new("RGB", image.size, second), drift)
    return Image.blend(soft, ImageChops.soft_light(soft, wash), 0.75)


def canvas(image: Image.Image, rng: Random) -> Image.Image:
    """Brush strokes."""
    return textures.painting(image, rng, "")


def prism(image: Image.Image, rng: Random) -> Image.Image:
    """Red, green and blue slightly apart towards the edges, over lively colours."""
    reach = max(2, round(min(image.size) / rng.uniform(70, 100)))
    red, green, blue = ImageEnhance.Color(image).enhance(1.3).split()
    wide = (image.width + 2 * reach, image.height + 2 * reach)
    box = (reach, reach, reach + image.width, reach + image.height)
    red = red.resize(wide, Image.Resampling.BICUBIC).crop(box)
    green = green.resize((image.width + reach, image.height + reach), Image.Resampling.BICUBIC).crop(
        (reach // 2, reach // 2, reach // 2 + image.width, reach // 2 + image.height)
    )
    apart = Image.merge("RGB", (red, green, blue)).filter(ImageFilter.UnsharpMask(2, 70, 3))
    return tones.darken(apart, tones.edge_shade(image.size), 0.4)


STYLES: tuple[Style, ...] = (duotone, cinema, dream, canvas, prism)


def stylise(image: Image.Image, prompt: str, rng: Random, number: int) -> Image.Image:
    """Give a picture (RGB) the look that prompt and seed pick; each `number` in a set gets another."""
    first = Random(f"style/{prompt.strip().lower()}").randrange(len(STYLES))
    return STYLES[(first + number) % len(STYLES)](image, rng)
