"""Discord's 64-bit ids: https://discord.com/developers/docs/reference#snowflakes."""

from playground.discord.clock import PlaygroundClock

EPOCH = 1_420_070_400_000
"""First second of 2015 in Unix milliseconds, where snowflakes start."""


def snowflake(moment: int, increment: int = 0) -> int:
    """Make the id that belongs to a moment in Unix milliseconds."""
    return ((moment - EPOCH) << 22) | (increment & 0xFFF)


def moment_of(identifier: int) -> int:
    """Read the moment in Unix milliseconds out of an id."""
    return (identifier >> 22) + EPOCH


class Snowflakes:
    """Hands out ids that rise strictly, whatever the clock does."""

    def __init__(self, *, clock: PlaygroundClock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """Return a new id, greater than all before."""
        self._last = max(self._last + 1, snowflake(self._clock.now()))
        return self._last
