"""Limits and how they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.allowances import Giver, Limit, Standing
from domain.periods import Period, span_of


def standing(allowed: int, used: int) -> Standing:
    limit = Limit(giver=Giver.MEMBER, period=Period.DAY, credits=allowed)
    return Standing(limit=limit, span=span_of(Period.DAY, 0), used=used)


@given(st.integers(0, 10**9), st.integers(-(10**9), 10**9))
def test_what_is_left_is_never_negative(allowed: int, used: int) -> None:
    left = standing(allowed, used).left
    assert left >= 0
    assert left == 0 or left + used == allowed


@pytest.mark.parametrize(
    ("allowed", "used", "reached"), [(100, 79, False), (100, 80, True), (0, 50, False), (7, 6, True)]
)
def test_a_share_is_reached_exactly_and_a_block_reaches_nothing(
    allowed: int, used: int, reached: bool
) -> None:
    assert standing(allowed, used).reached(80) is reached


def test_the_operator_and_the_server_each_have_their_pots() -> None:
    def givers(test: str) -> set[Giver]:
        return {giver for giver in Giver if getattr(Limit(giver=giver, period=Period.MONTH, credits=1), test)}

    assert givers("of_server") == {Giver.SERVER, Giver.OPERATOR_SERVER}
    assert givers("of_operator") == {Giver.OPERATOR_MEMBER, Giver.OPERATOR_SERVER}
