"""Text from outside, before it is kept; numbers, before they are read."""

import re
import unicodedata

BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs by their kind that are drawn as nothing."""
_UNSEEN = {"Cc", "Cf", "Cs", "Co"}
"""Unicode's categories of control, format, surrogate and private ones. Those that this interpreter does not
know yet (Cn) are next year's emoji and letters."""
_NEVER = re.compile("[\u2065\ufdd0-\ufdef\ufff0-\ufff8\U000e0000-\U000e0fff]|[\ufffe\uffff]")
"""What is no character or will never be seen, though it is not known either."""


def is_seen(character: str) -> bool:
    """Tell whether a character is shown to anybody: what is not is dropped from what we write."""
    return unicodedata.category(character) not in _UNSEEN and _NEVER.match(character) is None


def is_blank(text: str) -> bool:
    """Tell whether nothing of a text is drawn: no character that shows anything by itself."""
    return not any(map(_shows, text))


def _shows(character: str) -> bool:
    room = unicodedata.category(character)[0] in "MZ" or character in BLANK
    return not room and is_seen(character)


def storable(text: str) -> str:
    """Return text without what JSON can carry and not every database takes: half surrogate pairs, NUL."""
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\0", "")


def counted(number: int, word: str) -> str:
    """Say how many there are of something: ``1 job``, ``2,000 jobs``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
