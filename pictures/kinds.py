"""What a file is, by its first bytes and never by its name."""

import re
from typing import Literal

from domain.errors import Reason, Refusal

Format = Literal["PNG", "JPEG", "WEBP"]
HEAD = 1024
"""How many bytes of a file ``kind_of`` wants to see."""

_SIGNATURES: tuple[tuple[bytes, Format], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
)
_OTHERS = (
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"8BPS", "PSD"),
    (b"\0\0\1\0", "ICO"),
    (b"\0\0\2\0", "CUR"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"qoif", "QOI"),
    (b"DDS ", "DDS"),
    (b"v/1\x01", "OpenEXR"),
    (b"%PDF-", "PDF"),
    (b"\x1aE\xdf\xa3", "WebM"),
)
_BRANDS = {
    b"avif": "AVIF",
    b"avis": "AVIF",
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"heim": "HEIC",
    b"heis": "HEIC",
    b"hevc": "HEIC",
    b"hevx": "HEIC",
    b"mif1": "HEIC",
    b"msf1": "HEIC",
    b"qt  ": "QuickTime video",
}
_BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}
_SVG = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml.*|<!--.*|<!DOCTYPE\s+svg.*)?<(?:\w+:)?svg[\s>]", re.DOTALL
)


def kind_of(head: bytes) -> Format:
    """Return Pillow's name of the kind of image that starts with ``head``.

    Raises
    ------
    Refusal
        WRONG_TYPE with ``type``, the usual name, for a picture of a kind that the provider does not read;
        NOT_AN_IMAGE for anything else.
    """
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    other = _by_signature(head) or _by_brand(head) or _bmp(head) or _svg(head)
    if other is not None:
        raise Refusal(Reason.WRONG_TYPE, type=other)
    # A PNG whose line ends were changed by a transfer still says what it was.
    raise damaged() if head.startswith(b"\x89PNG") else Refusal(Reason.NOT_AN_IMAGE)


def damaged() -> Refusal:
    """Return the refusal of a file that starts like an image and is cut off or broken inside."""
    return Refusal(Reason.TRUNCATED)


def _by_signature(head: bytes) -> str | None:
    return next((name for signature, name in _OTHERS if head.startswith(signature)), None)


def _by_brand(head: bytes) -> str | None:
    if head[4:8] != b"ftyp":
        return None
    return _BRANDS.get(head[8:12], "MP4 video")


def _bmp(head: bytes) -> str | None:
    # "BM" alone also starts ordinary text: the size of the second header is from a short list.
    is_bmp = head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADERS
    return "BMP" if is_bmp else None


def _svg(head: bytes) -> str | None:
    return "SVG" if _SVG.match(head) else None
