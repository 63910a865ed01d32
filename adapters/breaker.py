"""A breaker far below Discord's invalid-request ban (10,000 answers of 401, 403 or 429 in ten minutes)."""

import logging
from collections import deque
from types import SimpleNamespace

import aiohttp

from domain.clock import Clock

log = logging.getLogger(__name__)

COUNTED = frozenset({401, 403, 429})
LIMIT = 100
WINDOW = 600.0
"""Seconds over which refused requests are counted."""


class BreakerOpen(OSError):
    """Too many requests were refused lately: none is sent until some of them are ten minutes old."""


class Breaker:
    """Watches every request that discord.py makes and refuses to send more once too many were refused."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._refused: deque[float] = deque(maxlen=LIMIT)
        self._said = False

    @property
    def is_open(self) -> bool:
        """Tell whether ``LIMIT`` requests were refused within ``WINDOW``."""
        full = len(self._refused) == LIMIT
        return full and self._clock.monotonic() - self._refused[0] < WINDOW

    def count(self, status: int) -> None:
        """Take note of an answer's status."""
        if status in COUNTED:
            self._refused.append(self._clock.monotonic())
        if self.is_open and not self._said:
            log.critical("Discord refused %d requests in ten minutes: nothing is sent for a while.", LIMIT)
        self._said = self.is_open

    def trace(self) -> aiohttp.TraceConfig:
        """Return what hooks the breaker into discord.py's HTTP session."""
        config = aiohttp.TraceConfig()

        async def before(
            _session: aiohttp.ClientSession, _context: SimpleNamespace, start: aiohttp.TraceRequestStartParams
        ) -> None:
            # The gateway stays: losing it would only add requests.
            if self.is_open and "Upgrade" not in start.headers:
                raise BreakerOpen("too many refused requests")

        async def after(
            _session: aiohttp.ClientSession, _context: SimpleNamespace, end: aiohttp.TraceRequestEndParams
        ) -> None:
            self.count(end.response.status)

        config.on_request_start.append(before)
        config.on_request_end.append(after)
        return config
