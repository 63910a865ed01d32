"""What ``/settings me`` says of preferences that cannot be had."""

import pytest

from ui.preferences import left_out_text


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        (
            [("size", "1536x1024")],
            "Your default Landscape 1536 × 1024 was left out: canvas does not take it.",
        ),
        (
            [("size", "1536x1024"), ("count", 4)],
            "Your default Landscape 1536 × 1024 and 4 images were left out: canvas does not take them.",
        ),
    ],
)
def test_what_was_left_out_is_a_sentence(left_out: list[tuple[str, str | int]], said: str) -> None:
    assert left_out_text(left_out, "canvas") == said
