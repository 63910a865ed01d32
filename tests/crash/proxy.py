"""Stands between one process and PostgreSQL: passes on, cuts, or swallows what is said."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Self

HOST = "127.0.0.1"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Proxy:
    """A port on loopback that leads to another.

    Cut off, every connection is reset, and so is each new one. Silent, connections stay and nothing passes, as
    behind a firewall that drops: what was sent meanwhile arrives when it passes again, as TCP would have it.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._cut = False
        self._open = asyncio.Event()
        self._open.set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._handlers: set[asyncio.Task[None]] = set()
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def to(cls, target: int) -> AsyncGenerator[Self]:
        proxy = cls(target)
        server = await asyncio.start_server(proxy._accept, HOST)
        proxy.port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            server.close()
            proxy.cut()
            await asyncio.gather(*proxy._handlers, return_exceptions=True)

    def cut(self) -> None:
        """Reset every connection, and each that comes."""
        self._cut = True
        self._open.set()
        for end in self._ends:
            _reset(end)

    def swallow(self) -> None:
        """Let nothing pass, and tell nobody."""
        self._open.clear()

    def lead_to(self, target: int) -> None:
        """Lead what comes from now on to another port."""
        self._target = target

    def pass_on(self) -> None:
        """Let everything pass from now on."""
        self._cut = False
        self._open.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        self._ends.add(writer)
        try:
            await self._open.wait()
            if self._cut:
                _reset(writer)
                return
            with contextlib.suppress(OSError):
                await self._join(reader, writer)
        finally:
            self._ends.discard(writer)
            self._handlers.discard(task)
            _reset(writer)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on in both directions until one of the two ends: then the other is ended, too."""
        far_reader, far_writer = await asyncio.open_connection(HOST, self._target)
        self._ends.add(far_writer)
        pumps = [
            asyncio.create_task(self._pump(reader, far_writer)),
            asyncio.create_task(self._pump(far_reader, writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            self._ends.discard(far_writer)
            # What was said last still arrives.
            far_writer.close()
            writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await self._open.wait()
            writer.write(data)
            await writer.drain()
        await self._open.wait()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection at once, without a word."""
    transport = writer.transport
    if not transport.is_closing():
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()
