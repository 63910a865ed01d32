"""Decoding through Pillow, of files that have been walked: small for a thumbnail, or whole."""

import io
import struct
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageFile

from pictures.colours import plain, to_srgb
from pictures.slices import Slices
from pictures.structure import THUMBNAIL_SIDE, Structure, damaged, thumbnail_size

_UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    ArithmeticError,
    LookupError,
    struct.error,
    zlib.error,
)
"""What Pillow's readers raise on broken data."""
_TILE = 1024
"""Pixels of a side of what is shrunk at once: what a large picture costs besides itself."""
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation."""


def reduced(path: Path, structure: Structure, *, side: int = THUMBNAIL_SIDE) -> Image.Image:
    """Decode a picture small: its longer side at most ``side`` pixels, upright, in sRGB, mode L, RGB or RGBA.

    Raises
    ------
    Refusal
        TRUNCATED if the data cannot be decoded to its end.
    """
    size = thumbnail_size(structure.width, structure.height, side=side)
    with _opened(path, structure) as picture:
        # A pixel less, since half of an odd size is rounded one way here and another way by the decoder.
        picture.draft(None, (max(1, size[0] - 1), max(1, size[1] - 1)))
        picture.load()
        small = _shrunk(picture, size)
    return _turned(to_srgb(small, structure.profile), structure)


def whole(path: Path, structure: Structure) -> Image.Image:
    """Decode all of a picture, turned upright, mode L, RGB, RGBA or CMYK, its profile not applied.

    Raises
    ------
    Refusal
        TRUNCATED if the data cannot be decoded to its end.
    """
    with _opened(path, structure) as picture:
        picture.load()
        return _turned(plain(picture), structure)


@contextmanager
def _opened(path: Path, structure: Structure) -> Generator[ImageFile.ImageFile]:
    with path.open("rb") as file:
        visible = io.BufferedReader(Slices(file, structure.parts))
        try:
            with Image.open(visible, formats=(structure.format,)) as picture:
                if picture.size != (structure.width, structure.height):
                    raise damaged()
                yield picture
        except _UNREADABLE as error:
            raise damaged() from error


def _shrunk(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Shrink to ``size``, by whole numbers first: the filter's table grows with what is left to shrink."""
    if picture.size == size:
        return plain(picture)
    across, down = max(1, picture.width // size[0]), max(1, picture.height // size[1])
    if (across, down) == (1, 1):
        small = plain(picture)
    elif picture.mode in {"L", "RGB", "CMYK"} and "transparency" not in picture.info:
        small = picture.reduce((across, down))
    else:
        small = _reduced_by_tiles(picture, across, down)
    # Where the factors do not divide the size, the last column and row stand for less than a whole step.
    box = (0, 0, picture.width / across, picture.height / down)
    return small.resize(size, Image.Resampling.HAMMING, box=box)


def _reduced_by_tiles(picture: Image.Image, across: int, down: int) -> Image.Image:
    """Shrink a picture that must be converted first, converting no more than a tile at a time."""
    width, height = -(-picture.width // across), -(-picture.height // down)
    target: Image.Image | None = None
    for left, top, right, bottom in _tiles(picture.size, across, down):
        tile = plain(picture.crop((left, top, right, bottom))).reduce((across, down))
        target = target or Image.new(tile.mode, (width, height))
        target.paste(tile, (left // across, top // down))
    return target or plain(picture)


def _tiles(size: tuple[int, int], across: int, down: int) -> Iterator[tuple[int, int, int, int]]:
    width, height = size
    step_x, step_y = max(1, _TILE // across) * across, max(1, _TILE // down) * down
    for top in range(0, height, step_y):
        for left in range(0, width, step_x):
            yield left, top, min(left + step_x, width), min(top + step_y, height)


def _turned(picture: Image.Image, structure: Structure) -> Image.Image:
    turn = _TURNS.get(structure.orientation)
    return picture if turn is None else picture.transpose(turn)
