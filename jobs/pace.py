"""A pace for work that nobody waits for by the second, so that a member's first answer never waits for it."""

from domain.clock import Clock

GAP = 0.01
"""Seconds from one beginning to the next. A step of a job takes a few milliseconds of the event loop: of many
that come due at the same moment, some after some begin, and what a member just asked for goes between."""


class Pace:
    """Lets pieces of work begin one after the other; how long each takes is its own business."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until the next piece may begin: not at all unless others began just now."""
        now = self._clock.monotonic()
        begins = max(now, self._next)
        self._next = begins + GAP
        if begins > now:
            await self._clock.sleep(begins - now)
