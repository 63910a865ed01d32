import pytest

from domain.errors import Reason
from pictures.inspect import inspect
from pictures.opening import opened

from .material import Put, Refused, encoded, photo, profile, webp, webp_chunk, with_alpha

DAMAGED = (Reason.TRUNCATED, {})
SIZED = b"\x10\0\0\0" + (15).to_bytes(3, "little") + (15).to_bytes(3, "little")


@pytest.mark.parametrize("lossless", [False, True])
def test_a_webp_cut_anywhere_is_refused_as_cut(refused: Refused, lossless: bool) -> None:
    data = encoded(with_alpha(photo(size=(60, 40))), "WEBP", lossless=lossless)
    for end in range(12, len(data), 61):
        assert refused(data[:end]) == DAMAGED


@pytest.mark.parametrize("lossless", [False, True])
def test_a_webp_whose_sizes_were_made_to_fit_the_cut_is_refused_too(refused: Refused, lossless: bool) -> None:
    data = encoded(photo(size=(120, 90)), "WEBP", lossless=lossless)
    body = data[20 : len(data) // 2]
    assert refused(webp(webp_chunk(data[12:16], body))) == DAMAGED


def test_an_animated_webp_is_refused_as_animated(refused: Refused) -> None:
    frames = [photo(size=(16, 16)), photo("cat", (16, 16))]
    data = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    assert refused(data) == (Reason.ANIMATED, {})


def test_a_webp_that_only_says_it_is_animated_is_refused_as_animated(refused: Refused) -> None:
    data = encoded(photo(size=(16, 16)), "WEBP", lossless=True)
    assert refused(webp(webp_chunk(b"VP8X", b"\x02" + SIZED[1:]), data[12:])) == (Reason.ANIMATED, {})


@pytest.mark.parametrize(
    "data",
    [
        webp(),
        webp(webp_chunk(b"VP8X", SIZED)),
        webp(webp_chunk(b"VP8X", b"\0")),
        webp(webp_chunk(b"VP8 ", bytes(20))),
        webp(webp_chunk(b"VP8L", b"\x30\0\0\0\0")),
        webp(webp_chunk(b"VP8L", b"\x2f")),
        webp(webp_chunk(b"VP8X", SIZED), webp_chunk(b"VP8L", b"\x2f\x03\0\0\0")),
        webp(webp_chunk(b"VP8L", b"\x2f\x03\0\0\0"), webp_chunk(b"VP8L", b"\x2f\x03\0\0\0")),
        b"RIFF\xff\xff\xff\x7fWEBP",
        webp(b"VP8L\xff\xff\xff\xff"),
    ],
)
def test_chunks_that_break_the_rules_are_refused(refused: Refused, data: bytes) -> None:
    assert refused(data) == DAMAGED


def test_too_many_pixels_are_refused_from_the_header(refused: Refused) -> None:
    bits = 16_382 | 16_382 << 14
    data = webp(webp_chunk(b"VP8L", b"\x2f" + bits.to_bytes(4, "little")))
    assert refused(data) == (Reason.TOO_MANY_PIXELS, {"width": 16_383, "height": 16_383})


def test_metadata_is_found_and_bytes_behind_the_end_do_not_count(put: Put) -> None:
    path = put(encoded(photo(size=(64, 48)), "WEBP", icc_profile=profile()) + b"behind the end")
    picture = opened(path)
    assert picture.image is not None
    assert picture.profile == profile()
    assert inspect(path).width == 64
