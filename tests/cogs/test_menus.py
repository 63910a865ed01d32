"""Menus and forms of an untidy catalogue and of few words: Discord refuses a whole list for one entry."""

from types import SimpleNamespace
from typing import Any

import pytest

from cogs.edit import Edit
from cogs.forms import prompt_label
from domain.job import Kind
from domain.limits import MODAL_TEXT
from domain.views import ListPrice


def test_a_model_whose_id_is_over_long_does_not_cost_the_others_their_menu() -> None:
    models = SimpleNamespace(
        offered=lambda _: ("gpt-image-2", "m" * 101, "canvas"),
        list_price=lambda model, _: ListPrice(model=model, cost=5_000, known=True),
    )
    cog: Any = SimpleNamespace(
        _services=SimpleNamespace(models=models, gate=SimpleNamespace(shows=lambda _: True))
    )
    found = Edit._models(cog, Any, Kind.EDIT, "")  # type: ignore[arg-type]
    assert [each.value for each in found] == ["gpt-image-2", "canvas"]
    assert found[0].name == "GPT-Image 2 · 5 credits an image"


@pytest.mark.parametrize(
    ("words", "filled"),
    [("", None), ("x", None), ("xx", "xx"), ("x" * MODAL_TEXT, "x" * MODAL_TEXT), ("x" * 4_001, None)],
)
def test_a_form_begins_with_words_that_it_takes_itself(words: str, filled: str | None) -> None:
    """In a style, one character can be a prompt."""
    field: Any = prompt_label(words, "One image for 4 credits.").component
    assert field.default == filled
