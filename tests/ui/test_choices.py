"""What Discord suggests: one entry that it does not take, and it shows none."""

import pytest

from ui.choices import suggestions

LONG = "a-model-" * 13


@pytest.mark.parametrize("name", ["", "\ue000", "\u200b \u2800"])
def test_what_discord_does_not_take_is_left_out_of_what_is_suggested(name: str) -> None:
    names = {"low": "Low", "high": name, "": "Nothing", "\uf8ff": "Private", LONG: "Long", "x": "y" * 300}
    found = suggestions(names, typed="")
    assert [each.value for each in found] == ["low", "x"]
    assert [len(each.name) for each in found] == [3, 100]


def test_no_more_is_suggested_than_a_menu_takes_and_only_what_holds_what_is_typed() -> None:
    names = {f"value {number}": f"Name {number}" for number in range(40)}
    assert len(suggestions(names, typed="")) == 25
    assert [each.value for each in suggestions(names, typed=" NAME 39 ")] == ["value 39"]
    assert [each.value for each in suggestions(names, typed="value 38")] == ["value 38"]
