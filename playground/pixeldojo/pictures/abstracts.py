"""Abstract pictures, for prompts that name nothing this painter knows: tiles, waves, orbs."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from playground.pixeldojo.pictures import lands, tones

Palette = tuple[tones.Colour, ...]
Abstract = Callable[[tones.Size, Palette, Random], Image.Image]

PALETTES: tuple[Palette, ...] = (
    ((24, 30, 54), (238, 108, 77), (244, 185, 66), (61, 132, 168), (244, 241, 222)),
    ((38, 70, 83), (42, 157, 143), (233, 196, 106), (244, 162, 97), (231, 111, 81)),
    ((43, 24, 68), (120, 40, 120), (224, 80, 110), (255, 160, 110), (255, 232, 190)),
    ((20, 48, 60), (24, 110, 120), (120, 190, 170), (240, 220, 180), (214, 90, 70)),
    ((52, 40, 48), (150, 64, 72), (222, 140, 110), (242, 214, 184), (98, 128, 120)),
)


def tiles(size: tones.Size, palette: Palette, rng: Random) -> Image.Image:
    """Fill a grid with quarter circles, half circles and rings in flat colours."""
    pitch = max(8, min(size) // rng.choice((4, 5)))
    columns, rows = ceil(size[0] / pitch), ceil(size[1] / pitch)
    scale = tones.MASK_SCALE
    large = Image.new("RGB", (size[0] * scale, size[1] * scale), palette[-1])
    draw = ImageDraw.Draw(large)
    for row in range(rows):
        for column in range(columns):
            _tile(draw, (column * pitch * scale, row * pitch * scale), pitch * scale, palette, rng)
    return tones.grain(large.reduce(scale), rng, 6)


def _tile(
    draw: ImageDraw.ImageDraw, place: tuple[int, int], side: int, palette: Palette, rng: Random
) -> None:
    left, top = place
    ground, figure, dot = rng.sample(palette, 3)
    box = (left, top, left + side, top + side)
    draw.rectangle(box, fill=ground)
    kind = rng.randrange(4)
    if kind == 0:
        across, down = rng.choice((0, -side)), rng.choice((0, -side))
        wide = (left + across, top + down, left + across + 2 * side, top + down + 2 * side)
        # The quarter that lies inside the tile.
        start = {(0, 0): 180, (-side, 0): 270, (-side, -side): 0, (0, -side): 90}[across, down]
        draw.pieslice(wide, start, start + 90, fill=figure)
    elif kind == 1:
        start = rng.choice((0, 90, 180, 270))
        draw.pieslice(box, start, start + 180, fill=figure)
    elif kind == 2:
        draw.ellipse(box, fill=figure)
        inset = side // 3
        draw.ellipse((left + inset, top + inset, left + side - inset, top + side - inset), fill=dot)
    else:
        draw.polygon([(left, top), (left + side, top + side), (left, top + side)], fill=figure)


def waves(size: tones.Size, palette: Palette, rng: Random) -> Image.Image:
    """Stack rolling bands of colour, each casting a soft shadow on the one behind."""
    result = tones.gradient(size, ((0.0, palette[-1]), (1.0, palette[-2])))
    count = 9
    for number in range(count):
        base = size[1] * (0.25 + 0.85 * number / count)
        line = lands.ridge(lands.rolling(rng), size[0], base, size[1] * 0.22)
        mask = lands.below(size, line)
        shadow = mask.filter(ImageFilter.GaussianBlur(min(size) / 40))
        result = tones.darken(result, shadow, 0.35)
        place = number / (count - 1) * (len(palette) - 1)
        colour = tones.mix(
            palette[-1 - int(place)], palette[max(0, len(palette) - 2 - int(place))], place % 1
        )
        fill = tones.gradient(size, ((0.0, tones.mix(colour, tones.WHITE, 0.15)), (1.0, colour)))
        result = Image.composite(fill, result, mask)
    return tones.grain(result, rng, 6)


def orbs(size: tones.Size, palette: Palette, rng: Random) -> Image.Image:
    """Let glowing spheres float in a coloured dusk."""
    result = tones.gradient(size, ((0.0, palette[0]), (1.0, palette[1])))
    for number in range(14):
        radius = min(size) * (0.05 + 0.20 * rng.random() ** 2)
        centre = (rng.uniform(0, size[0]), rng.uniform(0, size[1]))
        colour = palette[1 + number % (len(palette) - 1)]
        result = tones.screen_light(result, tones.radial(size, centre, radius * 2.2, 2.0), colour, 0.45)
        disc = tones.mask_of(
            size,
            lambda draw, scale, at=centre, reach=radius: draw.ellipse(
                (
                    (at[0] - reach) * scale,
                    (at[1] - reach) * scale,
                    (at[0] + reach) * scale,
                    (at[1] + reach) * scale,
                ),
                fill=235,
            ),
        )
        shine = tones.radial(size, (centre[0] - radius * 0.35, centre[1] - radius * 0.4), radius * 1.7, 1.0)
        dark = Image.new("RGB", size, tones.mix(colour, palette[0], 0.65))
        sphere = Image.composite(Image.new("RGB", size, tones.mix(colour, tones.WHITE, 0.35)), dark, shine)
        result = Image.composite(sphere, result, disc)
    return tones.grain(result, rng, 6)


ABSTRACTS: tuple[Abstract, ...] = (tiles, waves, orbs)


def abstract(size: tones.Size, prompt: str, rng: Random, number: int) -> Image.Image:
    """Return an abstract picture; the prompt picks the kind and the palette, each `number` another pair."""
    picked = Random(f"abstract/{prompt.strip().lower()}")
    kind, colours = picked.randrange(len(ABSTRACTS)), picked.randrange(len(PALETTES))
    palette = PALETTES[(colours + number) % len(PALETTES)]
    return ABSTRACTS[(kind + number) % len(ABSTRACTS)](size, palette, rng)
