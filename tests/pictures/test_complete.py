"""What was cut and ended by somebody all the same, and honest pictures that look as if they were."""

import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageDraw

from domain.errors import Reason
from pictures.inspect import inspect

from .material import PNG_SIGNATURE, Put, Refused, chunk, encoded, header, oriented, photo, zeros

DAMAGED = (Reason.TRUNCATED, {})
END = b"\xff\xd9"


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 4}], ids=str)
@pytest.mark.parametrize("share", [0.4, 0.6, 0.9])
def test_a_jpeg_that_was_cut_is_refused_though_it_has_an_end(
    refused: Refused, options: dict[str, Any], share: float
) -> None:
    data = encoded(photo(size=(400, 300)), "JPEG", exif=oriented(6), **options)
    cut = data[: int(len(data) * share)]
    assert refused(cut + END) == DAMAGED
    assert refused(cut + bytes(len(data) - len(cut)) + END) == DAMAGED, "as a broken transfer leaves it"


def test_a_large_one_is_looked_into_at_a_part_of_its_size(refused: Refused) -> None:
    data = encoded(Image.new("RGB", (5_000, 4_000), "teal"), "JPEG")
    assert refused(data[: len(data) // 2] + END) == DAMAGED


def flat(mode: str, size: tuple[int, int] = (200, 150)) -> Image.Image:
    """A drawing on an empty ground: its last pixels are all the same, and nothing."""
    picture = Image.new(mode, size)
    ImageDraw.Draw(picture).ellipse((20, 20, 90, 90), fill="white" if mode == "RGB" else 1)
    return picture


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16"])
@pytest.mark.parametrize("size", [(200, 150), (1, 1), (3, 70)], ids=str)
def test_an_even_png_is_whole(put: Put, mode: str, size: tuple[int, int]) -> None:
    assert inspect(put(encoded(flat(mode, size), "PNG"))).width == size[0]


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 20}], ids=str)
@pytest.mark.parametrize("size", [(200, 150), (9, 9), (3_000, 2_000)], ids=str)
def test_an_even_jpeg_is_whole(put: Put, size: tuple[int, int], options: dict[str, Any]) -> None:
    assert inspect(put(encoded(flat("RGB", size), "JPEG", **options))).width == size[0]


@pytest.mark.parametrize("interlaced", [0, 1])
@pytest.mark.parametrize(("depth", "colour", "bits"), [(8, 2, 24), (16, 6, 64), (1, 0, 1)])
def test_a_png_whose_data_end_early_is_refused(
    put: Put, refused: Refused, depth: int, colour: int, bits: int, interlaced: int
) -> None:
    side, row = 64, 1 + 8 * bits
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, depth, colour, 0, 0, interlaced))
    steps = [(8, 8), (8, 8), (16, 8), (16, 16), (32, 16), (32, 32), (64, 32)]
    whole = sum(down * (1 + (across * bits + 7) // 8) for across, down in steps) if interlaced else side * row

    def of(count: int) -> bytes:
        data = zlib.compress(bytes(count))
        half = len(data) // 2
        parts = chunk(b"IDAT", data[:half]) + chunk(b"IDAT", data[half:])
        return PNG_SIGNATURE + head + parts + chunk(b"IEND")

    assert inspect(put(of(whole))).width == side
    assert refused(of(whole - 2 * row)) == DAMAGED


def test_data_beyond_the_picture_are_not_unpacked(put: Put) -> None:
    data = PNG_SIGNATURE + header(64, 64) + chunk(b"IDAT", zeros(50_000_000)) + chunk(b"IEND")
    assert inspect(put(data)).width == 64
