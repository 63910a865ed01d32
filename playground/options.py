"""Numbers of the command lines, as an argument's ``type``: a wrong one is told before anything starts."""

import argparse
from collections.abc import Callable


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return what reads a whole number from ``least`` to ``most``."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = least - 1
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"it is a whole number from {least} to {most}, not {text!r}")
        return value

    return read


def amount(most: float) -> Callable[[str], float]:
    """Return what reads a number from 0 to ``most``."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = -1
        # Nor what is no number, which is neither above nor below.
        if not 0 <= value <= most:
            raise argparse.ArgumentTypeError(f"it is a number from 0 to {most:g}, not {text!r}")
        return value

    return read


port = whole(0, 65_535)
"""Reads a port; 0 takes any that is free."""
latency = amount(1_000)
"""Reads a factor on the provider's real durations."""
