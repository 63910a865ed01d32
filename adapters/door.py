"""How many may be inside a listener at once, and for how long: the rest is turned away at the door.

A half-open connection costs a file descriptor, and with none left no paid result could be stored.
"""

import asyncio
from collections.abc import Callable
from typing import cast

PLACES = 64
"""Connections at once: the provider's pokes take milliseconds each."""
PATIENCE = 10.0
"""Seconds for a request's header and body to arrive."""
TURNED_AWAY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)


class Door:
    """Makes a protocol for each connection: a visitor while there is a place, a stranger otherwise."""

    def __init__(self, inside: Callable[[], asyncio.Protocol]) -> None:
        self._inside = inside
        self._visitors: dict[asyncio.BaseProtocol, Visitor] = {}

    def __call__(self) -> asyncio.Protocol:
        """Return the protocol of a new connection."""
        return Visitor(self._inside(), self._visitors) if len(self._visitors) < PLACES else Stranger()

    def heard(self, protocol: asyncio.BaseProtocol | None) -> None:
        """Take note that a request has arrived as a whole: its answer may take its time."""
        if protocol is not None and (visitor := self._visitors.get(protocol)) is not None:
            visitor.heard()


class Visitor(asyncio.Protocol):
    """Passes everything on, and ends a connection whose request does not arrive in time."""

    def __init__(self, inner: asyncio.Protocol, visitors: "dict[asyncio.BaseProtocol, Visitor]") -> None:
        self._inner = inner
        self._visitors = visitors
        # From now on and not from ``connection_made``: many may be accepted in one turn of the loop.
        visitors[inner] = self
        self._too_late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the visitor in for a while."""
        # Not asked by its type: uvloop's are not derived from asyncio's.
        abort = cast("asyncio.Transport", transport).abort
        self._too_late = asyncio.get_running_loop().call_later(PATIENCE, abort)
        self._inner.connection_made(transport)

    def heard(self) -> None:
        """Let the visitor stay for the answer."""
        if self._too_late is not None:
            self._too_late.cancel()

    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place to somebody else."""
        self.heard()
        self._visitors.pop(self._inner, None)
        self._inner.connection_lost(exc)


class Stranger(asyncio.Protocol):
    """Says that there is no place, whatever was asked."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer at once and hang up."""
        there = cast("asyncio.Transport", transport)
        there.write(TURNED_AWAY)
        there.close()
