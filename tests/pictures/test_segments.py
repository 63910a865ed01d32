"""Copying without metadata: whatever tells of a place, a camera or a person goes, and no pixel changes."""

import io
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops

from domain.errors import Refusal
from pictures.kinds import Format, kind_of
from pictures.segments import bare, exif_of, pieces_of

from .material import (
    chunk,
    encoded,
    jpeg_with,
    oriented,
    photo,
    png,
    profile,
    segment,
    webp,
    webp_chunk,
    with_alpha,
)

SECRET = b"48 degrees north, a camera, a name"
PHOTO = photo("coffee", (120, 80))


def copied(data: bytes) -> bytes:
    kind = kind_of(data)
    return bare(data, kind, pieces_of(data, kind))


def png_with(*chunks: bytes, behind: bytes = b"") -> bytes:
    """A PNG with more chunks before its data, and after them."""
    data = encoded(with_alpha(PHOTO), "PNG", icc_profile=profile())
    at = data.index(b"IDAT") - 4
    return data[:at] + b"".join(chunks) + data[at:-12] + behind + data[-12:]


def webp_with(*chunks: bytes) -> bytes:
    """A WebP that says in its flags that it has all kinds of metadata."""
    data = bytearray(encoded(with_alpha(PHOTO), "WEBP", icc_profile=profile(), exif=b"II*\0", xmp=b"<x/>"))
    return webp(bytes(data[12:]), *chunks)


THUMBNAIL = encoded(PHOTO.resize((16, 16)), "JPEG", comment=SECRET)
CARRIERS: dict[str, Callable[[], bytes]] = {
    "jpeg exif": lambda: jpeg_with(segment(0xE1, b"Exif\0\0II*\0" + SECRET)),
    "jpeg xmp": lambda: jpeg_with(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET)),
    "jpeg iptc": lambda: jpeg_with(segment(0xED, b"Photoshop 3.0\0" + SECRET)),
    "jpeg comment": lambda: jpeg_with(segment(0xFE, SECRET)),
    "jpeg thumbnail": lambda: jpeg_with(segment(0xE0, b"JFXX\0\x10" + THUMBNAIL)),
    "jpeg thumbnail in JFIF": lambda: jpeg_with(
        segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\4\4" + SECRET.ljust(48))
    ),
    "jpeg c2pa": lambda: jpeg_with(segment(0xEB, b"JP\0\1" + SECRET)),
    "jpeg second picture": lambda: jpeg_with(segment(0xE2, b"MPF\0II*\0")) + THUMBNAIL,
    "jpeg film behind it": lambda: jpeg_with() + b"\0\0\0\x18ftypmp42" + SECRET,
    "jpeg junk between": lambda: jpeg_with(segment(0xFE, b"") + b"\0" + SECRET + b"\xff\xff"),
    "png text": lambda: png_with(chunk(b"tEXt", b"Author\0" + SECRET)),
    "png text behind": lambda: png_with(behind=chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + SECRET)),
    "png exif": lambda: png_with(chunk(b"eXIf", b"II*\0" + SECRET)),
    "png c2pa": lambda: png_with(chunk(b"caBX", SECRET)),
    "png private": lambda: png_with(chunk(b"prVt", SECRET)),
    "png bad checksum": lambda: png_with(chunk(b"tEXt", SECRET)[:-1] + b"?"),
    "png archive behind it": lambda: png_with() + b"PK\3\4" + SECRET,
    "webp exif": lambda: webp_with(webp_chunk(b"EXIF", b"II*\0" + SECRET)),
    "webp xmp": lambda: webp_with(webp_chunk(b"XMP ", SECRET)),
    "webp c2pa": lambda: webp_with(webp_chunk(b"C2PA", SECRET)),
    "webp unknown": lambda: webp_with(webp_chunk(b"odd!", SECRET + b"!")),
    "webp bytes behind it": lambda: webp_with() + SECRET,
}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_no_metadata_is_copied_and_no_pixel_changed(carrier: str) -> None:
    data = CARRIERS[carrier]()
    copy = copied(data)
    assert SECRET in data
    assert SECRET not in copy
    plain = {"jpeg": jpeg_with, "png": png_with, "webp": webp_with}[carrier.split(maxsplit=1)[0]]()
    with Image.open(io.BytesIO(plain)) as before, Image.open(io.BytesIO(copy)) as after:
        assert ImageChops.difference(before, after).getbbox(alpha_only=False) is None
        assert after.info.get("icc_profile") == before.info.get("icc_profile")
    assert copy == copied(plain) == copied(copy)


@pytest.mark.parametrize(
    "data",
    [
        encoded(PHOTO, "JPEG", icc_profile=profile() * 200),
        encoded(PHOTO, "JPEG", progressive=True, restart_marker_blocks=4),
        encoded(PHOTO.convert("CMYK"), "JPEG"),
        encoded(PHOTO.convert("L"), "JPEG"),
        encoded(PHOTO.quantize(16), "PNG", transparency=1, icc_profile=profile()),
        encoded(PHOTO, "WEBP"),
        encoded(with_alpha(PHOTO), "WEBP", icc_profile=profile()),
    ],
)
def test_a_file_without_metadata_is_copied_as_it_is(data: bytes) -> None:
    assert copied(data) == data


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_first_exif_is_found(kind: Format) -> None:
    data = encoded(PHOTO, kind, exif=oriented(6), icc_profile=profile())
    assert oriented(6).tobytes().removeprefix(b"Exif\0\0") in exif_of(data, pieces_of(data, kind))
    assert exif_of(copied(data), pieces_of(copied(data), kind)) == b""


def test_a_copied_webp_says_the_size_and_the_parts_that_it_has() -> None:
    copy = copied(webp_with(webp_chunk(b"EXIF", SECRET)))
    assert int.from_bytes(copy[4:8], "little") == len(copy) - 8
    assert (copy[12:16], copy[20]) == (b"VP8X", 0b11_0000)
    too_large = bytearray(copy)
    too_large[4:8] = (len(copy) + 100).to_bytes(4, "little")
    assert copied(bytes(too_large)) == copy


def test_a_copied_png_has_its_end() -> None:
    assert all(copied(png()[:-missing]) == png() for missing in range(1, 13))


def test_what_is_longer_than_the_file_is_damaged() -> None:
    short = struct.pack(">I", 100) + b"tEXt" + bytes(40)
    for data in (png()[:-12] + short, jpeg_with()[:30], webp(b"VP8 " + struct.pack("<I", 100) + bytes(40))):
        with pytest.raises(Refusal):
            copied(data)


def test_chunks_that_only_look_like_text_stay() -> None:
    grey = chunk(b"gAMA", struct.pack(">I", 45_455)) + chunk(b"sBIT", b"\5\5\5")
    assert copied(png(grey, data=zlib.compress((b"\0" + bytes(24)) * 8))).count(b"gAMA") == 1
