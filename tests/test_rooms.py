"""The picture of the rooms is the one that the imports make today."""

from tests.rooms import DOCUMENT, arrows, with_rooms


def test_the_picture_of_the_rooms_is_made_from_the_imports_of_today() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert with_rooms(text) == text, "python -m tests.rooms"


def test_a_command_starts_with_the_rooms_above_and_ends_at_the_values() -> None:
    counted = arrows()
    assert ("bot", "assembly") in counted
    assert not any(room == "domain" for room, _ in counted)
