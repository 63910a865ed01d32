"""Servers on loopback: a raw one that can misbehave at any byte, and how to open our sessions to it."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from pixeldojo import PixelDojo, RateLimit, guarded_session
from pixeldojo.client import ignore_limit

KEY = "pd_secret_0123456789"


@dataclass
class Connection:
    """One accepted connection, as bytes."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: "RawServer"

    async def request(self) -> bytes:
        """Read one whole request; empty at the end of the connection."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return b""
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        request = head + await self.reader.readexactly(length)
        self.server.requests.append((self.number, request))
        return request

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def reply(self, body: bytes, *, status: str = "200 OK", headers: str = "") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        await self.send(head.encode() + body)

    def reset(self) -> None:
        """Close with a TCP reset instead of an orderly end."""
        raw: socket.socket = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


Script = Callable[[Connection], Awaitable[None]]


@dataclass
class RawServer:
    """What arrived: each request with the number of its connection."""

    port: int = 0
    connections: int = 0
    requests: list[tuple[int, bytes]] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def posts(self) -> list[bytes]:
        return [request for _, request in self.requests if request.startswith(b"POST ")]


@asynccontextmanager
async def raw_server(script: Script) -> AsyncIterator[RawServer]:
    """Run ``script`` for each connection; what goes wrong in one fails the test at the end."""
    server = RawServer()
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await script(Connection(server.connections, reader, writer, server))
        except (ConnectionError, asyncio.CancelledError):
            server.errors.append(ConnectionError("the client went away, or the test ended"))
        finally:
            writer.close()

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await listener.wait_closed()


@asynccontextmanager
async def client_of(
    url: str,
    *,
    key: str = KEY,
    observe: Callable[[RateLimit], None] = ignore_limit,
    submit_timeout: float = 5.0,
    ask_timeout: float = 5.0,
) -> AsyncIterator[PixelDojo]:
    """Open a client whose API is at ``url``."""
    async with aiohttp.ClientSession() as session, guarded_session(trusted_origins=[url]) as downloads:
        yield PixelDojo(
            session=session,
            downloads=downloads,
            api_url=f"{url}/api/v1",
            key=key,
            observe=observe,
            submit_timeout=submit_timeout,
            ask_timeout=ask_timeout,
        )


class Names(AbstractResolver):
    """A resolver that answers each question about a name with the next of its answers, then the last."""

    def __init__(self, **names: list[list[str]]) -> None:
        self._names = {name.replace("_", "."): answers for name, answers in names.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        answers = self._names.get(host)
        if not answers:
            raise OSError(socket.EAI_NONAME, "no such name")
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            ResolveResult(hostname=host, host=each, port=port, family=family, proto=0, flags=0)
            for each in addresses
        ]

    async def close(self) -> None:
        self.asked.append("close")


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """End a connection; what was sent stays unread."""
    del reader
    writer.close()


async def eventually(condition: Callable[[], object]) -> None:
    """Let the loop run until something is so."""
    for _ in range(20_000):
        if condition():
            return
        await asyncio.sleep(0.0005)
    raise AssertionError("it never came to be")


async def free_port() -> int:
    """Return a port on loopback where nobody listens."""
    listener = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port: int = listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()
    return port
