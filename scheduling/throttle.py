"""What the provider's replies do to a request limit: down at once, up slowly."""

RECOVERY = 1200.0
"""Seconds in which a limit that was lowered to nothing would be back at its full height."""
LOWEST_SHARE = 0.1
BACKOFF = 5.0
"""Seconds of silence after a refusal that names none; doubled with each in a row."""
LONGEST_BACKOFF = 60.0
LONGEST_RESET = 120.0
"""Seconds: a reset farther away is a clock that is wrong."""


class Throttle:
    """A limit of calls a minute: what is configured, or less if the provider says so."""

    def __init__(self, configured: int) -> None:
        self._configured = configured
        self._ceiling = configured
        self._share = 1.0
        self._share_at = 0.0
        self._paused_until = 0.0
        self._backoff = BACKOFF
        self._left: int | None = None
        self._left_until = 0.0
        self.told: int | None = None

    def limit(self, now: float) -> int:
        """Return the calls a minute that are allowed now; at least one."""
        return max(1, int(self._ceiling * self._risen(now) + 1e-9))

    def ready_at(self, now: float) -> float:
        """Return until when, in the seconds of ``now``, no call may begin at all."""
        exhausted = self._left is not None and self._left <= 0
        return max(now, self._paused_until, self._left_until if exhausted and now < self._left_until else now)

    def spend(self) -> None:
        """Count a call against what the provider said remains."""
        if self._left is not None:
            self._left -= 1

    def hear_limit(self, limit: int, now: float) -> None:
        """Take in the provider's own limit; a higher one than before is approached slowly."""
        self.told = limit
        ceiling = max(1, min(self._configured, limit))
        if ceiling > self._ceiling:
            self._share, self._share_at = self._risen(now) * self._ceiling / ceiling, now
        self._ceiling = ceiling

    def hear_remaining(self, left: int | None, until: float) -> None:
        """Take in how many calls others have left us until a moment; ``None`` if nobody else calls."""
        self._left, self._left_until = left, until

    def hear_refusal(self, now: float, pause: float | None) -> None:
        """Halve the limit and be silent for a while; replies to what was sent before count once."""
        if now >= self._paused_until:
            self._share, self._share_at = max(LOWEST_SHARE, self._risen(now) / 2), now
            if pause is None:
                pause, self._backoff = self._backoff, min(2 * self._backoff, LONGEST_BACKOFF)
        self._paused_until = max(self._paused_until, now + (pause or 0.0))

    def hear_success(self) -> None:
        """Forget the refusals in a row."""
        self._backoff = BACKOFF

    def _risen(self, now: float) -> float:
        return min(1.0, self._share + (now - self._share_at) / RECOVERY)
