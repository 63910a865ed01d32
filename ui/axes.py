"""The axes of a chart: round numbers up the side, dates along the bottom."""

from itertools import count

from domain.credits import THOUSANDTHS
from domain.periods import date_of
from domain.reports import Grain

LINES = 3
"""At most so many grid lines above zero: a phone shows the picture small."""


def ticks(most: int) -> list[int]:
    """Return round amounts from zero to ``most`` thousandths or more, in steps of 1, 2, 5, 10 and so on."""
    steps = (digit * 10**power for power in count() for digit in (1, 2, 5))
    step = next(step for step in steps if step * LINES >= most)
    return [step * index for index in range(-(-max(most, 1) // step) + 1)]


def number(thousandths: int) -> str:
    """Write an amount for an axis: ``250``, ``2.5``, ``12k``, ``1.5M``."""
    value = thousandths / THOUSANDTHS
    for size, unit in ((1_000_000, "M"), (10_000, "k")):
        if value >= size:
            return f"{value / (size if unit == 'M' else 1_000):.4g}{unit}"
    return f"{value:.4g}"


def bar_label(grain: Grain, start: int) -> str:
    """Write what a bar stands for: ``5 Sep``, ``Sep 2026``, ``2026``."""
    date = date_of(start)
    if grain is Grain.DAY:
        return f"{date.day} {date:%b}"
    return f"{date:%b %Y}" if grain is Grain.MONTH else str(date.year)


def label_step(bars: int, bar_width: float, label_width: float) -> int:
    """Return that every n-th bar is labelled, so that labels keep apart (widths in pixels).

    The last label may be pushed inwards by as much as it is wider than its bar.
    """
    pushed = max(0.0, (label_width - bar_width) / 2)
    step = 1
    while bar_width * step < label_width + pushed + 18 and step < bars:
        step += 1
    return step
