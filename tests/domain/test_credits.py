"""Credits are integers of thousandths and are shown as members read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.credits import credits_number, credits_text, thousandths_of


@pytest.mark.parametrize(
    ("thousandths", "text"),
    [
        (8_000, "8 credits"),
        (1_000, "1 credit"),
        (-1_000, "-1 credit"),
        (0, "0 credits"),
        (4_500, "4.5 credits"),
        (1, "0.001 credits"),
        (-250, "-0.25 credits"),
        (1_234_567_000, "1,234,567 credits"),
    ],
)
def test_an_amount_is_a_number_then_the_word(thousandths: int, text: str) -> None:
    assert credits_text(thousandths) == text


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_what_is_written_reads_back_exactly(thousandths: int) -> None:
    assert thousandths_of(credits_number(thousandths).replace(",", "")) == thousandths


@pytest.mark.parametrize(
    ("text", "thousandths"), [("4", 4_000), (4.5, 4_500), ("0.0005", 1), ("0.00049", 0), (" 2 ", 2_000)]
)
def test_a_number_is_rounded_half_up_to_thousandths(text: str | float, thousandths: int) -> None:
    assert thousandths_of(text) == thousandths


@pytest.mark.parametrize("text", ["", "four", "1,5", "nan", "inf", "-Infinity", "1e99999999", float("nan")])
def test_what_is_no_number_is_refused(text: str | float) -> None:
    with pytest.raises(ValueError, match="not a number of credits"):
        thousandths_of(text)
