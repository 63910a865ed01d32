"""Text: what of it is drawn, and numbers."""

import pytest

from domain.text import counted, is_blank


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 jobs"), (1, "1 job"), (2, "2 jobs"), (12_000, "12,000 jobs")]
)
def test_one_is_no_plural(number: int, said: str) -> None:
    assert counted(number, "job") == said


@pytest.mark.parametrize("text", ["a", "हि", "❤", "\u2800.", "\u0301e"])
def test_what_shows_anything_is_not_blank(text: str) -> None:
    assert not is_blank(text)


NEVER_SHOWN = ["\uf8ff", "\ue000\ue001", "\u2065", "\U000f0000", "\U000e0080", "\ud800", "\uffff"]


@pytest.mark.parametrize(
    "text", ["", "\u2800", "\u200b\u00ad\n", " \u0301\ufe0f", "\u115f\u3164\uffa0", *NEVER_SHOWN]
)
def test_what_is_drawn_as_nothing_is_blank(text: str) -> None:
    assert is_blank(text)
