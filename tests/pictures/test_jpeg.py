import struct
from collections.abc import Sequence
from typing import Any

import pytest

from domain.errors import Reason
from pictures.inspect import inspect
from pictures.opening import MAX_SCANS, opened

from .material import Put, Refused, encoded, jpeg_with, oriented, photo, profile, segment

DAMAGED = (Reason.TRUNCATED, {})


def frame(
    width: int = 64,
    height: int = 48,
    *,
    marker: int = 0xC0,
    precision: int = 8,
    parts: Sequence[tuple[int, int]] = ((1, 0x22), (2, 0x11), (3, 0x11)),
) -> bytes:
    components = b"".join(bytes([number, factors, 0]) for number, factors in parts)
    return segment(marker, struct.pack(">BHHB", precision, height, width, len(parts)) + components)


def test_a_jpeg_without_its_end_is_refused_as_cut(refused: Refused) -> None:
    data = encoded(photo(size=(200, 150)), "JPEG")
    for end in range(3, len(data), 311):
        assert refused(data[:end]) == DAMAGED
    assert refused(data[:-4]) == DAMAGED


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 4}], ids=str)
def test_a_jpeg_that_lacks_only_its_end_is_a_picture_and_gets_it(
    put: Put, refused: Refused, options: dict[str, Any]
) -> None:
    """The decoder itself would take half a picture, and fill the rest with grey."""
    data = encoded(photo(size=(200, 150)), "JPEG", **options)
    for missing in (1, 2):
        assert opened(put(data[:-missing])).data == data
    for end in range(len(data) // 2, len(data) - 3, 97):
        assert refused(data[:end]) == DAMAGED


def test_the_end_of_an_embedded_thumbnail_is_not_the_end_of_the_picture(refused: Refused) -> None:
    inner = encoded(photo(size=(32, 24)), "JPEG")
    data = jpeg_with(segment(0xE1, b"Exif\0\0" + inner))
    assert refused(data[:-40]) == DAMAGED


def test_a_phones_second_picture_behind_the_end_does_not_count(put: Put) -> None:
    data = encoded(photo(size=(64, 48)), "JPEG")
    assert inspect(put(data + data[:100] + b"ftypmp42")).width == 64


def test_fill_bytes_and_junk_between_segments_are_skipped(put: Put) -> None:
    data = encoded(photo(size=(64, 48)), "JPEG")
    assert inspect(put(data[:20] + b"\0\0junk\xff\xff" + data[20:])).width == 64


def test_a_marker_across_two_blocks_of_reading_is_found(put: Put) -> None:
    data = encoded(photo(size=(64, 48)), "JPEG")
    for padding in range(65_530, 65_540):
        assert inspect(put(data[:20] + bytes(padding) + data[20:])).width == 64


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (frame(marker=0xC3), "a lossless JPEG"),
        (frame(marker=0xC7), "a lossless JPEG"),
        (frame(precision=12), "a 12-bit JPEG"),
    ],
)
def test_kinds_of_jpeg_that_nothing_shows_are_refused_by_name(
    refused: Refused, data: bytes, kind: str
) -> None:
    assert refused(b"\xff\xd8" + data) == (Reason.WRONG_TYPE, {"type": kind})


@pytest.mark.parametrize(
    "data",
    [
        frame(height=0),
        frame(width=0),
        frame(parts=((1, 0x11), (2, 0x11))),
        frame(parts=((1, 0x01), (2, 0x11), (3, 0x11))),
        frame(parts=((1, 0x51), (2, 0x11), (3, 0x11))),
        frame() + frame(),
        segment(0xC0, b"\x08"),
        segment(0xDA, b""),
        b"\xff\xe0\0\1",
        frame() + b"\xff\xd9",
    ],
    ids=[
        "no height",
        "no width",
        "two components",
        "no samples",
        "too many samples",
        "two frames",
        "short frame",
        "scan before frame",
        "impossible length",
        "no scan",
    ],
)
def test_segments_that_break_the_rules_are_refused(refused: Refused, data: bytes) -> None:
    assert refused(b"\xff\xd8" + data + b"\xff\xd9") == DAMAGED


def test_a_tall_header_is_refused_before_anything_behind_it_is_read(refused: Refused) -> None:
    data = b"\xff\xd8" + frame(60_000, 60_000)
    assert refused(data) == (Reason.TOO_MANY_PIXELS, {"width": 60_000, "height": 60_000})


def scans_of(data: bytes) -> list[int]:
    """Where each scan of a JPEG starts, and where the last one ends."""
    starts = [at for at in range(len(data) - 1) if data[at : at + 2] == b"\xff\xda"]
    return [*starts, len(data) - 2]


@pytest.mark.parametrize("count", [MAX_SCANS + 1, 60_000])
def test_a_picture_of_thousands_of_scans_is_refused_before_it_is_decoded(
    refused: Refused, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    data = encoded(photo(size=(64, 48)), "JPEG", progressive=True)
    *_, start, end = scans_of(data)
    monkeypatch.setattr("pictures.inspect.reduced", lambda _picture: pytest.fail("decoded"))
    assert refused(data[:start] + data[start:end] * count + b"\xff\xd9") == DAMAGED


def test_only_the_first_exif_counts(put: Put) -> None:
    first, second = oriented(6).tobytes(), oriented(3).tobytes()
    assert opened(put(jpeg_with(segment(0xE1, first), segment(0xE1, second)))).orientation == 6


def test_a_profile_in_many_segments_is_put_together_in_its_order(put: Put) -> None:
    whole = profile() * 200
    path = put(encoded(photo(size=(64, 48)), "JPEG", icc_profile=whole))
    assert len(whole) > 65_536
    picture = opened(path)
    assert picture.image is not None
    assert picture.profile == whole
