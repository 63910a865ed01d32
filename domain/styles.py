"""Styles: looks that a server's managers wrote down, for members to give their words."""

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from itertools import chain

from domain.errors import Reason, Refusal
from domain.text import BLANK, is_blank, is_seen, storable

WORDS = "{prompt}"
"""Where a member's words go in a style's text."""
APART = " | "
"""Stands between what a style says before a member's words and after them: no word goes across."""
MOST = 100
"""Styles of one server."""
NAME, TEXT, EMOJI = 32, 2_000, 12
"""Characters that a style's name, text and emoji may have."""
NO_NAME = "(no name)"
"""What is read for one of which nothing would be shown, from before such a name was refused."""
CHOOSES = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""What chooses how the character before it is drawn."""
JOINER = "\u200d"
"""Joins emoji: a family is one of several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One style of a server; ``None`` where it leaves a choice to the member. Written by ``checked`` only."""

    name: str
    text: str = field(repr=False)
    emoji: str = ""
    model: str | None = None
    size: str | None = None
    quality: str | None = None

    @property
    def label(self) -> str:
        """What members read."""
        return _label(self.emoji, self.name)

    @property
    def own(self) -> str:
        """What it says itself, without a member's words."""
        return self.text.replace(WORDS, APART)

    def applied(self, words: str) -> "tuple[str, Applied]":
        """Return the finished prompt for a member's words, and where in it they are.

        Raises
        ------
        Refusal
            There are no words.
        """
        words = storable(words).strip()
        if is_blank(words):
            raise Refusal(Reason.PROMPT_BLANK)
        before, _, after = self.text.partition(WORDS)
        used = Applied(name=self.name, emoji=self.emoji, before=len(before), after=len(after))
        return f"{before}{words}{after}", used


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The style of a job: its name then, and how many characters of the prompt are its own.

    The words between them are the member's, and go with the prompt when it goes.
    """

    name: str
    emoji: str
    before: int
    after: int

    @property
    def label(self) -> str:
        """What members read."""
        return _label(self.emoji, self.name)

    @property
    def characters(self) -> int:
        """How many of the prompt are its own."""
        return self.before + self.after

    def own_in(self, prompt: str) -> str:
        """Return what the style says itself in a finished prompt."""
        return APART.join((prompt[: self.before], prompt[max(len(prompt) - self.after, 0) :]))

    def words_in(self, prompt: str) -> str:
        """Return the member's own words of a finished prompt."""
        return prompt[self.before : max(len(prompt) - self.after, 0)]

    def to_json(self) -> str:
        """Return it as the text that is stored in a job's row."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Applied":
        """Read what ``to_json`` wrote."""
        return cls(**json.loads(text))


def _label(emoji: str, name: str) -> str:
    label = f"{emoji} {name}".strip()
    return NO_NAME if is_blank(label) else label


def words_of(prompt: str, style: str | None) -> str:
    """Return the member's own words of a stored prompt and style."""
    return Applied.from_json(style).words_in(prompt) if style else prompt


def alike(name: str) -> str:
    """Return what is the same for all names that look alike, in any case."""
    drawn = [
        each
        for each in unicodedata.normalize("NFKC", name).casefold()
        if is_seen(each) and not CHOOSES.match(each)
    ]
    return " ".join("".join(" " if each in BLANK else each for each in drawn).split())


def looks(style: Style) -> set[str]:
    """Return what no two styles of a server may share: what each is called, and what members read of it."""
    return {alike(style.name), alike(style.label)}


def named(styles: Iterable[Style], name: str) -> Style | None:
    """Return the style that is called so: best in the same letters, or as its label looks."""
    known = list(styles)
    folded, wanted = name.casefold(), alike(name)
    same = (style for style in known if style.name.casefold() == folded)
    near = (style for style in known if alike(style.name) == wanted)
    read = (style for style in known if alike(style.label) == wanted)
    return next(chain(same, near, read), None)


def checked(style: Style) -> Style:
    """Return a style as it may be kept.

    Raises
    ------
    Refusal
        It has no name, or not one place for the member's words.
    """
    name = " ".join(_told_apart(storable(style.name)).split())[:NAME].strip()
    text = storable(style.text).strip()
    emoji = storable(style.emoji).strip()
    if is_blank(name):
        # Menus refuse it.
        raise Refusal(Reason.STYLE_NAME)
    if text.count(WORDS) != 1:
        raise Refusal(Reason.STYLE_TEXT, place=WORDS)
    return replace(style, name=name, text=text, emoji=emoji)


def _told_apart(name: str) -> str:
    """Write a name in one way, without what is not drawn: two that look alike are one."""
    composed = unicodedata.normalize("NFC", name)
    return "".join(each for each in composed if unicodedata.category(each) != "Cf" or each == JOINER)
