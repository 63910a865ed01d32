"""The stand-in's own time: the machine's, ahead by whatever was skipped."""

import time
from datetime import UTC, datetime


class PlaygroundClock:
    """Unix milliseconds that a test or the page can push forward.

    Skipping ages everything at once: interaction tokens, signed URLs, uploads and messages. It never
    goes back, so that snowflakes stay in order.
    """

    def __init__(self) -> None:
        self._skipped = 0

    def now(self) -> int:
        """Return the moment in Unix milliseconds."""
        return time.time_ns() // 1_000_000 + self._skipped

    def skip(self, seconds: float) -> None:
        """Go forward by a span in seconds.

        Raises
        ------
        ValueError
            If the span is negative.
        """
        if seconds < 0:
            raise ValueError("The clock only goes forward.")
        self._skipped += round(seconds * 1000)


def iso(moment: int) -> str:
    """Write Unix milliseconds the way Discord does (ISO 8601, microseconds, offset)."""
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="microseconds")
