"""The provider's request limits: so many requests in any minute, or in each minute of the clock."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import ceil

from playground.pixeldojo.clock import Clock

MINUTE = 60.0
_MANY = 10_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, and what its headers say. Moments are Unix seconds."""

    allowed: bool
    limit: int
    remaining: int
    reset: float
    now: float

    def headers(self) -> dict[str, str]:
        """Return the ``X-RateLimit-*`` headers, and ``Retry-After`` in whole seconds for a refusal."""
        named = {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(ceil(self.reset)),
        }
        if not self.allowed:
            named["Retry-After"] = str(max(1, ceil(self.reset - self.now)))
        return named


class Window:
    """Counts requests of one kind. A refused request does not count."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._moments: list[float] = []

    def count(self) -> int:
        """Return how many requests passed in the last 60 seconds."""
        return len(self._moments) - bisect_right(self._moments, self._clock.now() - MINUTE)

    def look(self, limit: int | None, kind: str) -> Verdict | None:
        """Tell whether one more request fits; `kind` is ``sliding`` or ``fixed``, no limit gives None.

        The reset of a sliding window is when its oldest request leaves it, so when at least one more fits.
        """
        now = self._clock.now()
        self._forget(now)
        if limit is None:
            return None
        start = now - now % MINUTE if kind == "fixed" else now - MINUTE
        first = bisect_right(self._moments, start)
        oldest = self._moments[first] if first < len(self._moments) else now
        reset = start + MINUTE if kind == "fixed" else oldest + MINUTE
        free = limit - (len(self._moments) - first)
        return Verdict(free > 0, limit, max(0, free - 1), reset, now)

    def take(self) -> None:
        """Count a request that passes."""
        self._moments.append(self._clock.now())

    def _forget(self, now: float) -> None:
        if len(self._moments) > _MANY:
            del self._moments[: bisect_right(self._moments, now - MINUTE)]
