"""Styles: what makes one, what it makes of a member's words, and that these are found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Reason, Refusal
from domain.styles import WORDS, Applied, Style, alike, checked, named, words_of
from domain.text import is_blank
from domain.words import forbids
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


@given(words=st.text(min_size=1).filter(lambda text: not is_blank(text)))
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


def test_what_is_drawn_as_nothing_is_no_words() -> None:
    with pytest.raises(Refusal) as caught:
        Style(name="Ink", text=f"{WORDS} in ink").applied("\u2800 \u200b\u3164")
    assert caught.value.reason is Reason.PROMPT_BLANK


def test_the_ten_to_begin_with_are_good_as_they_are() -> None:
    assert len({style.name.casefold() for style in STARTERS}) == 10
    assert [checked(style) for style in STARTERS] == list(STARTERS)


UNSHOWN = ["\uf8ff", "\ue000\ue001", "\u2065", "\U000f0000", "\U000e0080"]
"""Private ones, and what is no character: menus leave them out."""


@pytest.mark.parametrize(
    "name", ["\u200b", "\u00ad", "\U000e0041", "\u2800", "\u3164", "\u200d\ufe0f", *UNSHOWN]
)
def test_a_name_that_shows_nothing_is_none(name: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked(Style(name=name, text="{prompt}"))
    assert refused.value.reason is Reason.STYLE_NAME


@pytest.mark.parametrize("name", UNSHOWN)
def test_one_that_was_kept_under_such_a_name_is_read_and_found_as_one_without(name: str) -> None:
    old, named_so = Style(name=name, text=WORDS), Applied(name=name, emoji="", before=0, after=0)
    assert old.label == named_so.label == "(no name)"
    for typed in (name, "(no name)"):
        assert named([Style(name="Ink", text=WORDS), old], typed) is old
    assert Style(name=name, text=WORDS, emoji="🖋️").label == f"🖋️ {name}"


def test_names_that_look_alike_are_one() -> None:
    assert alike("Ink\ue000") == alike("Ink")
    assert checked(Style(name="E\u0301t\u200be\u0301", text="{prompt}")).name == "\u00c9t\u00e9"


@pytest.mark.parametrize("name", ["A\u200d B", "A\ufe0f B", "A\u2800B", "a  b", "\uff21 B", "A B\u00ad"])
def test_a_style_is_found_by_whatever_looks_like_its_name(name: str) -> None:
    style = Style(name="A B", text=WORDS)
    assert alike(name) == alike("A B")
    assert named([Style(name="Á B", text=WORDS), style], name) is style


def test_a_style_is_found_by_the_label_that_members_read_and_first_by_its_own_letters() -> None:
    oil = Style(name="Oil painting", text=WORDS, emoji="🖼️")
    for typed in ("🖼️ Oil painting", "🖼 oil painting", "OIL PAINTING"):
        assert named([oil], typed) is oil
    old = [Style(name=name, text=WORDS) for name in ("A\u200d B", "A B")]
    assert [named(old, each.name) for each in old] == old, "two that look alike, from before"
    assert named(old, "oil") is None


def test_what_a_style_says_itself_is_told_from_a_members_words() -> None:
    style = Style(name="Film", text=f"big {WORDS} dog, film noir")
    prompt, used = style.applied("blue")
    assert style.own == used.own_in(prompt)
    assert "noir" in style.own
    assert "blue" not in style.own
    assert not forbids(("big dog",), style.own), "no word goes across"
