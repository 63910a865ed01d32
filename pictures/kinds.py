"""What a file is, by its first bytes and never by its name or by what is claimed."""

import re
import struct
from collections.abc import Mapping
from typing import Literal

from domain.errors import Reason, Refusal

Format = Literal["PNG", "JPEG", "WEBP", "HEIC", "AVIF", "GIF", "TIFF", "BMP", "ICO", "JPEG 2000"]
Sent = Literal["PNG", "JPEG", "WEBP"]
"""What the provider reads."""
HEAD = 1024
"""How many bytes of a file ``kind_of`` wants to see."""
LEAD = 256
"""Bytes that may stand before a picture by mistake: a line end, a mark of the byte order, a header."""

MEDIA_TYPES: Mapping[Format, str] = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "WEBP": "image/webp",
    "HEIC": "image/heic",
    "AVIF": "image/avif",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "BMP": "image/bmp",
    "ICO": "image/x-icon",
    "JPEG 2000": "image/jp2",
}
_SIGNATURES: tuple[tuple[bytes, Format], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"\0\0\1\0", "ICO"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
)
_OTHERS = (
    (b"8BPS", "a Photoshop file"),
    (b"%PDF-", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"\0\0\2\0", "a mouse cursor"),
    (b"qoif", "a QOI picture"),
    (b"DDS ", "a DDS texture"),
    (b"v/1\x01", "an OpenEXR picture"),
    (b"#?RADIANCE", "a Radiance picture"),
    (b"gimp xcf", "a GIMP file"),
)
_RAW = (
    b"FUJIFILMCCD-RAW",
    b"IIRO",
    b"IIRS",
    b"MMOR",
    b"IIU\0",
    b"FOVb",
    b"\0MRM",
    b"II\x1a\0\0\0HEAPCCDR",
)
"""How raw photographs start that are not TIFF: of Fujifilm, Olympus, Panasonic, Sigma, Minolta, old Canon."""
_JPEG_XL = (b"\xff\x0a", b"\0\0\0\x0cJXL ")
_VIDEO = (b"\x1aE\xdf\xa3", b"FLV\1", b"0&\xb2u\x8ef\xcf\x11", b"\0\0\1\xba", b"\0\0\1\xb3", b"OggS")
_MOVIE_ATOMS = {b"moov", b"mdat", b"wide", b"skip", b"pnot"}
_BRANDS: Mapping[bytes, Format] = {
    b"avif": "AVIF",
    b"avis": "AVIF",
    **dict.fromkeys(
        (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"mif2"), "HEIC"
    ),
}
_JPEG_AFTER = frozenset(b"\xc4\xdb\xfe" + bytes(range(0xE0, 0xF0)))
"""What the first segment of a JPEG can be: where it does not begin the file, three bytes prove too little."""
_BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}
_SVG = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml.*|<!--.*|<!DOCTYPE\s+svg.*)?<(?:\w+:)?svg[\s>]", re.DOTALL
)
_SUBFILE, _COMPRESSION, _PHOTOMETRIC, _DNG = 254, 259, 262, 50706
_SENSOR = {_SUBFILE: {1}, _COMPRESSION: {32767, 34713, 65535}, _PHOTOMETRIC: {32803, 34892}}
"""Tags of a TIFF's first directory that say: a sensor's data follow, this is only a preview of them."""


def kind_of(head: bytes) -> Format:
    """Return the kind of picture that starts with ``head``.

    Raises
    ------
    Refusal
        For a file that no still picture can be had from: WRONG_TYPE with ``type``, in words, CAMERA_RAW,
        JPEG_XL, VIDEO; TRUNCATED for a PNG that a transfer changed; NOT_AN_IMAGE for anything else.
    """
    if (kind := _by_signature(head) or _by_brand(head)) is not None:
        return kind
    if _is_bmp(head):
        return "BMP"
    if _is_raw(head):
        raise Refusal(Reason.CAMERA_RAW)
    if head.startswith(_JPEG_XL):
        raise Refusal(Reason.JPEG_XL)
    if _is_video(head):
        raise Refusal(Reason.VIDEO)
    other = "an SVG drawing" if _SVG.match(head) else None
    other = other or next((name for signature, name in _OTHERS if head.startswith(signature)), None)
    if other is not None:
        raise Refusal(Reason.WRONG_TYPE, type=other)
    # A PNG whose line ends were changed by a transfer still says what it was.
    raise damaged() if head.startswith(b"\x89PNG") else Refusal(Reason.NOT_AN_IMAGE)


def lead_of(head: bytes) -> int:
    """Return how many bytes stand before a picture that does not begin where its file does, otherwise 0."""
    for at in range(1, min(LEAD, len(head) - 12)):
        start = head[at : at + 12]
        jpeg = start.startswith(b"\xff\xd8\xff") and start[3] in _JPEG_AFTER
        webp = start.startswith(b"RIFF") and start.endswith(b"WEBP")
        if jpeg or webp or start.startswith(b"\x89PNG\r\n\x1a\n"):
            return at
    return 0


def check_developed(data: bytes) -> None:
    """Refuse a TIFF that is a camera's raw photograph: what can be read of it is a small preview.

    Only the first directory's short tags are looked at (TIFF 6.0, section 2).
    """
    order = "<" if data.startswith(b"II") else ">"
    if data[2:4] not in {b"*\0", b"\0*"} or len(data) < 10:
        return
    if data[8:10] == b"CR":
        raise Refusal(Reason.CAMERA_RAW)
    (start,) = struct.unpack_from(f"{order}I", data, 4)
    if start + 2 > len(data):
        return
    (count,) = struct.unpack_from(f"{order}H", data, start)
    for at in range(start + 2, min(len(data) - 12, start + 2 + 12 * (count - 1)) + 1, 12):
        tag, kind, _number, value = struct.unpack_from(f"{order}HHIH", data, at)
        if kind == 4 and order == ">":
            (value,) = struct.unpack_from(">H", data, at + 10)
        if tag == _DNG or value in _SENSOR.get(tag, ()):
            raise Refusal(Reason.CAMERA_RAW)


def damaged() -> Refusal:
    """Return the refusal of a file that starts like an image and is cut off or broken inside."""
    return Refusal(Reason.TRUNCATED)


def _by_signature(head: bytes) -> Format | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    return None


def _by_brand(head: bytes) -> Format | None:
    """Tell HEIC and AVIF by the brands that an ISO media file says it can be read as."""
    if head[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, end, 4))]
    # "mif1" is any still picture: what else is said counts more.
    kinds: list[Format] = [_BRANDS[brand] for brand in brands if brand in _BRANDS]
    if "AVIF" in kinds:
        return "AVIF"
    return kinds[0] if kinds else None


def _is_bmp(head: bytes) -> bool:
    # "BM" alone also starts ordinary text: the size of the second header is from a short list.
    return head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADERS


def _is_raw(head: bytes) -> bool:
    return head.startswith(_RAW) or (head[4:8] == b"ftyp" and head[8:12] == b"crx ")


def _is_video(head: bytes) -> bool:
    if head[4:8] == b"ftyp":
        return not head[8:12].startswith(b"M4A")
    return head[4:8] in _MOVIE_ATOMS or head.startswith(_VIDEO) or head[:4] + head[8:12] == b"RIFFAVI "
