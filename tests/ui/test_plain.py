"""Text from outside cannot ping, break a card, or turn what follows around."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.text import is_blank
from ui.plain import clean, escape, moment, plain

HOSTILE = st.lists(
    st.one_of(
        st.text(max_size=5),
        st.sampled_from(
            [
                "@everyone",
                "@here",
                "<@123456789012345678>",
                "<@!123456789012345678>",
                "<@&123456789012345678>",
                "<#123456789012345678>",
                "</edit:123456789012345678>",
                "<t:0:R>",
                "<:name:123456789012345678>",
                "[free credits](https://evil.example)",
                "```",
                "**",
                "__",
                "~~",
                "||",
                "\n# ",
                "\n> ",
                "\n>>> ",
                "\n- ",
                "\n-# ",
                "\\",
                "\u202e",
                "\u2066",
                "\u200b",
                "\ufeff",
                "\x00",
                "\x1b[31m",
                "\r\n",
                "\r",
                "\u2028",
                "\u2029",
                "\ud800",
                "\U000e0041",
                "👩\u200d👩\u200d👧",
                "م\u200cن",
            ]
        ),
    ),
    max_size=40,
).map("".join)
PING = re.compile(r"@(everyone|here)|@[!&]?\d{17,20}")
FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f")
NEVER_SEEN = {*map(chr, range(0xE0000, 0xE1000)), *map(chr, range(0xFDD0, 0xFDF0)), "\ufffe", "\uffff"}
LIVE = re.compile(r"(?<!\\)(?:\\\\)*(?:[*~|`\[<]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
"""Markup that no backslash takes the meaning from."""
BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
LINE_MARKUP = re.compile(r"[^\S\n]*[#>+-]")


@given(HOSTILE, st.integers(1, 60))
def test_cleaned_text_has_nothing_invisible_and_is_not_over_long(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned) <= limit
    assert not BIDI & set(cleaned)
    for character in FLAG.sub("", cleaned):
        known = unicodedata.category(character)
        assert character in "\n\t\u200c\u200d" or known[0] != "C" or known == "Cn"
        assert character not in NEVER_SEEN


@given(st.one_of(HOSTILE, st.text(st.characters(categories=["Cc", "Cf", "Cn", "Co", "Cs", "Zs", "Zl"]))))
@example("\uf8ff")
@example("\u2065 \U000e0080")
def test_what_is_more_than_blank_is_never_cleaned_to_nothing(text: str) -> None:
    """A menu with one empty entry is refused as a whole."""
    assert clean(text, 100) or is_blank(text)


@pytest.mark.parametrize(
    "kept",
    [
        "\U0001fae9 and \U0001fada: next year's",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f wins",
        "one\ttwo",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308",
    ],
)
def test_what_is_not_dangerous_is_kept(kept: str) -> None:
    assert clean(kept, 100) == kept


@pytest.mark.parametrize(
    "dropped", ["a\U000e0041b", "a\ufdd0b", "a\uffffb", "a\U000e0fffb", "a\u202eb", "a\U0001f3f4\U000e0067b"]
)
def test_what_nobody_can_see_is_not(dropped: str) -> None:
    assert clean(dropped, 100).replace("\U0001f3f4", "") == "ab"


def test_a_flag_that_is_cut_leaves_nothing_invisible() -> None:
    flag = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
    assert clean(flag + "x", 4) == "\U0001f3f4\u2026"


def test_an_address_reads_as_it_was_written_and_is_no_link() -> None:
    assert escape("https://a.b/c_d *i*") == "https\\://a.b/c\\_d \\*i\\*"
    assert escape("[free](http://evil.example)") == "\\[free](http\\://evil.example)"


@given(HOSTILE)
def test_cleaned_text_can_always_be_sent_and_stored(text: str) -> None:
    assert clean(text, 100).encode("utf-8").decode("utf-8") == clean(text, 100)


@given(HOSTILE, st.integers(1, 60))
def test_a_plain_line_is_one_line_without_markup_or_mentions(text: str, limit: int) -> None:
    line = plain(text, limit)
    assert len(line) <= limit
    assert "\n" not in line
    assert len(line.splitlines()) <= 1
    assert not PING.search(line)
    assert not LIVE.search(line)
    assert not LINE_MARKUP.match(line)


@given(HOSTILE)
@example("\\*bold*")
@example("\\<@123456789012345678>")
def test_what_is_escaped_has_no_live_markup(text: str) -> None:
    for line in escape(text).split("\n"):
        assert not LIVE.search(line)
        assert not PING.search(line)
        assert not LINE_MARKUP.match(line)


def test_line_breaks_stay_in_cleaned_text_and_joiners_too() -> None:
    assert clean("a\r\nb\rc\u2028d\n", 10) == "a\nb\nc\nd"
    assert clean("👩\u200d👩\u200d👧", 10) == "👩\u200d👩\u200d👧"


def test_what_is_cut_says_so() -> None:
    assert clean("a long text", 6) == "a lon…"
    assert plain("a long text", 8) == "a long…"
    assert plain("just", 4) == "just"


def test_a_name_shows_as_it_is_written() -> None:
    assert plain("my_cat*.png", 60) == r"my\_cat\*.png"


@pytest.mark.parametrize(("at", "shown"), [(1_999, "<t:1:R>"), (0, "<t:0:R>"), (-1, "<t:-1:R>")])
def test_a_moment_counts_in_every_readers_own_time(at: int, shown: str) -> None:
    assert moment(at) == shown
    assert moment(at, "F") == shown.replace(":R", ":F")
