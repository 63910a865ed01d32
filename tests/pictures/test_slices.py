import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pictures.slices import Slices

DATA = bytes(range(256))


def test_only_the_ranges_are_seen() -> None:
    assert Slices(io.BytesIO(DATA), [(0, 3), (10, 12), (255, 256)]).readall() == bytes([0, 1, 2, 10, 11, 255])
    assert Slices(io.BytesIO(DATA), []).readall() == b""


@pytest.mark.parametrize(("offset", "whence", "place"), [(4, 0, 4), (1, 1, 3), (-1, 2, 5), (-9, 1, 0)])
def test_places_are_counted_among_the_visible_bytes(offset: int, whence: int, place: int) -> None:
    visible = Slices(io.BytesIO(DATA), [(0, 3), (10, 12), (255, 256)])
    visible.seek(2)
    assert visible.seek(offset, whence) == place == visible.tell()


@given(
    st.lists(st.tuples(st.integers(0, 256), st.integers(0, 256)), max_size=6),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 40)), max_size=10),
)
def test_it_reads_as_the_bytes_put_together_would(
    ranges: list[tuple[int, int]], reads: list[tuple[int, int]]
) -> None:
    parts = [(min(pair), max(pair)) for pair in ranges]
    expected = io.BytesIO(b"".join(DATA[start:end] for start, end in parts))
    visible = io.BufferedReader(Slices(io.BytesIO(DATA), parts))
    for place, count in reads:
        visible.seek(place)
        expected.seek(place)
        assert visible.read(count) == expected.read(count)
