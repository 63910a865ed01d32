"""Colours that are not sRGB, whatever they are called and however it is said."""

import io
import struct
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from pictures.colours import is_srgb, to_srgb
from pictures.normal import normal_form
from pictures.opening import opened
from pictures.profiles import profile_of

from .material import Put, chunk, encoded, profile

CASES = Path(__file__).parent / "cases"
P3, BT2020, LINEAR, PQ, HLG = 12, 9, 8, 16, 18
GREEN = (60, 200, 90)


def meant(primaries: int, transfer: int) -> bytes:
    made = profile_of(Image.new("RGB", (1, 1)), "PNG", b"", bytes([primaries, transfer, 0, 1]))
    assert made is not None
    return made


def seen(put: Put, data: bytes) -> tuple[int, ...]:
    """A place of what is sent."""
    made = normal_form(opened(put(data)))
    with Image.open(io.BytesIO(made.data)) as picture:
        assert "icc_profile" not in picture.info
        return picture.convert("RGB").getpixel((picture.width // 4, picture.height // 4))


def with_chunks(picture: Image.Image, *chunks: bytes) -> bytes:
    data = encoded(picture, "PNG")
    at = data.index(b"IDAT") - 4
    return data[:at] + b"".join(chunks) + data[at:]


def near(one: tuple[int, ...], other: tuple[int, ...], by: int = 4) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def test_a_profile_that_is_made_is_read_by_the_library_as_meant() -> None:
    for made in (meant(P3, 13), meant(BT2020, PQ), meant(1, LINEAR)):
        ImageCms.ImageCmsProfile(io.BytesIO(made))
    # Green of Display P3 (0.265, 0.690) lies outside sRGB, its grey is grey.
    wide = to_srgb(Image.new("RGB", (1, 1), GREEN), meant(P3, 13)).getpixel((0, 0))
    assert near(wide, (0, 203, 79), 6), wide
    assert near(to_srgb(Image.new("RGB", (1, 1), (128,) * 3), meant(P3, 13)).getpixel((0, 0)), (128,) * 3, 1)
    assert near(
        to_srgb(Image.new("RGB", (1, 1), (55,) * 3), meant(1, LINEAR)).getpixel((0, 0)), (128,) * 3, 2
    )


def test_ordinary_white_of_high_dynamic_range_is_bright_and_brighter_light_keeps_its_order() -> None:
    for transfer, white in ((PQ, 148), (HLG, 191)):
        levels = [
            to_srgb(Image.new("RGB", (1, 1), (level,) * 3), meant(BT2020, transfer)).getpixel((0, 0))[0]
            for level in (0, white // 2, white, white + 20, 255)
        ]
        assert levels == sorted(levels)
        assert levels[0] < 3
        assert 235 <= levels[2] < levels[3], levels


def test_what_is_srgb_by_another_way_of_writing_stays(put: Put) -> None:
    picture = Image.new("RGB", (8, 8), GREEN)
    assert is_srgb(picture, profile())
    assert not is_srgb(picture, meant(1, 4)), "a plain gamma of 2.2 is lighter in the dark"
    for chunks in (
        [chunk(b"gAMA", struct.pack(">I", 45_455))],
        [chunk(b"sRGB", b"\0"), chunk(b"gAMA", struct.pack(">I", 100_000))],
        [chunk(b"cICP", bytes([1, 13, 0, 1]))],
        [chunk(b"gAMA", bytes(4))],
        [chunk(b"cHRM", bytes(32))],
    ):
        data = with_chunks(picture, *chunks)
        assert normal_form(opened(put(data))).picture is None, chunks


@pytest.mark.parametrize("mode", ["RGB", "P"])
def test_a_profile_that_only_mentions_srgb_is_applied(put: Put, mode: str) -> None:
    """Android writes "sRGB Transfer with Display P3 Gamut"."""
    wide = meant(P3, 13).replace(b"\0\0\0\0wtpt", b"sRGBwtpt", 1) + b"sRGB Transfer with Display P3 Gamut"
    picture = Image.new("RGB", (8, 8), GREEN)
    data = encoded(picture.quantize(4) if mode == "P" else picture, "PNG", icc_profile=wide)
    assert near(seen(put, data), to_srgb(picture, meant(P3, 13)).getpixel((0, 0)))


def test_grey_with_alpha_has_a_profile_of_grey(put: Put) -> None:
    picture = Image.new("LA", (8, 8), (128, 100))
    grey = bytearray(profile())
    made = to_srgb(picture.convert("RGBA"), bytes(grey[:16] + b"GRAY" + grey[20:]))
    assert made.mode == "RGBA"
    assert made.getpixel((0, 0))[3] == 100


@pytest.mark.parametrize(
    "chunks",
    [
        [chunk(b"cICP", bytes([P3, 13, 0, 1]))],
        [
            chunk(b"gAMA", struct.pack(">I", 45_455)),
            chunk(b"cHRM", struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)),
        ],
    ],
    ids=["cICP", "gAMA and cHRM"],
)
def test_a_png_that_says_it_in_numbers_is_converted(put: Put, chunks: list[bytes]) -> None:
    picture = Image.new("RGB", (8, 8), GREEN)
    assert near(
        seen(put, with_chunks(picture, *chunks)), to_srgb(picture, meant(P3, 13)).getpixel((0, 0)), 12
    )


@pytest.mark.parametrize("name", ["01_iphone.heic", "01c_photo.avif"])
def test_a_heic_or_avif_that_says_it_in_numbers_is_converted(put: Put, name: str) -> None:
    data = (CASES / name).read_bytes()
    at = data.index(b"colrnclx") + 8
    changed = data[:at] + struct.pack(">HH", BT2020, PQ) + data[at + 4 :]
    plain, bright = seen(put, data), seen(put, changed)
    assert not near(plain, bright, 10)
    expected = to_srgb(Image.new("RGB", (1, 1), plain), meant(BT2020, PQ)).getpixel((0, 0))
    assert near(bright, expected, 16), (bright, expected)
