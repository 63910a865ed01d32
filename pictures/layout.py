"""Where the tiles of a contact sheet lie: rows of equal height that fill the width, no picture squeezed."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

WIDTH = 1200
"""Pixels: three for each point of a phone's 400."""
TALLEST = 1400
"""Pixels: of seven pictures that are long in turns, one across and one down, a sheet would be taller, so that
a phone would show nothing else; it is narrower instead."""
GAP = 12
"""Pixels between tiles and around them."""
SINGLE = 960
"""Longest side in pixels of a lone tile: that of a thumbnail, which is neither shrunk nor enlarged."""
LONE = 240
"""Least longer side in pixels of a picture that is a sheet as it is: a card shows it small, by its title."""
_SMALLEST_SINGLE = 320
"""What the longer side of a tiny lone picture is enlarged to, so that it can be seen at all."""
_SHAPE = 0.56
"""Height over width that a sheet comes close to: it then fills a chat as a photograph does."""
_ROOMY = 120
"""Pixels of a tile's shorter side: below, its number covers too much of it."""
_NARROWEST, _WIDEST = 0.44, 2.4
"""Width over height of a tile: a telephone's screen of 9 to 20 is whole. A picture beyond is cut at its ends,
so that what is left can be read."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A place on the sheet, in pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet's size in pixels and its tiles, in the order of the pictures."""

    width: int
    height: int
    tiles: tuple[Tile, ...]


def layout(sizes: Sequence[tuple[int, int]]) -> Layout:
    """Lay out one to eight pictures of these widths and heights."""
    shapes = [min(max(width / height, _NARROWEST), _WIDEST) for width, height in sizes]
    if len(shapes) == 1:
        return _single(shapes[0], max(sizes[0]))
    rows = min(_ways(shapes), key=_unevenness)
    wide = round(WIDTH * min(1.0, TALLEST / sum(map(_height, rows))))
    tiles: list[Tile] = []
    top = GAP
    for row in rows:
        tiles += _placed(row, top, wide)
        top += tiles[-1].height + GAP
    return Layout(wide, top, tuple(tiles))


def is_lone(width: int, height: int) -> bool:
    """Tell whether a picture of this width and height can be a sheet as it is: neither resized nor cut."""
    return LONE <= max(width, height) <= SINGLE and _NARROWEST <= width / height <= _WIDEST


def _single(shape: float, side: int) -> Layout:
    side = min(SINGLE, max(_SMALLEST_SINGLE, side))
    width, height = round(side * min(1.0, shape)), round(side / max(1.0, shape))
    return Layout(width + 2 * GAP, height + 2 * GAP, (Tile(GAP, GAP, width, height),))


def _ways(shapes: Sequence[float]) -> Iterator[list[list[float]]]:
    """Yield every way to break the pictures into rows, at most 128."""
    count = len(shapes)
    for breaks in range(count):
        for chosen in combinations(range(1, count), breaks):
            edges = [0, *chosen, count]
            yield [list(shapes[start:end]) for start, end in pairwise(edges)]


def _height(row: Sequence[float], wide: int = WIDTH) -> float:
    return (wide - GAP * (len(row) + 1)) / sum(row)


def _unevenness(rows: Sequence[Sequence[float]]) -> float:
    """Return how far the sheet is from its shape, its rows from each other's height, and tiles too small."""
    heights = [_height(row) for row in rows]
    mean = sum(heights) / len(heights)
    spread = sum(math.log(height / mean) ** 2 for height in heights) / len(heights)
    smallest = min(_height(row) * min(1.0, *row) for row in rows)
    cramped = max(0.0, math.log(_ROOMY / smallest))
    return math.log(sum(heights) / WIDTH / _SHAPE) ** 2 + 2 * spread + 4 * cramped


def _placed(row: Sequence[float], top: int, wide: int) -> list[Tile]:
    height = round(_height(row, wide))
    tiles: list[Tile] = []
    left = GAP
    for position, shape in enumerate(row, start=1):
        last = position == len(row)
        width = wide - GAP - left if last else round(shape * _height(row, wide))
        tiles.append(Tile(left, top, width, height))
        left += width + GAP
    return tiles
