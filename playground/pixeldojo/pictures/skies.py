"""Skies: gradient, sun or moon, stars, clouds, aurora."""

from __future__ import annotations

from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from playground.pixeldojo.pictures import tones
from playground.pixeldojo.pictures.weather import Light

Place = tuple[float, float]


def sky(size: tones.Size, light: Light, horizon: float, rng: Random) -> tuple[Image.Image, Place]:
    """Return a sky whose horizon is `horizon` pixels from the top, and the place of its sun or moon."""
    stops = tuple((place * horizon / size[1], colour) for place, colour in light.sky)
    result = tones.gradient(size, stops)
    disc = (size[0] * rng.uniform(0.22, 0.78), horizon * rng.uniform(*light.height))
    if light.dark > 0.5:
        result = ImageChops.screen(result, stars(size, rng, round(size[0] * horizon / 1500)))
    if light.name == "aurora":
        result = _aurora(result, horizon, rng)
    result = _shine(result, disc, light)
    return _clouds(result, horizon, disc, light, rng), disc


def stars(size: tones.Size, rng: Random, count: int) -> Image.Image:
    """Return stars on black: many faint ones, a few bright with a halo."""
    result = Image.new("RGB", size)
    draw = ImageDraw.Draw(result)
    unit = min(size) / 1000
    for number in range(count):
        across, down = rng.uniform(0, size[0]), rng.uniform(0, size[1])
        light = round(60 + 195 * rng.random() ** 3)
        tint = rng.choice(((255, 255, 255), (255, 232, 208), (206, 222, 255)))
        colour = tones.mix(tones.BLACK, tint, light / 255)
        radius = unit * (0.5 + (1.0 if number % 12 == 0 else 0.35) * light / 255)
        draw.ellipse((across - radius, down - radius, across + radius, down + radius), fill=colour)
    halo = result.filter(ImageFilter.GaussianBlur(max(1.0, unit * 3)))
    return ImageChops.add(result.filter(ImageFilter.GaussianBlur(0.5)), tones.curve(halo, lambda v: v * 2.0))


def _shine(image: Image.Image, disc: Place, light: Light) -> Image.Image:
    """Draw the sun or moon with its halo."""
    unit = min(image.size)
    for reach, strength in ((1.15, 0.42), (0.5, 0.5), (0.16, 0.7)):
        spot = tones.radial(image.size, disc, unit * reach, 1.8)
        image = tones.screen_light(image, spot, light.glow, strength)
    radius = unit * (0.045 if light.dark > 0.5 else 0.055)

    def paint(draw: ImageDraw.ImageDraw, scale: float) -> None:
        box = tuple(
            value * scale
            for value in (disc[0] - radius, disc[1] - radius, disc[0] + radius, disc[1] + radius)
        )
        draw.ellipse((box[0], box[1], box[2], box[3]), fill=255 if light.name != "storm" else 60)

    image = image.copy()
    mask = tones.mask_of(image.size, paint)
    image.paste(light.disc, (0, 0), mask)
    if light.dark > 0.9:
        _craters(image, disc, radius, mask)
    return image


def _craters(image: Image.Image, disc: Place, radius: float, moon: Image.Image) -> None:
    """Darken the moon's plains."""
    plains = Image.new("L", image.size, 0)
    draw = ImageDraw.Draw(plains)
    for across, down, share in (
        (-0.3, -0.25, 0.36),
        (0.22, -0.05, 0.26),
        (-0.1, 0.35, 0.3),
        (0.4, 0.38, 0.16),
    ):
        centre = (disc[0] + across * radius, disc[1] + down * radius)
        reach = share * radius
        box = (centre[0] - reach, centre[1] - reach, centre[0] + reach, centre[1] + reach)
        draw.ellipse(box, fill=70)
    soft = plains.filter(ImageFilter.GaussianBlur(max(0.6, radius * 0.08)))
    image.paste((150, 156, 176), (0, 0), ImageChops.multiply(soft, moon))


def _clouds(image: Image.Image, horizon: float, disc: Place, light: Light, rng: Random) -> Image.Image:
    """Lay flat clouds over the sky, brighter where the sun is near."""
    width, height = image.size
    field = tones.fractal(image.size, (width / 3.2, height / 14), rng, octaves=5)
    heavy = light.name == "storm"
    bottom = 0.40 if heavy else 0.53
    dense = tones.curve(field, lambda level: (level - bottom) * (3.4 if heavy else 2.6))
    fade = tones.gradient(
        image.size,
        (
            (0.0, (150, 150, 150)),
            (0.5 * horizon / height, (230, 230, 230)),
            (horizon / height, (40, 40, 40)),
            (1.0, (0, 0, 0)),
        ),
    ).getchannel("R")
    mask = tones.curve(ImageChops.multiply(dense, fade), lambda level: level * (0.9 if heavy else 0.7))
    lit = Image.new("RGB", image.size, light.clouds)
    lit = tones.screen_light(lit, tones.radial(image.size, disc, width * 0.4, 1.5), light.glow, 0.7)
    shadow = tones.curve(tones.fractal(image.size, (width / 6, height / 20), rng, 3), lambda v: v * 0.5)
    return Image.composite(tones.darken(lit, shadow, 0.5), image, mask)


def _aurora(image: Image.Image, horizon: float, rng: Random) -> Image.Image:
    """Hang curtains of green and violet light in the sky."""
    size = image.size
    for colour, top, strength in (
        ((60, 255, 150), 0.30, 1.0),
        ((90, 240, 190), 0.48, 0.8),
        ((170, 90, 255), 0.16, 0.7),
    ):
        band = _curtain(size, horizon, top, rng)
        image = tones.screen_light(image, band, colour, strength)
    return image


def _curtain(size: tones.Size, horizon: float, top: float, rng: Random) -> Image.Image:
    """Return one wavering band of upright rays: sharp below, fading upwards."""
    width = size[0]
    rays = tones.fractal((width, 1), (width / 60, 1.0), rng, octaves=3)
    waves = tones.noise((width, 1), (width / 4, 1.0), rng).filter(ImageFilter.BoxBlur(0))
    result = Image.new("L", size, 0)
    tall = max(4, round(horizon * 0.5))
    ray = (
        Image.linear_gradient("L")
        .resize((1, tall))
        .point([round(255 * (v / 255) ** 2.2) for v in range(256)])
    )
    for across in range(width):
        bright = _level(rays, across) / 255
        foot = round(horizon * (top + 0.30 * (_level(waves, across) / 255 - 0.5) + 0.25))
        column = ray.point([round(v * bright**1.6) for v in range(256)])
        result.paste(column, (across, foot - tall))
    return result.filter(ImageFilter.GaussianBlur(max(1.0, min(size) / 300)))


def _level(image: Image.Image, across: int) -> float:
    level = image.getpixel((across, 0))
    return float(level) if isinstance(level, (int, float)) else 0.0
