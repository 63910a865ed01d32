from itertools import combinations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pictures.layout import GAP, WIDTH, Tile, layout

sides = st.integers(1, 960)
sizes = st.lists(st.tuples(sides, sides), min_size=1, max_size=8)


def overlap(one: Tile, other: Tile) -> bool:
    across = one.left < other.left + other.width and other.left < one.left + one.width
    down = one.top < other.top + other.height and other.top < one.top + one.height
    return across and down


@given(sizes)
def test_tiles_lie_within_the_sheet_and_apart(pictures: list[tuple[int, int]]) -> None:
    plan = layout(pictures)
    assert len(plan.tiles) == len(pictures)
    for tile in plan.tiles:
        assert tile.left >= GAP
        assert tile.top >= GAP
        assert tile.left + tile.width <= plan.width - GAP
        assert tile.top + tile.height <= plan.height - GAP
    assert not any(overlap(one, other) for one, other in combinations(plan.tiles, 2))


@given(sizes)
def test_tiles_are_read_as_a_text_is(pictures: list[tuple[int, int]]) -> None:
    tiles = layout(pictures).tiles
    assert list(tiles) == sorted(tiles, key=lambda tile: (tile.top, tile.left))


@given(sizes)
@example([(2, 1), (2, 1), (1, 1), (1, 1), (1, 2), (3, 1), (1, 1), (1, 1)])
@example([(2, 1), (1, 2), (3, 1), (1, 2), (2, 1), (1, 2), (1, 1), (1, 1)])
@example([(1, 3), (3, 1), (3, 1), (1, 3), (3, 1), (1, 3), (3, 1)])
def test_a_sheet_is_neither_wide_nor_tall_and_every_tile_has_room_for_its_number(
    pictures: list[tuple[int, int]],
) -> None:
    plan = layout(pictures)
    assert plan.width <= WIDTH
    assert plan.height <= 1_500
    assert all(min(tile.width, tile.height) >= 100 for tile in plan.tiles)


@given(st.integers(500, 2000).map(lambda width: (width, 1000)), st.integers(1, 8))
def test_a_picture_of_an_ordinary_shape_is_not_cut(size: tuple[int, int], count: int) -> None:
    for tile in layout([size] * count).tiles:
        assert tile.width / tile.height == pytest.approx(size[0] / size[1], rel=0.05)


def test_a_lone_picture_is_not_enlarged_unless_it_is_tiny() -> None:
    assert layout([(512, 384)]).tiles == (Tile(GAP, GAP, 512, 384),)
    assert layout([(960, 720)]).tiles == (Tile(GAP, GAP, 960, 720),)
    assert layout([(32, 16)]).tiles == (Tile(GAP, GAP, 320, 160),)


def test_rows_fill_the_width() -> None:
    plan = layout([(4, 3), (3, 4), (16, 9), (1, 1), (9, 16)])
    ends = {tile.top: tile.left + tile.width for tile in plan.tiles}
    assert set(ends.values()) == {WIDTH - GAP}


def test_eight_photographs_make_two_or_three_rows() -> None:
    assert len({tile.top for tile in layout([(4, 3)] * 8).tiles}) in {2, 3}
    assert len({tile.top for tile in layout([(3, 4)] * 8).tiles}) == 2
