"""Text from outside, made harmless: it cannot ping, break a card, or turn what follows around."""

import re

from discord.utils import escape_mentions

from domain.text import is_seen

ELLIPSIS = "…"
_LINE_BREAK = re.compile("\r\n|[\r\u2028\u2029]")
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f")
"""The flag of a part of a country (England, Texas): a black flag and a name in letters that nobody sees."""
_TAGS = "".join(map(chr, range(0xE0020, 0xE0080)))
_MARKUP = re.compile(r"[\\*_~|`\[<]")
"""What has a meaning anywhere: emphasis, code, spoilers, links, and (<) mentions, moments, emoji."""
_ADDRESS = re.compile(r":(?=//)")
"""Where an address would become a link."""
_LINE_START = re.compile(r"^([^\S\n]*)([#>+-])", re.MULTILINE)
"""What has a meaning where a line begins: headings, quotations, lists."""


def clean(text: str, limit: int) -> str:
    """Return text without control, invisible and direction-changing characters, cut to ``limit`` characters.

    Line breaks and tabs stay; joiners stay too, since emoji and several scripts need them.
    """
    kept = _LINE_BREAK.sub("\n", text)
    if not kept.isprintable():
        kept = _shown(kept)
    kept = kept.strip()
    return kept if len(kept) <= limit else kept[: limit - 1].rstrip().rstrip(_TAGS) + ELLIPSIS


def _shown(text: str) -> str:
    """Drop what cannot be seen, but for the letters of a flag."""
    shown, at = list[str](), 0
    for flag in _FLAG.finditer(text):
        shown += [*filter(_is_kept, text[at : flag.start()]), flag[0]]
        at = flag.end()
    return "".join([*shown, *filter(_is_kept, text[at:])])


def _is_kept(character: str) -> bool:
    return character in "\n\t\u200c\u200d" or is_seen(character)


def plain(text: str, limit: int) -> str:
    """Return one line that shows as it is written: no markdown, no mention.

    ``limit`` is of what is sent, the backslashes that take the meaning from markdown included.
    """
    line = " ".join(clean(text, limit * 2).split())
    shown = escape(line)
    while (beyond := len(shown) - limit) > 0:
        # A character is sent as two at most.
        line = line.removesuffix(ELLIPSIS)
        line = line[: len(line) - (beyond + 1) // 2].rstrip()
        shown = escape(line + ELLIPSIS)
    return shown


def escape(text: str) -> str:
    """Take the meaning from markdown and mentions; an address is no link."""
    escaped = _LINE_START.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", text))
    return escape_mentions(_ADDRESS.sub(r"\\:", escaped))


def moment(at: int, style: str = "R") -> str:
    """Write a moment (Unix milliseconds) so that every reader sees it in their own time zone."""
    return f"<t:{at // 1000}:{style}>"
