"""Text from outside, before it is kept; numbers, before they are read."""

import unicodedata

BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs by their kind that are drawn as nothing."""


def is_blank(text: str) -> bool:
    """Tell whether nothing of a text is drawn: no character that shows anything by itself."""
    return not any(map(_shows, text))


def _shows(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind not in {"Cc", "Cf"} and kind[0] not in "MZ" and character not in BLANK


def storable(text: str) -> str:
    """Return text without what JSON can carry and not every database takes: half surrogate pairs, NUL."""
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\0", "")


def counted(number: int, word: str) -> str:
    """Say how many there are of something: ``1 job``, ``2,000 jobs``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
