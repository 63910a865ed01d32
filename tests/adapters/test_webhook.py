"""The webhook listener over real HTTP: a poke is never believed, and only its owner can make one."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from adapters.duty import Duty
from adapters.webhook import MAX_BODY, WebhookListener

SECRET = "0123456789abcdef" * 2


@dataclass
class Listening:
    port: int = 0
    known: bool | None = True
    connected: bool = True
    ends: bool = False
    duty: Duty = field(default_factory=Duty)
    error: Exception | None = None
    pokes: list[tuple[str, bytes]] = field(default_factory=list[tuple[str, bytes]])

    async def poked(self, secret: str, body: bytes) -> bool | None:
        self.pokes.append((secret, body))
        if self.error is not None:
            raise self.error
        return self.known

    async def send(self, path: str, *, method: str = "POST", **given: Any) -> tuple[int, str]:
        url = f"http://127.0.0.1:{self.port}{path}"
        async with aiohttp.ClientSession() as session, session.request(method, url, **given) as reply:
            return reply.status, await reply.text()


@pytest.fixture
async def listening() -> AsyncIterator[Listening]:
    made = Listening()
    listener = WebhookListener(host="127.0.0.1", port=0, path="/hooks/", duty=made.duty)
    made.port = await listener.start()
    async with made.duty.at_work(poked=made.poked, connected=lambda: made.connected, ends=lambda: made.ends):
        yield made
    await listener.close()


@pytest.mark.parametrize("body", [b"", b'{"jobId": "p1"}', b"\xff\xfe", b"[" * 30_000], ids=len)
async def test_a_poke_is_passed_on_as_it_came(listening: Listening, body: bytes) -> None:
    assert await listening.send(f"/hooks/{SECRET}", data=body) == (204, "")
    assert listening.pokes == [(SECRET, body)]


async def test_a_secret_that_is_nobodys_is_not_found(listening: Listening) -> None:
    listening.known = False
    status, _ = await listening.send(f"/hooks/{SECRET}", json={})
    assert status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/hooks/",
        "/hooks/short",
        f"/hooks/{SECRET}x",
        f"/hooks/{SECRET.upper()}",
        f"/hooks/{SECRET}/more",
        f"/{SECRET}",
        f"/hooks/{SECRET[:-1]}'",
        f"/hooks/{SECRET[:-3]}%00a",
    ],
)
async def test_a_path_of_another_shape_is_not_even_looked_up(listening: Listening, path: str) -> None:
    status, _ = await listening.send(path, json={})
    assert status == 404
    assert listening.pokes == []


async def test_only_a_post_is_a_poke(listening: Listening) -> None:
    status, _ = await listening.send(f"/hooks/{SECRET}", method="GET")
    assert status == 405
    assert listening.pokes == []


async def test_a_huge_body_is_not_read(listening: Listening) -> None:
    status, _ = await listening.send(f"/hooks/{SECRET}", data=b"x" * (MAX_BODY + 1))
    assert status == 413
    assert listening.pokes == []


async def test_trouble_on_our_side_asks_the_provider_to_try_again(
    listening: Listening, caplog: pytest.LogCaptureFixture
) -> None:
    listening.error = RuntimeError("the database is locked")
    status, text = await listening.send(f"/hooks/{SECRET}", json={})
    assert status == 500
    assert "locked" not in text
    assert SECRET not in caplog.text


async def said(listening: Listening) -> tuple[int, int, str]:
    """Return the statuses of ``/healthz`` and ``/readyz``, and what the process is said to do."""
    alive, body = await listening.send("/healthz", method="GET")
    ready, also = await listening.send("/readyz", method="GET")
    assert json.loads(body)["state"] == json.loads(also)["state"]
    assert json.loads(also)["ready"] is (ready == 200)
    return alive, ready, json.loads(body)["state"]


async def test_a_process_is_alive_whatever_it_does_and_ready_while_it_serves(listening: Listening) -> None:
    assert await said(listening) == (200, 200, "works")
    listening.connected = False
    assert await said(listening) == (200, 503, "connects")


async def test_one_that_ends_is_not_said_to_connect_nor_to_work(listening: Listening) -> None:
    listening.ends = True
    assert await said(listening) == (200, 503, "stops")
    listening.ends, listening.connected = False, False
    listening.duty.stops()
    assert await said(listening) == (200, 503, "stops")
    # What is still on its way to it is taken all the same.
    assert (await listening.send(f"/hooks/{SECRET}", json={}))[0] == 204


async def test_a_process_that_waits_takes_no_poke_and_asks_for_another_try() -> None:
    waiting = Listening()
    assert waiting.duty.state == "starts"
    waiting.duty.waits = True
    listener = WebhookListener(host="127.0.0.1", port=0, path="/hooks", duty=waiting.duty)
    waiting.port = await listener.start()
    assert await said(waiting) == (200, 503, "waits")
    assert (await waiting.send(f"/hooks/{SECRET}", json={}))[0] == 503
    async with waiting.duty.at_work(poked=waiting.poked, connected=lambda: True, ends=lambda: False):
        assert await said(waiting) == (200, 200, "works")
        assert (await waiting.send(f"/hooks/{SECRET}", json={}))[0] == 204
        # Another one has taken over from it.
        waiting.known = None
        assert (await waiting.send(f"/hooks/{SECRET}", json={}))[0] == 503
    assert await said(waiting) == (200, 503, "stops")
    assert (await waiting.send(f"/hooks/{SECRET}", json={}))[0] == 503
    assert waiting.pokes == [(SECRET, b"{}")] * 2
    await listener.close()


async def test_an_address_that_is_in_use_is_an_error_of_the_system(listening: Listening) -> None:
    other = WebhookListener(host="127.0.0.1", port=listening.port, path="/", duty=Duty())
    with pytest.raises(OSError, match="address already in use"):
        await other.start()
    await other.close()
