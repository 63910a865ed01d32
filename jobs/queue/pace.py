"""How often one member's jobs may go to the provider: whoever was as often as they may waits for a while."""

import asyncio
from collections import deque
from collections.abc import Mapping

from domain.clock import Clock

MINUTE = 60.0
"""Seconds over which submissions are counted."""


class Pace:
    """The submissions of the last minute, by member.

    Parameters
    ----------
    per_minute
        How many of one member may begin within a minute; ``None``: any number.
    """

    def __init__(self, *, clock: Clock, per_minute: int | None) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._begun: dict[int, deque[float]] = {}

    def note(self, member_id: int, *, ago: float = 0.0) -> None:
        """Note that a job of a member began to be submitted so many seconds ago."""
        if self.per_minute is not None and ago < MINUTE:
            begun = self._begun.setdefault(member_id, deque(maxlen=self.per_minute))
            begun.append(self._clock.monotonic() - ago)

    def resting(self) -> set[int]:
        """Return the members who were submitted for as often as they may within the last minute."""
        since = self._clock.monotonic() - MINUTE
        self._begun = {each: begun for each, begun in self._begun.items() if begun[-1] > since}
        return {
            each for each, begun in self._begun.items() if len(begun) == begun.maxlen and begun[0] > since
        }

    async def until(self, changed: asyncio.Event) -> None:
        """Wait for something else to change, or for the first of those who rest to have rested."""
        ends = [self._begun[each][0] + MINUTE for each in self.resting()]
        if not ends:
            await changed.wait()
            return
        # A little at least: where rounding leaves nothing to wait for, this would be asked again at once.
        rested = self._clock.sleep(max(0.001, min(ends) - self._clock.monotonic()))
        waits = {asyncio.ensure_future(rested), asyncio.ensure_future(changed.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def ages(self) -> Mapping[int, list[float]]:
        """Return by member how many seconds ago their last submissions began, oldest first."""
        now = self._clock.monotonic()
        return {each: [now - moment for moment in begun] for each, begun in self._begun.items()}
