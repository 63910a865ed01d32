"""Taking the request's own words out of an error: whoever asks chose them, so they are no evidence."""

import html
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+")
_FILE = re.compile(r"\S+\.(png|jpe?g|webp|gif|heic|avif|tiff?|bmp)\b")
_RUN: Final = 3
"""Words in a row that stand in a prompt as well are an echo; of a shorter prompt, all of them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asked for, as far as whoever reads its answer knows."""

    prompt: str = field(default="", repr=False)
    model: str = ""


def without_echo(text: str, asked: Asked) -> str:
    """Return a text in lower case without addresses, file names and runs of the prompt's words."""
    text = _plain(text)
    text = _FILE.sub(" file ", _ADDRESS.sub(" url ", text))
    prompt = _WORD.findall(_plain(asked.prompt))
    if not prompt:
        return text
    size = min(_RUN, len(prompt))
    runs = {tuple(prompt[at : at + size]) for at in range(len(prompt) - size + 1)}
    words = list(_WORD.finditer(text))
    echoed = set[int]()
    for at in range(len(words) - size + 1):
        if tuple(word[0] for word in words[at : at + size]) in runs:
            echoed.update(range(at, at + size))
    # An echo may be cut in the middle of a word: what is left of it is an echo too.
    echoed |= {at + 1 for at in echoed if at + 1 < len(words) and _begins(words[at + 1][0], prompt)}
    return _blanked(text, [words[at] for at in sorted(echoed)])


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", html.unescape(text)).lower()


def _begins(word: str, prompt: list[str]) -> bool:
    return any(each.startswith(word) for each in prompt)


def _blanked(text: str, words: list[re.Match[str]]) -> str:
    kept: list[str] = []
    place = 0
    for word in words:
        kept += [text[place : word.start()], " "]
        place = word.end()
    return "".join([*kept, text[place:]])
