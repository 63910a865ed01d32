"""Commands in texts: a press on one begins it."""

import re
from collections.abc import Mapping

_NAMED = re.compile(r"\{([a-z ]+)\}")


def linked(text: str, ids: Mapping[str, int]) -> str:
    """Fill in a text's blanks, each the name of a command, so that Discord shows it clickable.

    One whose id is not known is named plainly.
    """

    def shown(found: re.Match[str]) -> str:
        number = ids.get(found[1].partition(" ")[0])
        return f"`/{found[1]}`" if number is None else f"</{found[1]}:{number}>"

    return _NAMED.sub(shown, text)
