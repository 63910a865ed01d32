import struct

import pytest

from domain.errors import Reason, Refusal
from pictures.kinds import check_developed, kind_of, lead_of

from .material import encoded, photo


def refusal(head: bytes) -> tuple[Reason, str | int | None]:
    with pytest.raises(Refusal) as caught:
        kind_of(head)
    return caught.value.reason, caught.value.values.get("type")


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        *((each, each) for each in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "ICO", "AVIF")),
        ("JPEG2000", "JPEG 2000"),
    ],
)
def test_kinds_of_pictures_are_told_by_their_bytes(written: str, kind: str) -> None:
    assert kind_of(encoded(photo(size=(32, 32)), written)[:1024]) == kind


def brands(*names: bytes) -> bytes:
    return struct.pack(">I", 12 + 4 * len(names)) + b"ftyp" + names[0] + bytes(4) + b"".join(names[1:])


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (brands(b"heic"), "HEIC"),
        (brands(b"mif1", b"mif1", b"heic", b"miaf"), "HEIC"),
        (brands(b"mif1", b"avif"), "AVIF"),
        (brands(b"MiHB", b"mif1", b"MiHB", b"heic"), "HEIC"),
        (b"MM\0*" + bytes(20), "TIFF"),
        (b"II+\0" + bytes(20), "TIFF"),
    ],
)
def test_kinds_that_pillow_cannot_write_are_known_too(head: bytes, kind: str) -> None:
    assert kind_of(head) == kind


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (b"8BPS\0\1" + bytes(20), (Reason.WRONG_TYPE, "a Photoshop file")),
        (b"%PDF-1.7" + bytes(20), (Reason.WRONG_TYPE, "a PDF document")),
        (b"qoif" + bytes(20), (Reason.WRONG_TYPE, "a QOI picture")),
        (b"v/1\x01" + bytes(20), (Reason.WRONG_TYPE, "an OpenEXR picture")),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', (Reason.WRONG_TYPE, "an SVG drawing")),
        (
            b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- drawn by hand -->\n<svg width="1">',
            (Reason.WRONG_TYPE, "an SVG drawing"),
        ),
        (brands(b"isom", b"mp42"), (Reason.VIDEO, None)),
        (brands(b"qt  "), (Reason.VIDEO, None)),
        (b"\0\0\0\x08wide\0\0\0\0mdat", (Reason.VIDEO, None)),
        (b"\x1aE\xdf\xa3" + bytes(20), (Reason.VIDEO, None)),
        (b"RIFF\x24\0\0\0AVI LIST", (Reason.VIDEO, None)),
        (b"\xff\x0a" + bytes(20), (Reason.JPEG_XL, None)),
        (b"\0\0\0\x0cJXL \r\n\x87\n", (Reason.JPEG_XL, None)),
        (brands(b"crx ", b"isom"), (Reason.CAMERA_RAW, None)),
        (b"FUJIFILMCCD-RAW 0201", (Reason.CAMERA_RAW, None)),
        (b"IIU\0" + bytes(20), (Reason.CAMERA_RAW, None)),
        (brands(b"M4A "), (Reason.NOT_AN_IMAGE, None)),
    ],
)
def test_what_no_still_picture_can_be_had_from_is_called_what_it_is(
    head: bytes, why: tuple[Reason, str | None]
) -> None:
    assert refusal(head) == why


def tiff(*tags: tuple[int, int, int], order: str = "<") -> bytes:
    head = struct.pack(f"{order}2sHI", b"II" if order == "<" else b"MM", 42, 8)
    entries = b"".join(
        struct.pack(f"{order}HHI", tag, kind, 1)
        + (struct.pack(f"{order}HH", value, 0) if kind == 3 else struct.pack(f"{order}I", value))
        for tag, kind, value in tags
    )
    return head + struct.pack(f"{order}H", len(tags)) + entries + bytes(4)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("tag", [(254, 4, 1), (259, 3, 34713), (262, 3, 32803), (50706, 4, 0x0401)])
def test_a_tiff_that_holds_a_sensors_data_is_a_raw_photo(order: str, tag: tuple[int, int, int]) -> None:
    with pytest.raises(Refusal) as caught:
        check_developed(tiff((256, 3, 160), tag, order=order))
    assert caught.value.reason is Reason.CAMERA_RAW
    check_developed(tiff((254, 4, 0), (259, 3, 1), (262, 3, 2), order=order))


def test_a_canon_cr2_is_a_raw_photo() -> None:
    with pytest.raises(Refusal) as caught:
        check_developed(b"II*\0\x10\0\0\0CR\2\0")
    assert caught.value.reason is Reason.CAMERA_RAW


def test_a_picture_is_found_behind_a_little_of_something_else() -> None:
    for kind in ("PNG", "JPEG", "WEBP"):
        data = encoded(photo(size=(16, 16)), kind)
        assert [lead_of(lead + data) for lead in (b"", b"\n", b"\xef\xbb\xbf", bytes(200))] == [0, 1, 3, 200]
    assert lead_of(bytes(300) + encoded(photo(size=(16, 16)), "PNG")) == 0


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
