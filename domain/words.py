"""Words that a server does not want in prompts: whatever their case and accents, whole words or parts."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_NO_MARKS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe"}
)
"""Letters that are another with something through it, which Unicode does not take apart."""
_UNSEEN = {"Mn", "Me", "Cf", "Cc"}
"""Unicode's categories of accents and of what nobody sees; white space aside."""
_LOOK_ALIKE = str.maketrans(
    "\u0430\u0432\u0441\u0435\u04bb\u0456\u0458\u043a\u043c\u043e\u0440\u0455\u0442\u0443\u0445\u0501\u051d"
    "\u03b1\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u0251\u0261\u2c65"
    "\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d\u0274\u1d0f\u1d18\u0280\ua731"
    "\u1d1b\u1d1c\u1d20\u1d21\u028f\u1d22",
    "abcehijkmopstyxdwaeikvoptuxagaabcdefghijklmnoprstuvwyz",
)
"""Letters of Cyrillic and Greek, and small capitals, that look like another; lists in them are read so."""
_BLANK = str.maketrans(dict.fromkeys("\u115f\u1160\u3164\u2800", " "))
"""Letters and signs of which nothing is drawn but room."""
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
    if not words:
        return False
    # What draws nothing may stand between two words, or in the midst of one.
    read = {text, text.translate(_BLANK), text.translate(dict.fromkeys(_BLANK))}
    return any(_pattern(words).search(_folded(each)) for each in read)


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(_alternatives(words)))


def _alternatives(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        folded = _folded(word)
        core = r"[\s_\-\u2010-\u2015]+".join(map(re.escape, folded.strip("*").split()))
        if core:
            before = "" if folded.startswith("*") else _BEFORE
            yield f"{before}{core}{'' if folded.endswith('*') else _AFTER}"


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    seen = "".join(each for each in apart if each.isspace() or unicodedata.category(each) not in _UNSEEN)
    return seen.casefold().translate(_NO_MARKS).translate(_LOOK_ALIKE)
