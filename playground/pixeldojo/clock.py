"""The stand-in's own clock, which a test can push forward."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Unix time in seconds, plus what has been skipped."""

    def __init__(self) -> None:
        self._skipped = 0.0

    def now(self) -> float:
        """Return the moment in Unix seconds."""
        return time.time() + self._skipped

    def skip(self, seconds: float) -> None:
        """Push the clock forward."""
        self._skipped += seconds


def milliseconds(moment: float) -> int:
    """Return Unix seconds as Unix milliseconds."""
    return round(moment * 1000)


def iso(moment: float) -> str:
    """Return Unix seconds as the provider writes them: ``2025-01-23T12:00:00.000Z``."""
    stamp = datetime.fromtimestamp(moment, UTC)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + f"{stamp.microsecond // 1000:03d}Z"
