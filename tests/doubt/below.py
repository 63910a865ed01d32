"""The state machine over jobs, with a doubtful provider: many runs below the process, in chunks by seed."""

import logging
import time
import traceback
from dataclasses import dataclass, field

from tests.jobs.test_life import play

CHUNK, STEPS = 50, 40
"""Runs of one seed of Hypothesis, and steps of a run."""


@dataclass
class Series:
    """What a series came to; ``findings`` are Hypothesis's own words, with what repeats them."""

    runs: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list[str])


def play_below(runs: int, *, first: int) -> Series:
    """Play so many runs, and say after each chunk how it went."""
    logging.disable(logging.CRITICAL)
    series, began = Series(), time.monotonic()
    try:
        for number, done in enumerate(range(0, runs, CHUNK), first):
            examples = min(CHUNK, runs - done)
            try:
                play(examples, steps=STEPS, first=number)
            except Exception:  # noqa: BLE001 - whatever it found, the other chunks tell more
                series.findings.append(f"chunk {number}: {traceback.format_exc()}")
                print(series.findings[-1], flush=True)  # noqa: T201
            series.runs += examples
            series.seconds = time.monotonic() - began
            print(f"chunk {number}: {series.runs} runs in {series.seconds:.0f} s", flush=True)  # noqa: T201
    finally:
        logging.disable(logging.NOTSET)
    return series
