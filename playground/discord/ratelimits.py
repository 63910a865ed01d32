"""Rate limits as Discord has them: a bucket per route and main id, and one for everything.

https://discord.com/developers/docs/topics/rate-limits. The figures per route are not published; these
are what the real replies' headers say most of the time.
"""

import hashlib
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from playground.discord.faults import Faults

MAJOR = ("channel_id", "guild_id", "application_id", "token")
"""Path parameters that have buckets of their own."""
BAN_WINDOW = 600.0
"""Seconds in which invalid requests are counted."""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many requests in so many seconds."""

    name: str
    count: int
    window: float


ORDINARY = Limit("ordinary", 50, 1.0)
SEND = Limit("send", 5, 5.0)
EDIT = Limit("edit", 5, 5.0)
DELETE = Limit("delete", 5, 1.0)
REACT = Limit("react", 1, 0.25)
HISTORY = Limit("history", 5, 1.0)
WEBHOOK = Limit("webhook", 5, 2.0)
COMMANDS = Limit("commands", 5, 20.0)
OPEN_DIRECT = Limit("direct", 10, 10.0)


@dataclass(slots=True)
class _Bucket:
    used: int
    resets: float


@dataclass(slots=True)
class Verdict:
    """What the limits say of one request.

    Attributes
    ----------
    headers
        ``X-RateLimit-*``, on every reply.
    retry_after
        Seconds to wait, if the request is refused.
    everything
        Whether it is the limit for everything that was hit.
    """

    headers: dict[str, str] = field(default_factory=dict[str, str])
    retry_after: float | None = None
    everything: bool = False


class RateLimiter:
    """Counts requests in fixed windows that start with their first request."""

    def __init__(self, *, faults: Faults) -> None:
        self._faults = faults
        self._buckets: dict[tuple[str, ...], _Bucket] = {}
        self._invalid: deque[float] = deque()

    def take(self, limit: Limit, params: Mapping[str, str], *, counts: bool) -> Verdict:
        """Count one request.

        Parameters
        ----------
        counts
            Whether it counts towards the limit for everything; interaction routes do not.
        """
        if not self._faults.rate_limits:
            return Verdict()
        now = time.monotonic()
        if counts:
            whole = Limit("everything", self._faults.global_per_second, 1.0)
            bucket = self._bucket(whole, (), now)
            if bucket.used >= whole.count:
                return Verdict(self._headers(whole, bucket, now), bucket.resets - now, everything=True)
            bucket.used += 1
        bucket = self._bucket(limit, tuple(params[name] for name in MAJOR if name in params), now)
        refused = bucket.used >= limit.count
        if not refused:
            bucket.used += 1
        return Verdict(self._headers(limit, bucket, now), bucket.resets - now if refused else None)

    def _bucket(self, limit: Limit, main: tuple[str, ...], now: float) -> _Bucket:
        if len(self._buckets) > 4_000:
            self._buckets = {key: item for key, item in self._buckets.items() if item.resets > now}
        key = (limit.name, *main)
        bucket = self._buckets.get(key)
        if bucket is None or bucket.resets <= now:
            bucket = self._buckets[key] = _Bucket(0, now + limit.window)
        return bucket

    @staticmethod
    def _headers(limit: Limit, bucket: _Bucket, now: float) -> dict[str, str]:
        left = bucket.resets - now
        return {
            "X-RateLimit-Limit": str(limit.count),
            "X-RateLimit-Remaining": str(limit.count - bucket.used),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}",
            "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(limit.name.encode()).hexdigest()[:32],
        }

    def note(self, status: int, scope: str) -> None:
        """Count an answer that a ban could come of; a shared limit is not held against us."""
        if status in (401, 403, 429) and scope != "shared":
            self._invalid.append(time.monotonic())

    @property
    def invalid(self) -> int:
        """How many answers of 401, 403 and 429 the last ten minutes saw."""
        while self._invalid and self._invalid[0] < time.monotonic() - BAN_WINDOW:
            self._invalid.popleft()
        return len(self._invalid)

    @property
    def banned(self) -> bool:
        """Whether the address has been banned for its invalid requests."""
        return self.invalid >= self._faults.invalid_request_limit
