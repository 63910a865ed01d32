"""Was there a whole picture in a file? Decoders fill up what is missing, some of them without a word.

A JPEG that was cut and got an end mark is grey or smeared below, a PNG whose data end early is black or
clear. Whether that may be so is seen by the last pixels; only then is it looked into.
"""

import zlib
from io import BytesIO

from PIL import Image, ImageChops

from pictures.kinds import Sent, damaged
from pictures.readers import READERS
from pictures.segments import END_OF_JPEG, pieces_of

_BEYOND = b"\x35\xac" * 4_096
"""What could follow a picture that has not come to its end; behind a whole one nobody reads it."""
_FILLED = bytes(512)
"""What a broken transfer leaves at the end. In an even picture it can be data: then they are needed."""
_TAIL = 8
"""Pixels of the last row, or bytes, that are looked at."""
_LEAST, _MOST = 2_000_000, 16_000_000
"""Pixels up to which a picture is compared in full and at half its size; the rest at a quarter."""
_LAST_BLOCK = 32
"""Pixels of the last corner of a JPEG with an end whose data may lack a few bits: every viewer shows that."""
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Adam7: first column and row, steps across and down (PNG, section 8)."""
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_STEP = 1 << 20


def check_complete(image: Image.Image, kind: Sent, data: bytes, *, ended: bool) -> None:
    """Refuse a decoded picture that had less in its file than it shows; ``ended``: it said where it ends.

    Raises
    ------
    Refusal
        TRUNCATED.
    """
    if kind == "JPEG":
        suspect = not ended or _is_even(image) or "progressive" in image.info
        bare = data.removesuffix(END_OF_JPEG)
        if suspect and _matters(bare + _BEYOND, bare, forgiven=_LAST_BLOCK if ended else 0):
            raise damaged()
        if bare.endswith(_FILLED) and _is_filled_up(bare):
            raise damaged()
    elif kind == "PNG" and _is_even(image) and not _has_all(data):
        raise damaged()


def _is_even(image: Image.Image) -> bool:
    """Tell whether the last pixels are all the same."""
    width, height = image.size
    corner = image.crop((max(0, width - _TAIL), height - 1, width, height))
    pixels = (corner.convert("L") if image.mode == "1" else corner).tobytes()
    return pixels == pixels[: len(pixels) // corner.width] * corner.width


def _is_filled_up(data: bytes) -> bool:
    """Tell whether a JPEG ends with nothing that nobody needs, behind what was needed."""
    begun = _matters(data.rstrip(b"\0") + _BEYOND, data)
    return begun and not _matters(data[:-_TAIL] + _BEYOND, data)


def _matters(one: bytes, other: bytes, *, forgiven: int = 0) -> bool:
    """Tell whether two JPEGs without their ends differ in more than their last ``forgiven`` pixels."""
    decoded = _decoded(one + END_OF_JPEG)
    changed = ImageChops.difference(decoded, _decoded(other + END_OF_JPEG)).getbbox()
    if changed is None:
        return False
    return changed[0] < decoded.width - forgiven or changed[1] < decoded.height - forgiven


def _decoded(data: bytes) -> Image.Image:
    image = READERS["JPEG"](BytesIO(data))
    pixels = image.width * image.height
    scale = 1 if pixels <= _LEAST else 2 if pixels <= _MOST else 4
    if scale > 1:
        image.draft(None, (image.width // scale, image.height // scale))
    image.load()
    return image


def _has_all(data: bytes) -> bool:
    """Tell whether a PNG's data are as many as its pixels."""
    missing, packed = _bytes_of_pixels(data), zlib.decompressobj()
    for piece in pieces_of(data, "PNG"):
        rest = data[piece.body : piece.end - 4] if piece.name == b"IDAT" else b""
        while rest and missing > 0:
            missing -= len(packed.decompress(rest, _STEP))
            rest = packed.unconsumed_tail
    while missing > 0 and (more := packed.decompress(b"", _STEP)):
        missing -= len(more)
    return missing <= 0


def _bytes_of_pixels(data: bytes) -> int:
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    bits, interlaced = data[24] * _SAMPLES.get(data[25], 1), data[28]
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    sizes = (
        (len(range(left, width, across)), len(range(top, height, down))) for left, top, across, down in passes
    )
    return sum(rows * (1 + (columns * bits + 7) // 8) for columns, rows in sizes if columns)
