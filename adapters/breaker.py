"""What keeps this address from Discord's ban (10,000 answers of 401, 403 or 429 in ten minutes).

A place that refuses is left alone by itself (``jobs/delivery/places.py``). The last resort is for everything
else together, and holds back no first answer: those are not counted by Discord, and somebody waits for each.
"""

import logging
import re
from collections import deque
from collections.abc import Callable
from types import SimpleNamespace

import aiohttp
from yarl import URL

from domain.clock import Clock
from domain.places import Deed, Place
from jobs.delivery.places import Places

log = logging.getLogger(__name__)

COUNTED = frozenset({401, 403, 429})
FORBIDDEN = 403
LIMIT = 5_000
WINDOW = 600.0
"""Seconds over which refused requests are counted."""
_PLACE = re.compile(r"/(channels|guilds)/(\d+)(?:/|$)")
_FIRST_ANSWER = re.compile(r"/interactions/\d+/[^/]+/callback$")


class BreakerOpen(OSError):
    """Too many requests were refused lately: none is sent until some of them are ten minutes old."""


class PlaceLeftAlone(OSError):
    """The place refused several times in a row: nothing is sent there for a while."""


class Breaker:
    """Watches every request that discord.py makes; ``guild_of`` names a channel's server, 0 if unknown."""

    def __init__(self, *, clock: Clock, places: Places, guild_of: Callable[[int], int]) -> None:
        self._clock = clock
        self._places = places
        self._guild_of = guild_of
        self._refused: deque[float] = deque(maxlen=LIMIT)
        self._said = False

    @property
    def is_open(self) -> bool:
        """Tell whether ``LIMIT`` requests were refused within ``WINDOW``."""
        full = len(self._refused) == LIMIT
        return full and self._clock.monotonic() - self._refused[0] < WINDOW

    def count(self, status: int, scope: str = "") -> None:
        """Take note of an answer: its status, and whose limit a 429 speaks of (``shared`` is not ours)."""
        if status in COUNTED and scope != "shared":
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
            if "Upgrade" in start.headers or _FIRST_ANSWER.search(start.url.path):
                return
            if self.is_open:
                raise BreakerOpen("too many refused requests")
            place = self._place(start.method, start.url)
            if place is not None and not self._places.may_ask(place):
                raise PlaceLeftAlone("this place refuses")

        async def after(
            _session: aiohttp.ClientSession, _context: SimpleNamespace, end: aiohttp.TraceRequestEndParams
        ) -> None:
            status = end.response.status
            self.count(status, end.response.headers.get("X-RateLimit-Scope", ""))
            place = self._place(end.method, end.url)
            if place is None:
                return
            if status == FORBIDDEN:
                await self._places.refused(place)
            elif status < 500 and status not in COUNTED:
                await self._places.answered(place)

        config.on_request_start.append(before)
        config.on_request_end.append(after)
        return config

    def _place(self, method: str, url: URL) -> Place | None:
        found = _PLACE.search(url.path)
        if found is None:
            return None
        kind, number = found[1], int(found[2])
        deed = _deed(method, url.path)
        return Place(number if kind == "guilds" else self._guild_of(number), number, deed)


def _deed(method: str, path: str) -> Deed:
    if method == "GET":
        return Deed.READ
    if "/reactions/" in path:
        return Deed.REACT
    return Deed.SEND if method == "POST" else Deed.EDIT
