"""The listener's door: places for so many, for so long; strangers and noise cost nothing and say nothing."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from adapters import door
from adapters.door import PLACES
from adapters.duty import Duty
from adapters.webhook import WebhookListener

SECRET = "0123456789abcdef" * 2
POKE = f"POST /hooks/{SECRET} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n".encode()
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Slow:
    """Takes its time to answer, until it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.go.set()
        self.heard = 0

    async def poked(self, _secret: str, _body: bytes) -> bool:
        self.heard += 1
        await self.go.wait()
        return True


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
async def port(slow: Slow) -> AsyncIterator[int]:
    duty = Duty()
    listener = WebhookListener(host="127.0.0.1", port=0, path="/hooks", duty=duty)
    async with duty.at_work(poked=slow.poked, connected=lambda: True, ends=lambda: False):
        yield await listener.start()
    await listener.close()


async def call(port: int, data: bytes) -> Connection:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    await writer.drain()
    return reader, writer


async def status(port: int, data: bytes) -> bytes:
    """Return the status that a whole request gets; nothing if the connection just ends."""
    reader, writer = await call(port, data)
    try:
        async with asyncio.timeout(20):
            return (await reader.read())[9:12]
    finally:
        writer.close()


async def test_sixty_four_are_let_in_and_the_rest_is_turned_away(port: int) -> None:
    inside = [await call(port, b"POST /hooks/") for _ in range(PLACES)]
    assert PLACES == 64
    for _ in range(100):
        assert await status(port, POKE + b"{}") == b"503"
    for _, writer in inside:
        writer.close()
    async with asyncio.timeout(20):
        while await status(port, POKE + b"{}") == b"503":
            pass
    assert await status(port, POKE + b"{}") == b"204"


@pytest.mark.parametrize(
    "begun", [b"", b"POST /hooks", POKE, POKE + b"{"], ids=["nothing", "head", "body", "cut"]
)
async def test_who_does_not_finish_in_time_is_put_out(
    port: int, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "PATIENCE", 0.05)
    reader, writer = await call(port, begun)
    with suppress(ConnectionError):
        async with asyncio.timeout(20):
            assert await reader.read() == b""
    writer.close()


async def test_who_has_said_all_may_wait_for_the_answer(
    port: int, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "PATIENCE", 0.05)
    slow.go.clear()
    answered = asyncio.ensure_future(status(port, POKE + b"{}"))
    # Who came later and says nothing is put out: the first one's time is over too by then.
    while not slow.heard:
        await asyncio.sleep(0)
    assert await status(port, b"") == b""
    slow.go.set()
    assert await answered == b"204"


async def test_a_connection_is_good_for_one_request(port: int, slow: Slow) -> None:
    reader, writer = await call(port, (POKE + b"{}") * 3)
    async with asyncio.timeout(20):
        assert (await reader.read()).count(b"HTTP/1.1 204") == 1
    writer.close()
    assert slow.heard == 1


NOISE = {
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
    "no http": b"hello\r\n\r\n",
    "bad header": b"GET /healthz HTTP/1.1\r\nHost a\r\n\r\n",
    "two lengths": b"POST /hooks HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "bad length": b"POST /hooks HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "bad chunk": POKE.replace(b"Content-Length: 2", b"Transfer-Encoding: chunked") + b"zz\r\n",
    "long line": b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
    "long header": b"GET / HTTP/1.1\r\nA: " + b"a" * 20_000 + b"\r\n\r\n",
    "bad url": b"GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n",
    "null": b"\0\r\n\r\n",
}


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE.keys())
async def test_noise_is_refused_without_a_word_in_the_log(
    port: int, noise: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert await status(port, noise) in {b"400", b"404", b"405", b""}
    assert not [record for record in caplog.records if record.name != "asyncio"]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert await status(port, POKE + b"{}") == b"204"
