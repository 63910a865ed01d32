import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictures.orientation import orientation_of

from .material import exif_bomb, oriented


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_an_orientation_that_pillow_wrote_is_read(orientation: int, prefix: bytes) -> None:
    exif = oriented(orientation).tobytes().removeprefix(b"Exif\0\0")
    assert orientation_of(prefix + exif) == orientation


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_are_read(order: str) -> None:
    head = b"II*\0" if order == "<" else b"MM\0*"
    exif = head + struct.pack(f"{order}IHHHIHH", 8, 1, 0x0112, 3, 1, 6, 0)
    assert orientation_of(exif) == 6


@pytest.mark.parametrize("value", [0, 9, 65_535])
def test_an_impossible_orientation_is_none(value: int) -> None:
    assert orientation_of(b"II*\0" + struct.pack("<IHHHIHH", 8, 1, 0x0112, 3, 1, value, 0)) == 1


def test_a_directory_that_would_swell_is_not_followed() -> None:
    assert orientation_of(exif_bomb()) == 1


@given(st.binary(max_size=200), st.sampled_from([b"", b"II*\0", b"MM\0*", b"Exif\0\0II*\0"]))
def test_any_bytes_have_an_orientation(data: bytes, head: bytes) -> None:
    assert 1 <= orientation_of(head + data) <= 8
