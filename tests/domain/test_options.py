"""The options that a member chose, in their words."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from domain.errors import Reason, Refusal
from domain.options import Options, Takes, taking


def choice(*values: str) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(values)


CHOSEN = st.fixed_dictionaries(
    {
        "size": choice("auto", "1024x1024", "1536x1024", "1024x1536"),
        "background": choice("auto", "transparent", "opaque"),
        "quality": choice("low", "medium", "high"),
        "fidelity": choice("low", "high"),
        "count": st.none() | st.integers(1, 4),
        "format": choice("png", "jpeg", "webp"),
        "resolution": choice("1K", "2K"),
    }
)


def test_nothing_chosen_is_one_image() -> None:
    assert Options().chosen() == {}
    assert (Options().images, Options(count=3).images) == (1, 3)


def test_a_transparent_background_with_jpeg_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        Options(background="transparent", format="jpeg")
    assert caught.value.reason is Reason.TRANSPARENT_JPEG


@given(CHOSEN)
def test_what_is_stored_reads_back_the_same(chosen: dict[str, str | int | None]) -> None:
    assume((chosen["background"], chosen["format"]) != ("transparent", "jpeg"))
    options = Options(**chosen)  # type: ignore[arg-type]
    assert Options.from_json(options.to_json()) == options
    assert options.chosen().keys() == {name for name, value in chosen.items() if value is not None}


def test_an_option_of_another_version_is_left_out() -> None:
    assert Options.from_json('{"count":2,"mask":"yes"}') == Options(count=2)


def test_nobody_chooses_what_no_menu_can_show() -> None:
    odd = ["", "\ue000", "\u200b", "y" * 81]
    assert taking([*odd, "low", 3, "y" * 80], default="low") == Takes(
        choices=("low", 3, "y" * 80), default="low"
    )
    assert [taking(["low"], default=each).default for each in odd] == [None] * len(odd)
