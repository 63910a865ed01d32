"""Decoding through Pillow: small for a thumbnail, or whole."""

from collections.abc import Iterator

from PIL import Image
from PIL.ImageFile import ImageFile

from pictures.colours import plain, to_srgb
from pictures.complete import check_complete
from pictures.opening import Opened, decoding
from pictures.placeholder import placeholder

THUMBNAIL_SIDE = 960
"""Longest side of a thumbnail in pixels: a phone's 4,032 x 3,024 decodes at a quarter of its size."""
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


def reduced(picture: Opened, *, side: int = THUMBNAIL_SIDE) -> Image.Image:
    """Decode a picture small: its longer side at most ``side`` pixels, upright, in sRGB, mode L, RGB or RGBA.

    Raises
    ------
    Refusal
        TRUNCATED if the data cannot be decoded to its end.
    """
    if picture.image is None:
        return placeholder(thumbnail_size(*picture.shown, side=side))
    size = thumbnail_size(picture.width, picture.height, side=side)
    with decoding():
        # A pixel less, since half of an odd size is rounded one way here and another way by the decoder.
        picture.image.draft(None, (max(1, size[0] - 1), max(1, size[1] - 1)))
        _load(picture, picture.image)
        small = _shrunk(picture.image, size)
    return turned(to_srgb(small, picture.profile), picture.orientation)


def whole(picture: Opened, image: ImageFile, *, side: int | None = None) -> Image.Image:
    """Decode all of a picture, turned upright, mode L, RGB, RGBA or CMYK, its profile not applied.

    With ``side`` its longer side is at most so many pixels: a JPEG is then decoded at a half to an eighth.

    Raises
    ------
    Refusal
        TRUNCATED if the data cannot be decoded to its end.
    """
    with decoding():
        if side is not None and max(image.size) > side:
            image.draft(None, thumbnail_size(*image.size, side=side))
        _load(picture, image)
        decoded = plain(image)
    if side is not None and max(decoded.size) > side:
        decoded = decoded.resize(
            thumbnail_size(*decoded.size, side=side), Image.Resampling.LANCZOS, reducing_gap=2.0
        )
    return turned(decoded, picture.orientation)


def _load(picture: Opened, image: ImageFile) -> None:
    """Decode a picture's file; raises what the decoder does, and the refusal of one that was cut."""
    image.load()
    if picture.kind == "PNG" or picture.kind == "JPEG":
        check_complete(image, picture.kind, picture.data, ended=picture.ended)


def small_of(picture: Image.Image, *, side: int = THUMBNAIL_SIDE) -> Image.Image:
    """Shrink a decoded picture so that its longer side is at most ``side`` pixels."""
    return _shrunk(picture, thumbnail_size(*picture.size, side=side))


def thumbnail_size(width: int, height: int, *, side: int = THUMBNAIL_SIDE) -> tuple[int, int]:
    """Return width and height in pixels, shrunk so that the longer one is at most ``side``."""
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


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


def turned(picture: Image.Image, orientation: int) -> Image.Image:
    """Return a picture upright that is stored as an EXIF orientation says."""
    turn = _TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)
