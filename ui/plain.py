"""Text from outside, made harmless: it cannot ping, break a card, or turn what follows around."""

import re
import unicodedata

from discord.utils import escape_mentions

ELLIPSIS = "…"
_LINE_BREAK = re.compile("\r\n|[\r\u2028\u2029]")
_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Unicode's categories of control, format, surrogate, private and unassigned ones: none is printable."""
_MARKUP = re.compile(r"[\\*_~|`\[<]")
"""What has a meaning anywhere: emphasis, code, spoilers, links, and (<) mentions, moments, emoji."""
_LINE_START = re.compile(r"^([^\S\n]*)([#>+-])", re.MULTILINE)
"""What has a meaning where a line begins: headings, quotations, lists."""


def clean(text: str, limit: int) -> str:
    """Return text without control, invisible and direction-changing characters, cut to ``limit`` characters.

    Line breaks stay; joiners stay too, since emoji and several scripts need them.
    """
    kept = _LINE_BREAK.sub("\n", text)
    if not kept.isprintable():
        kept = "".join(filter(_is_kept, kept))
    kept = kept.strip()
    return kept if len(kept) <= limit else kept[: limit - 1].rstrip() + ELLIPSIS


def _is_kept(character: str) -> bool:
    return character in "\n\u200c\u200d" or unicodedata.category(character) not in _DROPPED


def plain(text: str, limit: int) -> str:
    """Return one line that shows as it is written: no markdown, no mention; cut before it is escaped."""
    line = " ".join(clean(text, limit * 2).split())
    return escape(line if len(line) <= limit else line[: limit - 1].rstrip() + ELLIPSIS)


def escape(text: str) -> str:
    """Take the meaning from markdown and mentions."""
    return escape_mentions(_LINE_START.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", text)))


def moment(at: int, style: str = "R") -> str:
    """Write a moment (Unix milliseconds) so that every reader sees it in their own time zone."""
    return f"<t:{at // 1000}:{style}>"
