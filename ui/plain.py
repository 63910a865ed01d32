"""Text from outside, made harmless: it cannot ping, break a card, or turn what follows around."""

import unicodedata

from discord.utils import escape_markdown, escape_mentions

ELLIPSIS = "…"


def clean(text: str, limit: int) -> str:
    """Return text without control, invisible and direction-changing characters, cut to ``limit`` characters.

    Line breaks stay; joiners stay too, since emoji and several scripts need them.
    """
    kept = "".join(
        character
        for character in text.replace("\r\n", "\n").replace("\r", "\n")
        if character in "\n\u200c\u200d"
        or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    ).strip()
    return kept if len(kept) <= limit else kept[: limit - 1].rstrip() + ELLIPSIS


def plain(text: str, limit: int) -> str:
    """Return one line that shows as it is written: no markdown, no mention; cut before it is escaped."""
    line = " ".join(clean(text, limit * 2).split())
    return escape(line if len(line) <= limit else line[: limit - 1].rstrip() + ELLIPSIS)


def escape(text: str) -> str:
    """Take the meaning from markdown and mentions."""
    return escape_mentions(escape_markdown(text, ignore_links=False))


def moment(at: int, style: str = "R") -> str:
    """Write a moment (Unix milliseconds) so that every reader sees it in their own time zone."""
    return f"<t:{at // 1000}:{style}>"
