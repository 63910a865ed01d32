"""Several sources as one picture: mosaic, film strip, prints on a table, side by side, double exposure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from math import ceil, sqrt
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from playground.pixeldojo.pictures import frames, tones

Images = Sequence[Image.Image]
Layout = Callable[[Images, tones.Size, Random], Image.Image]
Box = tuple[int, int, int, int]


def _backcloth(images: Images, size: tones.Size) -> Image.Image:
    """Return a dark, blurred memory of the sources' colours."""
    cloth = Image.new("RGB", (len(images), 1))
    for number, image in enumerate(images):
        cloth.paste(image.resize((1, 1), Image.Resampling.BOX), (number, 0))
    wide = cloth.resize(size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(max(size) / 20))
    return tones.curve(ImageEnhance.Color(wide).enhance(0.8), lambda level: 0.03 + level * 0.30)


def _rounded(size: tones.Size, radius: float) -> Image.Image:
    def paint(draw: ImageDraw.ImageDraw, scale: float) -> None:
        box = (0, 0, size[0] * scale - 1, size[1] * scale - 1)
        draw.rounded_rectangle(box, radius=radius * scale, fill=255)

    return tones.mask_of(size, paint)


def _rows(images: Images, shape: float) -> list[list[Image.Image]]:
    """Deal the sources out in rows, in order, so that all together have about the wanted shape."""
    total = sum(image.width / image.height for image in images)
    number = min(len(images), max(1, round(sqrt(total / shape))))
    rows: list[list[Image.Image]] = [[]]
    filled = 0.0
    for image in images:
        wide = image.width / image.height
        if rows[-1] and filled + wide / 2 > total / number * len(rows) and len(rows) < number:
            rows.append([])
        rows[-1].append(image)
        filled += wide
    return rows


def _boxes(rows: list[list[Image.Image]], size: tones.Size, gap: int) -> list[Box]:
    """Return the place of every source: rows as high as their shapes ask, all edges flush."""
    heights = [1 / sum(image.width / image.height for image in row) for row in rows]
    free = size[1] - gap * (len(rows) + 1)
    boxes: list[Box] = []
    top = float(gap)
    for row, share in zip(rows, heights, strict=True):
        height = free * share / sum(heights)
        widths = [image.width / image.height * share for image in row]
        across = size[0] - gap * (len(row) + 1)
        left = float(gap)
        for width in widths:
            right = left + across * width
            boxes.append((round(left), round(top), round(right), round(top + height)))
            left = right + gap
        top += height + gap
    return boxes


def mosaic(images: Images, size: tones.Size, _rng: Random) -> Image.Image:
    """Lay the sources out in flush rows with rounded corners."""
    gap = max(2, round(min(size) / 60))
    result = _backcloth(images, size)
    for image, (left, top, right, bottom) in zip(
        images, _boxes(_rows(images, size[0] / size[1]), size, gap), strict=True
    ):
        cell = (max(1, right - left), max(1, bottom - top))
        result.paste(tones.cover(image, cell), (left, top), _rounded(cell, gap * 1.2))
    return result


def side_by_side(images: Images, size: tones.Size, _rng: Random) -> Image.Image:
    """Give every source an upright strip of the same width."""
    result = Image.new("RGB", size, (250, 248, 244))
    gap = max(2, round(size[0] / 120))
    for number, image in enumerate(images):
        left = round(number * (size[0] + gap) / len(images))
        right = round((number + 1) * (size[0] + gap) / len(images)) - gap
        result.paste(tones.cover(image, (max(1, right - left), size[1])), (left, 0))
    return result


def double_exposure(images: Images, size: tones.Size, _rng: Random) -> Image.Image:
    """Expose all sources upon one frame."""
    result = tones.cover(images[0], size)
    for image in images[1:]:
        other = tones.cover(image, size)
        light = ImageChops.screen(
            tones.curve(result, lambda v: v * 0.82), tones.curve(other, lambda v: v * 0.72)
        )
        result = Image.blend(light, ImageChops.overlay(result, other), 0.38)
    return ImageEnhance.Contrast(result).enhance(1.1)


def _film(images: Images, size: tones.Size) -> Image.Image:
    """Return one horizontal strip of film: frames between two rows of perforation holes."""
    strip = Image.new("RGB", size, (16, 15, 17))
    edge = max(3, round(size[1] * 0.13))
    gap = max(2, round(size[1] * 0.045))
    width = (size[0] - gap * (len(images) + 1)) / len(images)
    for number, image in enumerate(images):
        cell = (max(1, round(width)), max(1, size[1] - 2 * edge))
        strip.paste(tones.cover(image, cell), (round(gap + number * (width + gap)), edge))
    hole = max(2.0, edge * 0.5)
    draw = ImageDraw.Draw(strip)
    for number in range(ceil(size[0] / (hole * 2)) + 1):
        left = number * hole * 2 + hole * 0.4
        for top in ((edge - hole * 0.8) / 2, size[1] - edge + (edge - hole * 0.8) / 2):
            box = (left, top, left + hole, top + hole * 0.8)
            draw.rounded_rectangle(box, radius=hole * 0.2, fill=(226, 224, 218))
    return strip


def _film_height(images: int, per_strip: int, size: tones.Size) -> float:
    """Return how high strips of film may be: they fit below one another, their frames are not upright."""
    return min(size[1] / ceil(images / per_strip) * 0.86, size[0] / per_strip * 0.92)


def film_strip(images: Images, size: tones.Size, rng: Random) -> Image.Image:
    """Lay the sources out as frames of film, up to four to a strip, on a light table."""
    table = tones.darken(Image.new("RGB", size, (238, 238, 232)), tones.edge_shade(size), 0.25)
    per_strip = max(range(1, len(images) + 1), key=lambda number: _film_height(len(images), number, size))
    strips = [images[start : start + per_strip] for start in range(0, len(images), per_strip)]
    pitch = size[1] / len(strips)
    for number, frames_of in enumerate(strips):
        height = _film_height(len(images), per_strip, size)
        film = _film(frames_of, (round(size[0] * 1.06), max(8, round(height)))).convert("RGBA")
        frames.lay(table, film, (size[0] / 2, pitch * (number + 0.5)), rng.uniform(-1.6, 1.6))
    return table


def _print_side(images: int, columns: int, size: tones.Size) -> float:
    """Return how wide prints may be that lie in so many columns, all but touching."""
    return min(size[0] / columns * 0.96, size[1] / ceil(images / columns) * 0.84)


def scattered(images: Images, size: tones.Size, rng: Random) -> Image.Image:
    """Scatter instant prints of the sources upon a table."""
    table = frames.tabletop(size, rng)
    columns = max(range(1, len(images) + 1), key=lambda number: _print_side(len(images), number, size))
    rows = ceil(len(images) / columns)
    pitch = (size[0] / columns, size[1] / rows)
    side = max(8, round(_print_side(len(images), columns, size)))
    for number, image in enumerate(images):
        row = number // columns
        in_row = min(columns, len(images) - row * columns)
        across = (number % columns + 0.5) * size[0] / in_row + rng.uniform(-0.05, 0.05) * pitch[0]
        down = (row + 0.5) * pitch[1] + rng.uniform(-0.04, 0.04) * pitch[1]
        card = frames.print_of(image, (side, round(side * 1.14)))
        frames.lay(table, card, (across, down), rng.uniform(-9, 9))
    return table


_LAYOUTS: tuple[tuple[str, Layout], ...] = (
    (r"film ?strip|contact sheet|reel\b|negatives", film_strip),
    (r"scrap ?book|polaroid|scatter|memor|prints|travel", scattered),
    (r"side by side|diptych|triptych|before and after|strips\b|compar", side_by_side),
    (r"double exposure|blend|merge|fuse|fusion|overlay|superimpos|morph", double_exposure),
)


def layout_for(prompt: str) -> Layout:
    """Return the layout whose words a prompt contains, otherwise the mosaic."""
    for words, layout in _LAYOUTS:
        if re.search(rf"(?<!\w)(?:{words})", prompt, re.IGNORECASE):
            return layout
    return mosaic


def compose(images: Images, size: tones.Size, prompt: str, rng: Random) -> Image.Image:
    """Make one picture (RGB) of a size from all sources, in their order; one source simply fills it."""
    if len(images) == 1:
        return tones.cover(images[0], size)
    return layout_for(prompt)(images, size, rng)
