"""Words that a server does not want in prompts: whatever their case and accents, whole words or parts."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_NO_MARKS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe"}
)
"""Letters that are another with something through it, which Unicode does not take apart."""
_UNSEEN = {"Mn", "Cf"}
"""Unicode's categories of accents and of what nobody sees."""
_BEFORE, _AFTER = r"(?<![^\W_])", r"(?![^\W_])"
"""Where a whole word begins and ends."""


def listed(text: str) -> tuple[str, ...]:
    """Return the words that were written one a line or between commas, each once, without empty ones."""
    written = (" ".join(each.split()) for each in re.split(r"[\n,]", text))
    return tuple({folded: each for each in written if (folded := _folded(each)).strip("* ")}.values())


def forbids(words: tuple[str, ...], text: str) -> bool:
    """Tell whether a text holds one of the words: ``word`` as a whole word, ``*part*`` anywhere in one.

    ``part*`` is how a word begins, ``*part`` how it ends.
    """
    return bool(words) and _pattern(words).search(_folded(text)) is not None


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_alternatives(words)))


def _alternatives(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        folded = _folded(word)
        core = r"\s+".join(map(re.escape, folded.strip("*").split()))
        if core:
            before = "" if folded.startswith("*") else _BEFORE
            yield f"{before}{core}{'' if folded.endswith('*') else _AFTER}"


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    seen = "".join(each for each in apart if unicodedata.category(each) not in _UNSEEN)
    return seen.casefold().translate(_NO_MARKS)
