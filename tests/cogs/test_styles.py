"""The list of ``/style``: what it offers to add, and when."""

import pytest

from cogs.styles import listed
from domain.styles import MOST, WORDS, Style
from tests.ui.views import custom_ids, labels
from ui.starter_styles import STARTERS

OWN = [Style(name=f"Own {number}", text=WORDS) for number in range(MOST)]


@pytest.mark.parametrize(
    ("styles", "offered"),
    [
        ([], "Add ten to begin with"),
        (OWN[:90], "Add ten to begin with"),
        (OWN[:91], None),
        (OWN, None),
        ([*OWN[:91], *STARTERS[1:]], None),
        ([*OWN[:90], *STARTERS[1:]], "Add 1 of the ten that are ready"),
        (STARTERS, None),
    ],
)
def test_the_ten_are_offered_where_they_are_missing_and_fit(styles: list[Style], offered: str | None) -> None:
    view = listed(styles, offset=0, ids={})
    found = [label for label in labels(view) if label.startswith("Add")]
    assert found == ([] if offered is None else [offered])
    assert ("dr:styles:adopt" in custom_ids(view)) is (offered is not None)
