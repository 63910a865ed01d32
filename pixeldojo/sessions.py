"""The two HTTP sessions that a client works with, and what holds a request back at the last moment."""

import asyncio
import os
import socket
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import cast

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.connector import Connection

from pixeldojo.addresses import guarded_session
from pixeldojo.transport import Withheld

DOWNLOADS_AT_ONCE = 64


class Sessions:
    """One session for the provider's API, a guarded one for files; open it inside the running loop.

    ``trusted_origins`` are addresses that the operator configured: files may come from there wherever they
    lead to. A request to the API leaves only if ``may_send`` says so when all else is done.
    """

    def __init__(self, *, trusted_origins: Collection[str], may_send: Callable[[], bool]) -> None:
        self._leaving: set[asyncio.Transport] = set()
        trace = aiohttp.TraceConfig()
        look_before_sending(trace, may_send)
        self.provider = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[trace],
            request_class=_noting(self._leaving),
        )
        self.downloads = guarded_session(trusted_origins=trusted_origins, connections=DOWNLOADS_AT_ONCE)

    def cut(self) -> None:
        """Let nothing more into the connections into which a body is being written; a signal handler may.

        What went in before may still be answered.
        """
        for transport in tuple(self._leaving):
            with suppress(OSError):
                _end_writing(transport)

    async def close(self) -> None:
        await self.provider.close()
        await self.downloads.close()


def look_before_sending(trace: aiohttp.TraceConfig, may_send: Callable[[], bool]) -> None:
    """Have each request of a session raise ``Withheld`` unless ``may_send`` says so as it is written.

    Connecting may take long, and a process may be stopped for a while at any point of it.
    """

    async def look(*_: object) -> None:
        if not may_send():
            raise Withheld

    # Both are called before anything is written, whatever their names say: headers leave with the first
    # piece of the body, or right away where there is none.
    trace.on_request_headers_sent.append(look)
    trace.on_request_chunk_sent.append(look)


def _noting(leaving: set[asyncio.Transport]) -> type[aiohttp.ClientRequest]:
    """Return requests of which it is known which connection they are being written into."""

    class Noting(aiohttp.ClientRequest):
        async def write_bytes(
            self, writer: AbstractStreamWriter, conn: Connection, content_length: int | None = None
        ) -> None:
            transport = cast("asyncio.Transport", conn.transport)
            leaving.add(transport)
            try:
                await super().write_bytes(writer, conn, content_length)
                # uvloop hands to the system what was written when the turn of the loop is over.
                await asyncio.sleep(0)
            finally:
                leaving.discard(transport)

    return Noting


def _end_writing(transport: asyncio.Transport) -> None:
    # By a descriptor of our own: uvloop's stand-in for a socket cannot do it, and a transport that is
    # closed goes on with a write that it has begun.
    descriptor = os.dup(transport.get_extra_info("socket").fileno())
    with socket.socket(fileno=descriptor) as same:
        same.shutdown(socket.SHUT_WR)
