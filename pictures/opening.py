"""Opening a file: what it is by its bytes, its header and limits, before any pixel is decoded."""

import struct
import warnings
import zlib
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import cast

from PIL import Image
from PIL.ImageFile import ImageFile

from domain.errors import Reason, Refusal
from domain.limits import MAX_SCALED_PIXELS, MAX_SOURCE_BYTES, MAX_SOURCE_PIXELS, MIB
from pictures.kinds import HEAD, Format, Sent, check_developed, damaged, kind_of, lead_of
from pictures.marks import is_signed, xmp_of
from pictures.orientation import orientation_of
from pictures.profiles import profile_of
from pictures.readers import READERS
from pictures.segments import (
    ARITHMETIC,
    FILM,
    FRAMES,
    PROGRESSIVE,
    SCAN,
    Piece,
    bare,
    exif_of,
    has_end,
    pieces_of,
)
from pictures.values import File

MAX_DECODE_BYTES = 704 * MIB
"""What one decode may hold in memory. Above it, which only a WebP of more than 45 megapixels is, a file is
judged by its header alone and its thumbnail is a placeholder."""
MAX_SCANS = 64
"""Scans of one JPEG. Ordinary progressive files have ten; each costs a pass over every block."""
_READ = {b"\xc0", b"\xc1", b"\xc2", b"\xc9", b"\xca"}
"""Frames that decoders read: baseline, extended and progressive, by Huffman or by arithmetic coding."""
_WEBP_PIXEL_BYTES, _JPEG_2000_PIXEL_BYTES = 16, 20
"""What a decode holds per pixel: two canvases, an output and a copy; samples of four bytes, and more."""
_ANIMATION, _SIDE_BITS = 0x02, 0x3FFF
_MAY_MOVE = {"PNG", "WEBP", "GIF", "AVIF"}
"""Kinds whose further pictures make a film; those of a TIFF are pages, those of a HEIC other shots."""
_UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    ArithmeticError,
    LookupError,
    TypeError,
    RuntimeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What the readers raise on broken data."""


class Larger(Exception):
    """A picture has more pixels than are decoded here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A picture whose header is good: ``width`` and ``height`` in pixels as stored, EXIF's ``orientation``.

    ``data`` is the file, of a kind that is sent without its metadata and mended; ``intact``: that is as it
    came; ``ended``: it said where it ends; ``usual``: it is no film of one picture, and coded as everything
    reads; ``profile`` is of its colours; ``xmp`` and ``is_signed`` (C2PA) are what it carried beside.
    ``image`` decodes it; it is ``None`` where that would need more than ``MAX_DECODE_BYTES``.
    """

    kind: Format
    width: int
    height: int
    orientation: int
    data: bytes
    intact: bool
    ended: bool = True
    usual: bool = True
    profile: bytes | None = None
    xmp: bytes = b""
    is_signed: bool = False
    image: ImageFile | None

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height in pixels as viewers show it, turned by the EXIF orientation."""
        turned = self.orientation >= 5
        return (self.height, self.width) if turned else (self.width, self.height)


def opened(file: File, *, limit: int = MAX_SOURCE_BYTES, pixels: int = MAX_SCALED_PIXELS) -> Opened:
    """Open a file of at most ``limit`` bytes; Pillow never meets the metadata of a PNG, JPEG or WebP.

    What every viewer forgives is mended: bytes before the picture, a missing end, a wrong length of the
    whole, a broken checksum of a text.

    Raises
    ------
    Larger
        It may be used, but has more than ``pixels``.
    Refusal
        As ``kind_of`` does; ANIMATED; TRUNCATED, which is also a broken file; TOO_LARGE (``limit_mb``);
        TOO_MANY_PIXELS (``width``, ``height``).
    OSError
        The file cannot be read.
    """
    if file.stat().st_size > limit:
        raise Refusal(Reason.TOO_LARGE, limit_mb=limit // MIB)
    whole = file.read_bytes()
    data = whole[_lead(whole) :]
    kind = kind_of(data[:HEAD])
    if kind == "PNG" or kind == "JPEG" or kind == "WEBP":
        found = _sent(data, kind, pixels)
        return replace(found, intact=found.intact and len(data) == len(whole))
    if kind == "TIFF":
        check_developed(data)
    image = _image(data, kind, pixels)
    # The readers of TIFF and HEIC turn the picture themselves.
    exif = cast("bytes", image.info.get("exif", b"")) if kind == "AVIF" else b""
    return Opened(
        kind=kind,
        width=image.width,
        height=image.height,
        orientation=orientation_of(exif),
        data=data,
        intact=False,
        profile=profile_of(image, kind, data),
        image=image,
    )


def _sent(data: bytes, kind: Sent, pixels: int) -> Opened:
    """Open a picture of a kind that is sent."""
    pieces = pieces_of(data, kind)
    if kind == "JPEG":
        _check_jpeg(data, pieces)
    bared = bare(data, kind, pieces)
    size, image = (0, 0), None
    if kind == "WEBP":
        _check_still(bared, pieces)
        size = _webp_size(bared, pixels)
    if size[0] * size[1] * _WEBP_PIXEL_BYTES + 2 * len(bared) <= MAX_DECODE_BYTES:
        image = _image(bared, kind, pixels)
        size = image.size
    return Opened(
        kind=kind,
        width=size[0],
        height=size[1],
        orientation=orientation_of(exif_of(data, pieces)),
        data=bared,
        intact=bared == data,
        ended=kind != "JPEG" or has_end(pieces),
        usual=not any(piece.name in FILM | ARITHMETIC for piece in pieces),
        profile=None if image is None else profile_of(image, kind, bared, _cicp(data, pieces)),
        xmp=xmp_of(data, pieces),
        is_signed=is_signed(data, kind, pieces),
        image=image,
    )


@contextmanager
def decoding() -> Generator[None]:
    """Turn what the readers raise on broken data into the refusal of a damaged file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except _UNREADABLE as error:
            raise damaged() from error


def _lead(data: bytes) -> int:
    try:
        kind_of(data[:HEAD])
    except Refusal as refusal:
        return lead_of(data[:HEAD]) if refusal.reason is Reason.NOT_AN_IMAGE else 0
    return 0


def _image(data: bytes, kind: Format, pixels: int) -> ImageFile:
    with decoding():
        image = READERS[kind](BytesIO(data))
    if kind == "PNG" and data[24] == 16 and (clear := image.info.get("transparency")) is not None:
        # The colour that is clear has 16 bits, the pixels are about to have 8.
        image.info["transparency"] = (
            clear >> 8 if isinstance(clear, int) else tuple(each >> 8 for each in clear)
        )
    _check_pixels(*image.size, pixels=pixels, most=MAX_SCALED_PIXELS if kind == "JPEG" else MAX_SOURCE_PIXELS)
    if kind == "JPEG 2000" and image.width * image.height * _JPEG_2000_PIXEL_BYTES > MAX_DECODE_BYTES:
        raise Refusal(Reason.TOO_HARD)
    if kind in _MAY_MOVE:
        with decoding():
            moves = getattr(image, "is_animated", False)
        if moves:
            raise Refusal(Reason.ANIMATED)
    return image


def _check_pixels(width: int, height: int, *, pixels: int, most: int = MAX_SOURCE_PIXELS) -> None:
    if width * height > most:
        raise Refusal(Reason.TOO_MANY_PIXELS, width=width, height=height)
    if width * height > pixels:
        raise Larger


def _cicp(data: bytes, pieces: Sequence[Piece]) -> bytes:
    return next((data[piece.body : piece.end - 4] for piece in pieces if piece.name == b"cICP"), b"")


def _check_jpeg(data: bytes, pieces: Sequence[Piece]) -> None:
    """Refuse kinds of JPEG that hardly anything shows, by name, and scans that would take minutes."""
    for piece in pieces:
        if piece.name in FRAMES - _READ:
            raise Refusal(Reason.WRONG_TYPE, type="a lossless JPEG")
        if piece.name in FRAMES and piece.body >= piece.end:
            raise damaged()
        if piece.name in FRAMES and (depth := data[piece.body]) != 8:
            raise Refusal(Reason.WRONG_TYPE, type=f"a {depth}-bit JPEG")
        if piece.name in PROGRESSIVE and _held(data[piece.body : piece.end]) > MAX_DECODE_BYTES:
            raise Refusal(Reason.TOO_HARD)
    if sum(piece.name == SCAN for piece in pieces) > MAX_SCANS:
        raise damaged()


def _held(frame: bytes) -> float:
    """Return the bytes that a progressive JPEG's decoder holds: two for each sample, to the last pass."""
    factors = [(each >> 4) * (each & 15) for each in frame[7::3]]
    height, width = (int.from_bytes(frame[at : at + 2], "big") for at in (1, 3))
    return 2 * width * height * sum(factors) / max(*factors, 1) if factors else 0


def _check_still(data: bytes, pieces: Sequence[Piece]) -> None:
    """Refuse a WebP that says it is a film, but for one of a single picture."""
    frames = sum(piece.name in FILM for piece in pieces)
    if data[12:16] == b"VP8X" and data[20:21] and data[20] & _ANIMATION and frames != 1:
        raise Refusal(Reason.ANIMATED)


def _webp_size(data: bytes, pixels: int) -> tuple[int, int]:
    """Read a WebP's size (RFC 9649, RFC 6386): Pillow makes room for all pixels as soon as it opens one."""
    name, body = data[12:16], data[20:30]
    with decoding():
        if name == b"VP8X":
            size = 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:], "little")
        elif name == b"VP8L":
            bits = int.from_bytes(body[1:5], "little")
            size = 1 + (bits & _SIDE_BITS), 1 + (bits >> 14 & _SIDE_BITS)
        else:
            width, height = struct.unpack_from("<HH", body, 6)
            size = width & _SIDE_BITS, height & _SIDE_BITS
    _check_pixels(*size, pixels=pixels)
    return size
