"""Words that a server does not want: whatever their case and accents, whole or in part."""

import pytest

from domain.words import forbids, listed


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("cat", "A CAT on a mat"),
        ("cat", "so many cat-like (cat)"),
        ("crème", "creme brulee"),
        ("creme", "CRÈME brûlée"),
        ("strasse", "die Straße"),
        ("smorrebrod", "Smørrebrød"),
        ("cat", "c\u200bat with a gap that nobody sees"),
        ("cat", "\uff43\uff41\uff54 in wide letters"),
        ("cat", "_cat_"),
        ("two words", "one\ntwo   words"),
        ("*cat*", "concatenate"),
        ("cat*", "cats"),
        ("*cat", "bobcat"),
        ("\u043a\u043e\u0442", "\u041a\u041e\u0422"),
        ("c++", "in C++"),
        ("*猫*", "黒猫です"),
    ],
)
def test_it_is_found(word: str, text: str) -> None:
    assert forbids((word,), text)
    assert forbids(("other", word), text)


@pytest.mark.parametrize(
    ("word", "text"),
    [("cat", "cats concatenate"), ("cat*", "bobcat"), ("*cat", "cats"), ("a.c", "abc"), ("cat", "")],
)
def test_what_only_looks_alike_is_not(word: str, text: str) -> None:
    assert not forbids((word,), text)
    assert not forbids((), text)


def test_a_list_is_taken_as_it_is_written_without_what_says_nothing() -> None:
    assert listed("Cat, dog\n\n *part*  \n*\ncÄt\n two   words ") == ("cÄt", "dog", "*part*", "two words")
