"""Whatever the bytes are, the answer is a description or a refusal."""

import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from domain.errors import Refusal
from domain.limits import MAX_SOURCE_BYTES
from pictures.inspect import inspect
from pictures.publish import publish

from .material import PNG_SIGNATURE, chunk, chunks_of, encoded, oriented, photo, profile, with_alpha

SMALL = photo(size=(48, 32))
HONEST = [
    encoded(SMALL, "JPEG", exif=oriented(6)),
    encoded(SMALL, "JPEG", progressive=True, icc_profile=profile()),
    encoded(SMALL.convert("CMYK"), "JPEG"),
    encoded(SMALL, "PNG", icc_profile=profile("other")),
    encoded(SMALL.quantize(16), "PNG", transparency=1),
    encoded(SMALL.convert("L").convert("I;16"), "PNG"),
    encoded(with_alpha(SMALL), "WEBP", exif=oriented(3)),
    encoded(SMALL, "WEBP", lossless=True),
]
HEADS = [b"", b"\xff\xd8\xff", PNG_SIGNATURE, b"RIFF\x40\0\0\0WEBP", b"RIFF\x40\0\0\0WEBPVP8 "]
ANYTHING = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """Real pictures with bytes changed, cut out, doubled or put in, and with other pictures' parts."""
    data = bytearray(draw(st.sampled_from(HONEST)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data) - 1))
        end = min(len(data), at + draw(st.integers(1, 40)))
        other = draw(st.sampled_from(HONEST))
        data[at:end] = draw(
            st.one_of(
                st.binary(min_size=end - at, max_size=end - at),
                st.binary(max_size=16),
                st.just(bytes(data[at:end]) * 2),
                st.just(other[at : at + 200]),
            )
        )
        assume(data)
    return bytes(data)


@st.composite
def sealed_mutants(draw: st.DrawFn) -> bytes:
    """PNGs whose chunks are damaged and whose checksums are right, so that the damage is believed."""
    chunks = chunks_of(draw(st.sampled_from([data for data in HONEST if data[:4] == PNG_SIGNATURE[:4]])))
    which = draw(st.integers(0, len(chunks) - 1))
    kind, body = chunks[which]
    damaged = bytearray(body or b"\0")
    damaged[draw(st.integers(0, len(damaged) - 1))] ^= draw(st.integers(1, 255))
    chunks[which] = (kind, bytes(damaged))
    order = draw(st.permutations(chunks)) if draw(st.booleans()) else chunks
    return PNG_SIGNATURE + b"".join(chunk(kind, body) for kind, body in order)


def check(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        found = inspect(path, thumbnail=path.with_name("thumbnail"))
    except Refusal:
        return
    assert found.width * found.height <= 256_000_000
    with Image.open(path.with_name("thumbnail")) as small:
        assert max(small.size) <= 960
    published = publish(path, path.with_name("published"), limit=MAX_SOURCE_BYTES)
    assert published is not None
    again = inspect(path.with_name("published"))
    assert (again.width, again.height, again.media_type) == (
        published.width,
        published.height,
        published.media_type,
    )


@ANYTHING
@given(head=st.sampled_from(HEADS), tail=st.binary(max_size=300))
def test_any_bytes_are_described_or_refused(tmp_path: Path, head: bytes, tail: bytes) -> None:
    check(tmp_path / "file", head + tail)


@settings(ANYTHING, max_examples=100)
@given(data=mutants())
def test_a_changed_picture_is_described_or_refused(tmp_path: Path, data: bytes) -> None:
    check(tmp_path / "file", data)


@settings(ANYTHING, max_examples=100)
@given(data=sealed_mutants())
def test_a_changed_png_with_good_checksums_is_described_or_refused(tmp_path: Path, data: bytes) -> None:
    check(tmp_path / "file", data)


@pytest.mark.parametrize("data", HONEST)
def test_the_pictures_that_are_changed_are_good_before(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with Image.open(io.BytesIO(data)) as picture:
        assert sorted(picture.size) == sorted((inspect(path).width, inspect(path).height))
