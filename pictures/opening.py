"""Opening a file: what it is by its bytes, its header and limits, before any pixel is decoded."""

import struct
import warnings
import zlib
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import PngImagePlugin
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from domain.errors import Reason, Refusal
from domain.limits import MAX_SOURCE_BYTES, MAX_SOURCE_PIXELS, MIB
from pictures.kinds import HEAD, Format, damaged, kind_of
from pictures.orientation import orientation_of
from pictures.segments import FRAMES, SCAN, Piece, bare, exif_of, pieces_of

MAX_DECODE_BYTES = 704 * MIB
"""What one decode may hold in memory. Above it, which only a WebP of more than 45 megapixels is, a file is
judged by its header alone and its thumbnail is a placeholder."""
MAX_SCANS = 64
"""Scans of one JPEG. Ordinary progressive files have ten; each costs a pass over every block."""
_READ = {b"\xc0", b"\xc1", b"\xc2", b"\xc9", b"\xca"}
"""Frames that decoders read: baseline, extended and progressive, by Huffman or by arithmetic coding."""
_WEBP_PIXEL_BYTES = 16
"""What a decode holds per pixel: Pillow's animation decoder keeps two canvases, its output and a copy."""
PngImagePlugin.MAX_TEXT_CHUNK = 4 * MIB
"""Pillow's limit on what a chunk inflates to is its limit on profiles too: the largest have 2.7 MB."""
_ANIMATION, _SIDE_BITS = 0x02, 0x3FFF
_READERS = {"PNG": PngImageFile, "JPEG": JpegImageFile, "WEBP": WebPImageFile}
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


class Larger(Exception):
    """A picture has more pixels than are decoded here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A picture whose header is good: ``width`` and ``height`` in pixels as stored, EXIF's ``orientation``.

    ``data`` is the file without its metadata. ``image`` decodes it; it is ``None`` where that would need more
    than ``MAX_DECODE_BYTES``.
    """

    kind: Format
    width: int
    height: int
    orientation: int
    data: bytes
    image: ImageFile | None

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height in pixels as viewers show it, turned by the EXIF orientation."""
        turned = self.orientation >= 5
        return (self.height, self.width) if turned else (self.width, self.height)


def opened(path: Path, *, limit: int = MAX_SOURCE_BYTES, pixels: int = MAX_SOURCE_PIXELS) -> Opened:
    """Open a file of at most ``limit`` bytes; Pillow never meets its metadata.

    Raises
    ------
    Larger
        It may be used, but has more than ``pixels``.
    Refusal
        NOT_AN_IMAGE; WRONG_TYPE (``type``); ANIMATED; TRUNCATED, which is also a broken file; TOO_LARGE
        (``limit_mb``); TOO_MANY_PIXELS (``width``, ``height``).
    OSError
        The file cannot be read.
    """
    if path.stat().st_size > limit:
        raise Refusal(Reason.TOO_LARGE, limit_mb=limit // MIB)
    data = path.read_bytes()
    kind = kind_of(data[:HEAD])
    pieces = pieces_of(data, kind)
    if kind == "JPEG":
        _check_jpeg(data, pieces)
    orientation = orientation_of(exif_of(data, pieces))
    data = bare(data, kind, pieces)
    size = _webp_size(data, pixels) if kind == "WEBP" else None
    image = None
    if size is None or size[0] * size[1] * _WEBP_PIXEL_BYTES + 2 * len(data) <= MAX_DECODE_BYTES:
        image = _image(data, kind, pixels)
        size = image.size
    width, height = size
    return Opened(kind=kind, width=width, height=height, orientation=orientation, data=data, image=image)


@contextmanager
def decoding() -> Generator[None]:
    """Turn what Pillow raises on broken data into the refusal of a damaged file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except _UNREADABLE as error:
            raise damaged() from error


def _image(data: bytes, kind: Format, pixels: int) -> ImageFile:
    with decoding():
        image = _READERS[kind](BytesIO(data))
    _check_pixels(*image.size, pixels=pixels)
    if getattr(image, "is_animated", False):
        raise Refusal(Reason.ANIMATED)
    return image


def _check_pixels(width: int, height: int, *, pixels: int) -> None:
    if width * height > MAX_SOURCE_PIXELS:
        raise Refusal(Reason.TOO_MANY_PIXELS, width=width, height=height)
    if width * height > pixels:
        raise Larger


def _check_jpeg(data: bytes, pieces: Sequence[Piece]) -> None:
    """Refuse kinds of JPEG that hardly anything shows, by name, and scans that would take minutes."""
    for piece in pieces:
        if piece.name in FRAMES - _READ:
            raise Refusal(Reason.WRONG_TYPE, type="lossless JPEG")
        if piece.name in FRAMES and piece.body >= piece.end:
            raise damaged()
        if piece.name in FRAMES and (depth := data[piece.body]) != 8:
            raise Refusal(Reason.WRONG_TYPE, type=f"{depth}-bit JPEG")
    if sum(piece.name == SCAN for piece in pieces) > MAX_SCANS:
        raise damaged()


def _webp_size(data: bytes, pixels: int) -> tuple[int, int]:
    """Read a WebP's size (RFC 9649, RFC 6386): Pillow makes room for all pixels as soon as it opens one."""
    name, body = data[12:16], data[20:30]
    with decoding():
        if name == b"VP8X":
            if body[0] & _ANIMATION:
                raise Refusal(Reason.ANIMATED)
            size = 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:], "little")
        elif name == b"VP8L":
            bits = int.from_bytes(body[1:5], "little")
            size = 1 + (bits & _SIDE_BITS), 1 + (bits >> 14 & _SIDE_BITS)
        else:
            width, height = struct.unpack_from("<HH", body, 6)
            size = width & _SIDE_BITS, height & _SIDE_BITS
    _check_pixels(*size, pixels=pixels)
    return size
