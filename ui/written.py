"""What was written in a form that is refused: whoever sent it gets it back, since the form is closed."""

import io
from collections.abc import Mapping
from typing import Any

import discord

GIVEN_BACK = "What you wrote:"
FILE_NAME = "what-you-wrote.txt"
MESSAGE_CHARACTERS = 2_000
"""What a message's text takes (Discord)."""
FENCE = "```"


def written_in(sent: Mapping[str, Any]) -> str:
    """Return what was written in the fields of a form, as Discord sends it; of anything else nothing."""
    fields: list[Mapping[str, Any]] = [label.get("component", {}) for label in sent.get("components", [])]
    texts = [str(each.get("value") or "") for each in fields]
    return "\n\n".join(text for text in texts if text.strip())


def given_back(said: str, written: str) -> dict[str, Any]:
    """Return a message: what is said, and what was written, to be copied, or as a file where it is long."""
    if not written:
        return {"content": said}
    whole = f"{said}\n{GIVEN_BACK}\n{FENCE}\n{written}\n{FENCE}"
    if len(whole) <= MESSAGE_CHARACTERS and FENCE not in written:
        return {"content": whole}
    file = discord.File(io.BytesIO(written.encode()), FILE_NAME)
    return {"content": f"{said}\n{GIVEN_BACK}", "file": file}
