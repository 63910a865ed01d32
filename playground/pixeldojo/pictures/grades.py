"""Edits that change colours and light: black and white, sepia, night, golden hour, winter, film."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from playground.pixeldojo.pictures import tones


def black_and_white(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Grey with full contrast."""
    grey = ImageOps.autocontrast(ImageOps.grayscale(image), cutoff=1)
    return ImageEnhance.Contrast(grey).enhance(rng.uniform(1.0, 1.2)).convert("RGB")


def sepia(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Brown as an old print."""
    grey = ImageOps.autocontrast(ImageOps.grayscale(image), cutoff=0.5)
    middle = (round(rng.uniform(150, 168)), 116, round(rng.uniform(66, 82)))
    return ImageOps.colorize(grey, (36, 20, 8), (255, 241, 214), mid=middle)


def invert(image: Image.Image, _rng: Random, _prompt: str) -> Image.Image:
    """Make a negative."""
    return ImageOps.invert(image)


def solarize(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Reverse the bright half of the tones, as a print exposed to light does."""
    return ImageOps.autocontrast(ImageOps.solarize(image, threshold=round(rng.uniform(110, 150))))


def _night(red: float, green: float, blue: float) -> tuple[float, float, float]:
    light = tones.luminance(red, green, blue)
    lamp = max(0.0, (light - 0.70) / 0.30)
    deep = light**1.45
    cold = (deep * 0.20 + red * 0.10, deep * 0.30 + green * 0.11, deep * 0.46 + blue * 0.13 + 0.03)
    return cold[0] + lamp * 0.55, cold[1] + lamp * 0.42, cold[2] + lamp * 0.14


def night(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Moonlight: dark and blue, what was brightest glows as lamps do."""
    dark = tones.grade(image, _night)
    lamps = tones.curve(ImageOps.grayscale(image), lambda level: max(0.0, (level - 0.7) / 0.3))
    halo = lamps.filter(ImageFilter.GaussianBlur(max(2.0, min(image.size) / 40)))
    dark = tones.screen_light(dark, halo, (255, 190, 110), 0.45)
    moon = (image.width * rng.uniform(0.1, 0.9), -0.1 * image.height)
    dark = tones.screen_light(
        dark, tones.radial(image.size, moon, max(image.size) * 0.6, 2.2), (120, 150, 220), 0.34
    )
    return tones.darken(dark, tones.edge_shade(image.size), 0.45)


def _golden(red: float, green: float, blue: float) -> tuple[float, float, float]:
    light = tones.luminance(red, green, blue)
    return (
        red * 1.10 + 0.05 + 0.05 * light,
        green * 0.97 + 0.015 * light,
        blue * 0.72 + 0.03 * (1 - light),
    )


def golden_hour(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Warm light from a low sun in one upper corner."""
    warm = tones.grade(image, _golden)
    sun = (image.width * rng.choice((0.04, 0.96)), image.height * rng.uniform(0.02, 0.2))
    for reach, colour, strength in ((1.0, (255, 150, 60), 0.55), (0.35, (255, 220, 150), 0.6)):
        light = tones.radial(image.size, sun, max(image.size) * reach, 1.7)
        warm = tones.screen_light(warm, light, colour, strength)
    return ImageEnhance.Contrast(ImageEnhance.Color(warm).enhance(1.12)).enhance(1.08)


def _winter(red: float, green: float, blue: float) -> tuple[float, float, float]:
    light = tones.luminance(red, green, blue)
    pale = 0.55
    return (
        (light + (red - light) * pale) * 0.90 + 0.04,
        (light + (green - light) * pale) * 0.97 + 0.05,
        (light + (blue - light) * pale) * 1.02 + 0.10,
    )


def winter(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Cold, pale light and falling snow, near and far."""
    return snowfall(tones.grade(image, _winter), rng)


def snowfall(image: Image.Image, rng: Random) -> Image.Image:
    """Let snow fall, near and far."""
    result = image
    short = min(image.size)
    for share, count, soft in ((0.0035, 260, 0.3), (0.007, 110, 0.6), (0.014, 34, 2.2)):
        result = Image.composite(
            Image.new("RGB", image.size, (250, 252, 255)),
            result,
            _flakes(image.size, rng, count, max(0.8, short * share)).filter(
                ImageFilter.GaussianBlur(soft * short / 700)
            ),
        )
    return result


def _flakes(size: tones.Size, rng: Random, count: int, radius: float) -> Image.Image:
    spots = [(rng.uniform(0, size[0]), rng.uniform(0, size[1]), rng.uniform(0.5, 1.0)) for _ in range(count)]

    def paint(draw: tones.ImageDraw.ImageDraw, scale: float) -> None:
        for across, down, share in spots:
            reach = radius * share * scale
            box = (across * scale - reach, down * scale - reach, across * scale + reach, down * scale + reach)
            draw.ellipse(box, fill=round(140 + 100 * share))

    return tones.mask_of(size, paint)


def _faded(red: float, green: float, blue: float) -> tuple[float, float, float]:
    return 0.11 + red * 0.92, 0.10 + green * 0.86 + 0.02 * red, 0.16 + blue * 0.66


def vintage(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Faded film: lifted shadows, grain, dark corners and a leak of light at one side."""
    faded = tones.grade(tones.curve(image, lambda level: level**0.86), _faded)
    side = rng.choice((-0.05, 1.05))
    leak = tones.radial(
        image.size, (image.width * side, image.height * rng.uniform(0.2, 0.8)), image.height * 0.75, 1.4
    )
    faded = tones.screen_light(faded, leak, (255, 96, 40), 0.75)
    faded = tones.darken(faded, tones.edge_shade(image.size), 0.5)
    return tones.grain(faded, rng, 18)


def glow(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Soft dreamy light (Orton's effect: a picture under a blurred, brighter copy of itself)."""
    soft = image.filter(ImageFilter.GaussianBlur(max(2.0, min(image.size) / 36 * rng.uniform(0.8, 1.2))))
    bright = tones.curve(soft, lambda level: level**1.35 * 1.15)
    return ImageEnhance.Color(ImageChops.screen(tones.curve(image, lambda v: v * 0.92), bright)).enhance(1.15)


def vivid(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Stronger colours."""
    return ImageEnhance.Color(ImageEnhance.Contrast(image).enhance(1.1)).enhance(rng.uniform(1.7, 2.0))


def brighter(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Lift the tones without burning the lights."""
    power = rng.uniform(0.52, 0.62)
    return tones.curve(image, lambda level: level**power)


def darker(image: Image.Image, rng: Random, _prompt: str) -> Image.Image:
    """Lower the tones."""
    power = rng.uniform(1.7, 2.0)
    return tones.curve(image, lambda level: level**power * 0.95)
