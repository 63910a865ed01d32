"""Files that are small and would be huge: each is looked at in a process whose memory is then measured."""

import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.errors import Reason
from domain.limits import MIB
from pictures.inspect import inspect

from .material import (
    PNG_SIGNATURE,
    Put,
    Refused,
    chunk,
    encoded,
    exif_bomb,
    header,
    jpeg_with,
    photo,
    png,
    profile,
    segment,
    webp,
    webp_chunk,
    zeros,
)

ROOT = Path(__file__).resolve().parents[2]
MEASURE = """
import re, sys
from pathlib import Path
from domain.errors import Refusal
from pictures.inspect import inspect
from PIL import JpegImagePlugin, PngImagePlugin, WebPImagePlugin

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024

before = peak()
try:
    outcome = inspect(Path(sys.argv[1])).media_type
except Refusal as refusal:
    outcome = refusal.reason.value
print(outcome, peak() - before)
"""
on_linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")


def measured(path: Path) -> tuple[str, int]:
    """Inspect a file in a fresh process; return what it was taken for and the megabytes that took."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    outcome, megabytes = done.stdout.split()
    return outcome, int(megabytes)


def huge_png() -> bytes:
    """30,000 x 30,000 pixels in a few kilobytes, every chunk of it correct."""
    return PNG_SIGNATURE + header(30_000, 30_000) + chunk(b"IDAT", zeros(4 << 20)) + chunk(b"IEND")


def swelling_png() -> bytes:
    """64 pixels, says the header; a quarter of a gigabyte, says the data."""
    return png(data=zeros(256 << 20))


def swelling_text() -> bytes:
    return png(*[chunk(b"zTXt", b"Comment\0\0" + zeros(128 << 20))] * 4)


def long_text() -> bytes:
    return png(chunk(b"iTXt", b"Comment\0\0\0\0\0" + b"x" * (40 << 20)))


def swelling_profile() -> bytes:
    return png(chunk(b"iCCP", b"name\0\0" + zeros(256 << 20)))


def many_profiles() -> bytes:
    share = segment(0xE2, b"ICC_PROFILE\0\1\1" + bytes(65_000))
    return jpeg_with(*[share] * 600)


def swelling_exif() -> bytes:
    return jpeg_with(*[segment(0xE1, b"Exif\0\0" + exif_bomb())] * 10)


def swelling_png_exif() -> bytes:
    return png(chunk(b"eXIf", exif_bomb(length=64_000).ljust(4 << 20, b"\0")))


def swelling_webp_exif() -> bytes:
    data = encoded(photo(size=(64, 48)), "WEBP", icc_profile=profile(), exif=b"II*\0")
    bomb = webp_chunk(b"EXIF", exif_bomb())
    return webp(data[12 : data.index(b"EXIF")] + bomb)


def many_restarts() -> bytes:
    return jpeg_with(*[segment(0xFE, b"")] * 45_000)


OUTCOMES: list[tuple[Callable[[], bytes], str]] = [
    (swelling_png, "image/png"),
    (swelling_text, "image/png"),
    (long_text, "image/png"),
    (swelling_profile, "truncated"),
    (many_profiles, "image/jpeg"),
    (swelling_exif, "image/jpeg"),
    (swelling_png_exif, "image/png"),
    (swelling_webp_exif, "image/webp"),
    (many_restarts, "image/jpeg"),
]


@on_linux
@pytest.mark.parametrize(("make", "expected"), OUTCOMES, ids=lambda value: getattr(value, "__name__", ""))
def test_what_would_swell_beside_the_pixels_is_never_unpacked(
    put: Put, make: Callable[[], bytes], expected: str
) -> None:
    path = put(make())
    outcome, megabytes = measured(path)
    assert outcome == expected
    assert megabytes < 30 + 3 * path.stat().st_size / MIB


@on_linux
def test_a_bomb_of_pixels_is_refused_within_a_megabyte_or_two(put: Put) -> None:
    path = put(huge_png())
    assert path.stat().st_size < 20_000
    outcome, megabytes = measured(path)
    assert outcome == "too_many_pixels"
    assert megabytes <= 4


@on_linux
def test_a_large_jpeg_is_shrunk_while_it_is_decoded(put: Put) -> None:
    path = put(encoded(photo("coffee", (6_000, 4_000)), "JPEG"))
    outcome, megabytes = measured(path)
    assert outcome == "image/jpeg"
    assert megabytes < 25, "the whole would be 92"


def test_a_bomb_of_pixels_is_never_decoded(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda _image: pytest.fail("decoded"))
    assert refused(huge_png()) == (Reason.TOO_MANY_PIXELS, {"width": 30_000, "height": 30_000})


def test_the_limit_on_pixels_is_exact(put: Put, refused: Refused) -> None:
    rows = zlib.compress((b"\0" + bytes(1_000)) * 8_000)
    one_bit = struct.pack(">IIBBBBB", 8_000, 8_000, 1, 0, 0, 0, 0)
    data = PNG_SIGNATURE + chunk(b"IHDR", one_bit) + chunk(b"IDAT", rows) + chunk(b"IEND")
    assert inspect(put(data)).width == 8_000
    assert refused(data.replace(chunk(b"IHDR", one_bit), header(8_000, 8_001)))[0] is Reason.TOO_MANY_PIXELS


def test_a_hundred_thousand_chunks_are_given_up(refused: Refused) -> None:
    assert refused(png(chunk(b"tEXt") * 100_000))[0] is Reason.TRUNCATED
    assert refused(png(chunk(b"IDAT") * 100_000))[0] is Reason.TRUNCATED
    assert refused(jpeg_with(segment(0xFE, b"") * 100_000))[0] is Reason.TRUNCATED
    assert refused(webp(webp_chunk(b"JUNK", b"") * 100_000))[0] is Reason.TRUNCATED
