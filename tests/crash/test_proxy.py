"""The proxy between a process and its database."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import ClassVar

import pytest

from tests.crash.proxy import HOST, Proxy


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(1000):
            writer.write(data)
    writer.close()


@asynccontextmanager
async def to_an_echo() -> AsyncGenerator[Proxy]:
    server = await asyncio.start_server(_echo, HOST)
    async with server, Proxy.to(server.sockets[0].getsockname()[1]) as proxy:
        yield proxy
        while Line.opened:
            Line.opened.pop().writer.close()


class Line:
    """A connection through the proxy."""

    opened: ClassVar[list["Line"]] = []

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.opened.append(self)

    @classmethod
    async def by(cls, proxy: Proxy) -> "Line":
        return cls(*await asyncio.open_connection(HOST, proxy.port))

    async def says(self, text: bytes) -> bytes:
        self.writer.write(text)
        return await self.reader.readexactly(len(text))


async def test_everything_passes() -> None:
    async with to_an_echo() as proxy:
        line = await Line.by(proxy)
        assert await line.says(b"x" * 100_000) == b"x" * 100_000
        line.writer.write_eof()
        assert await line.reader.read() == b"", "its end passes, too"


async def test_a_connection_that_is_cut_is_reset_and_so_is_each_new_one() -> None:
    async with to_an_echo() as proxy:
        line = await Line.by(proxy)
        await line.says(b"one")
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            await line.says(b"two")
        again = await Line.by(proxy)
        with pytest.raises(ConnectionResetError):
            await again.says(b"three")
        proxy.pass_on()
        assert await (await Line.by(proxy)).says(b"four") == b"four"


async def test_what_is_swallowed_arrives_when_it_passes_again() -> None:
    async with to_an_echo() as proxy:
        line = await Line.by(proxy)
        await line.says(b"one")
        proxy.swallow()
        late = asyncio.create_task(line.says(b"two"))
        new = asyncio.create_task((await Line.by(proxy)).says(b"three"))
        await asyncio.sleep(0.05)
        assert not late.done()
        assert not new.done()
        proxy.pass_on()
        assert await late == b"two"
        assert await new == b"three"
