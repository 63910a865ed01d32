import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from tests.playground.pixeldojo.conftest import Client

MAKE = "gpt-image-1-5"


class Listener:
    """A real listener that keeps every call: path and payload."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()

    async def hear(self, request: web.Request) -> web.Response:
        self.calls.put_nowait((request.path, await request.json()))
        return web.Response(status=204)

    async def next(self) -> tuple[str, Any]:
        async with asyncio.timeout(5):
            return await self.calls.get()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listening = Listener()
    app = web.Application()
    app.router.add_post("/{tail:.*}", listening.hear)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listening.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook/secret1"
    yield listening
    await runner.cleanup()


async def submit(client: Client, listener: Listener, mode: str, **switches: object) -> str:
    await client.control("switches", {"webhooks": mode, **switches})
    return await client.submit(MAKE, prompt="a hill", webhook_url=listener.url)


@pytest.mark.parametrize(
    ("fault", "status"), [("ok", "completed"), ("fail", "failed"), ("expired", "expired")]
)
async def test_a_job_that_ends_is_told_once(
    fast: Client, listener: Listener, fault: str, status: str
) -> None:
    job = await submit(fast, listener, "on", next=[fault])
    assert await listener.next() == ("/hook/secret1", {"jobId": job, "status": status})
    await fast.ended(job)
    assert listener.calls.empty()
    sent = await fast.control("webhooks")
    assert [(call["job"], call["status"]) for call in sent] == [(job, 204)]


async def test_off_tells_nothing_but_a_replay_can_be_asked_for(fast: Client, listener: Listener) -> None:
    job = await submit(fast, listener, "off")
    await fast.ended(job)
    assert await fast.control("webhooks") == []
    assert await fast.control("webhooks", {"job": job}) == {"sent": 1}
    assert (await listener.next())[1]["jobId"] == job
    assert "error" in await fast.control("webhooks", {"job": "job_none"})


async def test_twice_tells_twice(fast: Client, listener: Listener) -> None:
    job = await submit(fast, listener, "twice")
    calls = [await listener.next(), await listener.next()]
    assert [payload["jobId"] for _, payload in calls] == [job, job]


async def test_late_tells_after_the_delay(fast: Client, listener: Listener) -> None:
    job = await submit(fast, listener, "late", webhook_delay=0.1)
    await fast.ended(job)
    assert await fast.control("webhooks") == []
    assert (await listener.next())[1]["jobId"] == job


async def test_forgeries_come_before_the_true_call(fast: Client, listener: Listener) -> None:
    job = await submit(fast, listener, "forged", latency=1000)
    calls = [await listener.next() for _ in range(3)]
    assert sorted(path for path, _ in calls) == ["/hook/secret0", "/hook/secret1", "/hook/secret1"]
    assert {payload["status"] for _, payload in calls} == {"completed"}
    assert len({payload["jobId"] for _, payload in calls}) == 2
    assert (await fast.get(f"/jobs/{job}"))[1]["status"] == "pending"
    await fast.control("finish", {"job": job})
    assert await listener.next() == ("/hook/secret1", {"jobId": job, "status": "completed"})


async def test_a_listener_that_is_away_is_noted(fast: Client) -> None:
    job = await fast.submit(MAKE, prompt="a hill", webhook_url="http://127.0.0.1:1/hook")
    await fast.ended(job)
    async with asyncio.timeout(5):
        while True:
            (sent,) = await fast.control("webhooks")
            if sent["error"] is not None:
                break
            await asyncio.sleep(0.01)
    assert (sent["error"], sent["status"]) == ("ClientConnectorError", None)
