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
        ("cat", "c\u20ddat with a ring"),
        ("cat", "c\x07at with a bell"),
        ("cat", "\u0441\u0430t in letters of two scripts"),
        ("cat", "\u1d04\u1d00\u1d1b in small capitals"),
        ("cat", "c\u3164at with a blank letter"),
        ("cat", "a\u3164cat behind a blank letter"),
        ("cat", "c\u2800at"),
        ("\u03ba\u03cc\u03c3\u03bc\u03bf\u03c2", "\u039a\u038c\u03a3\u039c\u039f\u03a3"),
        ("two words", "two-words"),
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
