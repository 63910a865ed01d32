"""How far away the database is: a job takes dozens of statements, each of which waits for an answer."""

import statistics
import time
from collections.abc import Callable

from storage.tx import Tx

ASKED = 5
"""Statements of which the one in the middle counts: one alone may have waited for something else."""


def round_trip(tx: Tx, clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the seconds from a statement that asks for nothing to its answer."""
    took: list[float] = []
    for number in range(ASKED):
        asked = clock()
        # Never the same twice: that would not be asked again.
        tx.execute("SELECT CAST(? AS INTEGER)", (number,)).fetchone()
        took.append(clock() - asked)
    return statistics.median(took)
