"""What is written down of calls, so that the next life of the process counts them.

Calls without an end, and those that may begin before the next note, count from the moment of reading: that
is later than they can have been made. What was sent before a kill must have arrived by the next start.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

APART = 0.25
"""Seconds by which the clocks of who writes and who reads may differ: on several hosts it is one that both
ask."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Calls under one limit: for how many more seconds each ended one counts, and how many have no end."""

    lefts: Sequence[float]
    endless: int


def write(noted: Iterable[Noted], *, at: int) -> str:
    """Return notes as text, in whole seconds of the wall clock (``at``: Unix milliseconds), rounded up."""
    lines = [
        [sorted(Counter(math.ceil(at / 1000 + left + APART) for left in each.lefts).items()), each.endless]
        for each in noted
    ]
    return json.dumps(lines, separators=(",", ":"))


def read(text: str, *, at: int) -> list[Noted]:
    """Return what was written, as seen at a moment in Unix milliseconds."""
    return [
        Noted([second - at / 1000 for second, number in moments for _ in range(number)], endless)
        for moments, endless in json.loads(text)
    ]
