import io
import struct
import zlib

import pytest
from PIL import Image

from domain.errors import Reason
from pictures.inspect import inspect
from pictures.normal import normal_form
from pictures.opening import opened

from .material import PNG_SIGNATURE, Put, Refused, chunk, encoded, header, photo, png, resealed

DAMAGED = (Reason.TRUNCATED, {})


def test_a_png_cut_anywhere_is_refused_as_cut(refused: Refused) -> None:
    data = encoded(photo(size=(40, 30)), "PNG")
    for end in range(8, len(data) - 12, 97):
        assert refused(data[:end]) == DAMAGED
    assert refused(data[:-14]) == DAMAGED


def test_a_png_that_lacks_only_its_end_is_a_picture(put: Put) -> None:
    data = png()
    for end in range(len(data) - 12, len(data)):
        assert inspect(put(data[:end])).width == 8


def test_bytes_behind_the_end_are_nobodys_business(put: Put) -> None:
    assert inspect(put(png() + b"PK\x03\x04 a hidden archive")).width == 8


def test_one_changed_bit_in_any_chunk_of_pixels_is_noticed(refused: Refused) -> None:
    data = bytearray(png(width=64, height=64))
    for at in (20, 34, 50, len(data) - 20):
        changed = bytearray(data)
        changed[at] ^= 1
        assert refused(bytes(changed)) == DAMAGED


def test_a_changed_bit_in_a_text_changes_no_picture(put: Put) -> None:
    data = bytearray(png(chunk(b"tEXt", b"Comment\0hello")))
    data[45] ^= 1
    assert inspect(put(bytes(data))).width == 8


def test_data_that_ends_too_early_is_noticed_although_every_checksum_is_right(refused: Refused) -> None:
    whole = zlib.compress(
        b"".join(b"\0" + bytes((at * 7 + row) % 251 for at in range(24)) for row in range(8))
    )
    assert refused(png(data=whole[: len(whole) // 2])) == DAMAGED


def test_data_that_does_not_inflate_is_noticed_although_every_checksum_is_right(refused: Refused) -> None:
    data = bytearray(png(width=64, height=64))
    data[50] ^= 0xFF
    assert refused(resealed(bytes(data))) == DAMAGED


@pytest.mark.parametrize(
    "ihdr",
    [
        struct.pack(">IIBBBBB", 0, 8, 8, 2, 0, 0, 0),
        struct.pack(">IIBBBBB", 8, 0, 8, 2, 0, 0, 0),
        struct.pack(">IIBBBBB", 8, 8, 3, 2, 0, 0, 0),
        struct.pack(">IIBBBBB", 8, 8, 8, 5, 0, 0, 0),
        struct.pack(">IIBBBBB", 8, 8, 8, 2, 1, 0, 0),
        struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 1, 0),
        struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 2),
        b"short",
    ],
)
def test_a_header_that_makes_no_sense_is_refused(refused: Refused, ihdr: bytes) -> None:
    data = PNG_SIGNATURE + chunk(b"IHDR", ihdr) + chunk(b"IDAT", b"x") + chunk(b"IEND")
    assert refused(data) == DAMAGED


@pytest.mark.parametrize(
    "data",
    [
        PNG_SIGNATURE + chunk(b"IDAT", b"x") + chunk(b"IEND"),
        PNG_SIGNATURE + header(8, 8) + chunk(b"IEND"),
        PNG_SIGNATURE + header(8, 8) + struct.pack(">I", 0xFFFFFFFF) + b"IDAT",
    ],
    ids=["no header", "no data", "endless chunk"],
)
def test_chunks_that_break_the_rules_are_refused(refused: Refused, data: bytes) -> None:
    assert refused(data) == DAMAGED


def test_an_animated_png_is_refused_as_animated(refused: Refused) -> None:
    frames = [photo(size=(16, 16)), photo("cat", (16, 16))]
    data = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])
    assert refused(data) == (Reason.ANIMATED, {})


def test_an_animation_of_one_frame_is_a_picture(put: Put) -> None:
    frame = struct.pack(">IIIIIHHBB", 0, 8, 8, 0, 0, 1, 10, 0, 0)
    data = png(chunk(b"acTL", struct.pack(">II", 1, 0)), chunk(b"fcTL", frame))
    assert inspect(put(data)).width == 8


def test_frames_that_no_header_announces_are_refused(refused: Refused) -> None:
    assert refused(png(chunk(b"fdAT", bytes(20)))) == DAMAGED


@pytest.mark.parametrize(
    ("colour", "clear", "pixel", "other"),
    [(0, b"\x30\x39", b"\x30\x39", b"\xc0\x00"), (2, b"\1\2\3\4\5\6", b"\1\2\3\4\5\6", b"\xc0\0" * 3)],
    ids=["grey", "colour"],
)
def test_one_clear_colour_of_16_bits_stays_clear(
    put: Put, colour: int, clear: bytes, pixel: bytes, other: bytes
) -> None:
    rows = b"".join(b"\0" + (pixel if row < 4 else other) * 8 for row in range(8))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 16, colour, 0, 0, 0))
    body = chunk(b"tRNS", clear) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND")
    made = normal_form(opened(put(PNG_SIGNATURE + head + body)))
    with Image.open(io.BytesIO(made.data)) as picture:
        assert picture.mode == "RGBA"
        assert [picture.getpixel((4, row))[3] for row in (0, 3, 4, 7)] == [0, 0, 255, 255]
