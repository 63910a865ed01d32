import struct

import pytest
from PIL import Image

from domain.errors import Reason, Refusal
from pictures.kinds import kind_of

from .material import encoded, photo


def wrong_type(head: bytes) -> str | int:
    with pytest.raises(Refusal) as caught:
        kind_of(head)
    assert caught.value.reason is Reason.WRONG_TYPE
    return caught.value.values["type"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_three_kinds_that_the_provider_reads_are_told_by_their_bytes(kind: str) -> None:
    assert kind_of(encoded(photo(size=(16, 16)), kind)) == kind


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("GIF", "GIF"),
        ("BMP", "BMP"),
        ("TIFF", "TIFF"),
        ("ICO", "ICO"),
        ("JPEG2000", "JPEG 2000"),
        ("QOI", "QOI"),
        ("DDS", "DDS"),
        ("PDF", "PDF"),
        ("AVIF", "AVIF"),
    ],
)
def test_another_kind_of_picture_is_refused_by_its_name(kind: str, name: str) -> None:
    assert wrong_type(encoded(Image.new("RGB", (32, 32)), kind)[:1024]) == name


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"8BPS\0\1" + bytes(20), "PSD"),
        (struct.pack(">I", 24) + b"ftypheic" + bytes(12), "HEIC"),
        (struct.pack(">I", 24) + b"ftypmif1" + bytes(12), "HEIC"),
        (struct.pack(">I", 24) + b"ftypisom" + bytes(12), "MP4 video"),
        (b"\xff\x0a" + bytes(20), "JPEG XL"),
        (b"MM\0*" + bytes(20), "TIFF"),
        (b"II+\0" + bytes(20), "TIFF"),
        (b"v/1\x01" + bytes(20), "OpenEXR"),
        (b"\x1aE\xdf\xa3" + bytes(20), "WebM"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "SVG"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- drawn by hand -->\n<svg width="1">', "SVG"),
    ],
)
def test_kinds_that_pillow_cannot_write_are_known_too(head: bytes, name: str) -> None:
    assert wrong_type(head) == name


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\0",
        b"hello, this is a text",
        b"BMX is a kind of cycling, not a bitmap",
        b"<!doctype html><html><body>404",
        b"<html><svg></svg></html>",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"PK\x03\x04" + bytes(40),
        bytes(1024),
    ],
)
def test_what_is_no_picture_is_called_no_picture(head: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        kind_of(head)
    assert caught.value.reason is Reason.NOT_AN_IMAGE


def test_a_png_whose_line_ends_were_changed_is_called_damaged() -> None:
    with pytest.raises(Refusal) as caught:
        kind_of(b"\x89PNG\n\x1a\n" + bytes(40))
    assert caught.value.reason is Reason.TRUNCATED
