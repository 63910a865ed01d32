"""Styles: what makes one, what it makes of a member's words, and that these are found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Reason, Refusal
from domain.styles import WORDS, Applied, Style, checked, words_of
from ui.starter_styles import STARTERS


@pytest.mark.parametrize(
    ("style", "reason"),
    [
        (Style(name=" \n ", text=WORDS), Reason.STYLE_NAME),
        (Style(name="Ink", text="in ink"), Reason.STYLE_TEXT),
        (Style(name="Ink", text=f"{WORDS} and {WORDS}"), Reason.STYLE_TEXT),
    ],
)
def test_what_is_no_style_is_refused(style: Style, reason: Reason) -> None:
    with pytest.raises(Refusal) as caught:
        checked(style)
    assert caught.value.reason is reason


def test_what_is_kept_is_without_what_surrounds_it() -> None:
    style = checked(Style(name="  Ink \n wash ", text=f" in ink: {WORDS} ", emoji=" 🖋️\n"))
    assert (style.name, style.text, style.label) == ("Ink wash", f"in ink: {WORDS}", "🖋️ Ink wash")


@given(words=st.text(min_size=1).filter(lambda text: bool(text.replace("\0", "").strip())))
def test_a_members_words_are_found_again_and_go_with_the_prompt(words: str) -> None:
    for text in (WORDS, f"in ink: {WORDS}", f"{WORDS}, in ink", f"a {WORDS} z"):
        prompt, used = Style(name="Ink", text=text).applied(words)
        assert prompt == text.replace(WORDS, used.words_in(prompt))
        assert used.words_in(prompt) == words.replace("\0", "").strip()
        assert Applied.from_json(used.to_json()) == used
        assert words_of(prompt, used.to_json()) == used.words_in(prompt)
        assert used.words_in("") == ""


def test_no_style_makes_a_prompt_of_nothing() -> None:
    with pytest.raises(Refusal) as caught:
        Style(name="Ink", text=f"{WORDS} in ink").applied(" \n ")
    assert caught.value.reason is Reason.PROMPT_BLANK


def test_the_ten_to_begin_with_are_good_as_they_are() -> None:
    assert len({style.name.casefold() for style in STARTERS}) == 10
    assert [checked(style) for style in STARTERS] == list(STARTERS)


@pytest.mark.parametrize("name", ["\u200b", "\u00ad", "\U000e0041", "\u2800", "\u3164", "\u200d\ufe0f"])
def test_a_name_that_shows_nothing_is_none(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked(Style(name=name, text="{prompt}"))
    assert refused.value.reason is Reason.STYLE_NAME


def test_names_that_look_alike_are_one() -> None:
    assert checked(Style(name="E\u0301t\u200be\u0301", text="{prompt}")).name == "\u00c9t\u00e9"
