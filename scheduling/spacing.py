"""A pace for work that nobody waits for by the second, so that a member's first answer never waits for it."""

from domain.clock import Clock

GAP, BRISK_GAP = 0.02, 0.002
"""Seconds from one beginning to the next: while members ask, and while nobody does.

A step of a job takes a few milliseconds of the event loop. Of many that come due at the same moment some
begin after others, and what a member has just asked for goes between."""
AT_ONCE = 3
"""Pieces that may begin together after a rest: a job alone is not slowed down by itself."""
COURTESY = 1.0
"""Seconds after a member's command for which more are expected."""


class Spacing:
    """Lets pieces of work begin one after the other; how long each takes is its own business."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._free = 0.0
        self._courteous_until = 0.0

    def give_way(self) -> None:
        """Take note that a member has asked for something."""
        self._courteous_until = self._clock.monotonic() + COURTESY

    async def wait(self) -> None:
        """Wait until the next piece may begin: not at all unless others began just now."""
        now = self._clock.monotonic()
        gap = GAP if now < self._courteous_until else BRISK_GAP
        free = max(self._free, now)
        self._free = free + gap
        wait = free - now - (AT_ONCE - 1) * gap
        if wait > 0:
            await self._clock.sleep(wait)
