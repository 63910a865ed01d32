"""Webhooks: pokes that may come late, twice, forged or never, and are never believed."""

import asyncio
import resource
import signal
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from playground.pixeldojo import mischief
from tests.e2e.member import Member
from tests.e2e.pictures import small_photo
from tests.e2e.waiting import until
from tests.e2e.world import World, open_world


def listener_of(world: World) -> str:
    return "http://" + world.settings()["WEBHOOK_LISTEN"]


def calls(world: World) -> list[dict[str, Any]]:
    """Return all webhook calls that the provider made."""
    return world.provider.control._webhooks.sent


def told(world: World, prompt: str) -> list[int | None]:
    """Return what the bot answered to the calls to the address of the job for a prompt."""
    address = world.bodies(prompt)[0]["webhook_url"]
    return [each["status"] for each in calls(world) if each["url"] == address]


def asked_about(world: World, prompt: str) -> int:
    job = world.job_at_provider(prompt)["id"]
    return sum(
        each["method"] == "GET" and each["path"].endswith(f"/jobs/{job}") for each in world.provider.log
    )


async def test_the_bot_says_that_it_is_alive_and_ready(world: World) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{listener_of(world)}/healthz") as alive,
        session.get(f"{listener_of(world)}/readyz") as ready,
    ):
        assert (alive.status, ready.status) == (200, 200)
        assert await alive.json() == {"alive": True, "state": "works"}
        assert await ready.json() == {"ready": True, "state": "works"}


async def test_a_bot_that_was_told_to_stop_says_so_while_a_request_has_no_answer(
    tmp_path: Path, small: Path
) -> None:
    async with open_world(tmp_path) as world, world.member("ann") as ann:
        world.switch(script=[{"method": "POST", "path": "/run", "delay": 3.0}], fast_results=True)
        await ann.edit("sent as it stops", small)
        await until(lambda: world.submissions() == 1, what="the request")
        assert world.process is not None
        world.process.send_signal(signal.SIGTERM)
        await until(lambda: "Stopping: " in world.log(), what=world.log)
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{listener_of(world)}/readyz") as ready,
        ):
            assert (ready.status, await ready.json()) == (503, {"ready": False, "state": "stops"})
        assert await world.process.wait() == 0


async def test_a_webhook_leads_to_one_question(tmp_path: Path, small: Path) -> None:
    """In a world of its own: nothing is known of durations yet, so no question is due by itself."""
    async with open_world(tmp_path) as world, world.member("ann") as ann:
        await ann.sees(await ann.edit("told by webhook", small), "Done")
        assert asked_about(world, "told by webhook") == 1


async def test_the_address_of_a_webhook_is_unguessable(world: World, ann: Member, small: Path) -> None:
    for card in [await ann.edit(f"told by webhook {number}", small) for number in range(2)]:
        await ann.sees(card, "Done")
    addresses = [world.bodies(f"told by webhook {number}")[0]["webhook_url"] for number in range(2)]
    secrets = [address.rsplit("/", 1)[1] for address in addresses]
    assert len(set(secrets)) == 2
    assert all(len(secret) == 32 and int(secret, 16) for secret in secrets)


async def test_a_webhook_that_comes_twice_and_once_more_is_one_delivery(
    world: World, ann: Member, small: Path
) -> None:
    world.switch(webhooks="twice")
    card = await ann.edit("told twice", small)
    await ann.sees(card, "Done · 4 credits")
    await world.closed(card)
    async with aiohttp.ClientSession() as session:
        job = {"job": world.job_at_provider("told twice")["id"]}
        async with session.post(f"{world.provider.origin}/control/webhooks", json=job) as reply:
            assert reply.status == 200
    await until(lambda: told(world, "told twice") == [204] * 3, what=lambda: str(told(world, "told twice")))
    assert world.entries(card) == [("reserve", 4000, 0), ("charge", -4000, 4000)]
    assert asked_about(world, "told twice") <= 2
    assert len(world.results_on(ann.messages[card["id"]])) == 1


async def test_a_late_webhook_is_waited_for(world: World, ann: Member, small: Path) -> None:
    world.switch(webhooks="late", webhook_delay=0.4)
    card = await ann.edit("told late", small)
    await ann.sees(card, "Done · 4 credits")


async def test_forged_webhooks_change_nothing(tmp_path: Path) -> None:
    """To a guessed address, about another job, and about the right job before its end."""
    switches = {"webhooks": "forged", "next": ["stuck"]}
    async with open_world(tmp_path, switches=switches) as world, world.member("ann") as ann:
        card = await ann.edit("told lies", small_photo(tmp_path / "a.jpg"))
        await ann.sees(card, "Running")
        await until(lambda: told(world, "told lies") == [204, 204], what=lambda: str(calls(world)))
        assert [each["status"] for each in calls(world)].count(404) == 1, "a guessed address was let in"
        await until(lambda: asked_about(world, "told lies") >= 1, what=lambda: "a question after the lie")
        await ann.ask("jobs")
        assert world.job(card)["status"] == "running"
        assert world.entries(card) == [("reserve", 4000, 0)]
        assert asked_about(world, "told lies") == 1


async def test_the_listener_takes_nothing_else(world: World) -> None:
    base = listener_of(world)
    async with aiohttp.ClientSession() as session:
        for path in ("/", "/pixeldojo", "/pixeldojo/", "/pixeldojo/" + "0" * 32, "/pixeldojo/../healthz2"):
            async with session.post(base + path, json={"jobId": "job_1"}) as reply:
                assert reply.status == 404, path
        async with session.get(f"{base}/pixeldojo/{'0' * 32}") as reply:
            assert reply.status == 405


async def test_a_lost_answer_is_found_again_by_its_webhook(world: World, ann: Member, small: Path) -> None:
    world.switch(next=["lose_reply"], latency=0.02)
    card = await ann.edit("the answer gets lost", small)
    await ann.sees(card, "Contact lost", "If the picture was made it is posted here")
    done = await ann.sees(card, "Done · 4 credits")
    assert len(world.bodies("the answer gets lost")) == 1, "a paid request was repeated"
    assert world.results_on(done) == await world.provider_results("the answer gets lost")
    assert world.account(ann) == (0, 4000)


async def test_a_webhook_that_overtakes_a_lost_answer_is_not_forgotten(
    world: World, ann: Member, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes while the POST is still under way, which then ends without an answer."""
    hang_up = asyncio.Event()

    async def held(request: web.Request, reply: mischief.Reply, _: mischief.Details) -> web.StreamResponse:
        await hang_up.wait()
        mischief.abort(request)
        return reply

    monkeypatch.setitem(mischief.AFTER, "silence_after", held)
    world.switch(script=[{"method": "POST", "path": "/run", "action": "silence_after"}])
    card = await ann.edit("the webhook is first", small)
    await until(
        lambda: bool(world.bodies("the webhook is first")) and told(world, "the webhook is first") == [204],
        what=lambda: "the webhook",
    )
    assert world.job(card)["status"] == "submitting"
    hang_up.set()
    await ann.sees(card, "Done · 4 credits")
    assert len(world.bodies("the webhook is first")) == 1, "a paid request was repeated"


HALF_OPEN = 1_100


async def test_half_open_requests_take_no_file_descriptors_from_paid_results(
    world: World, ann: Member, small: Path
) -> None:
    assert world.process is not None
    bot = Path(f"/proc/{world.process.pid}")
    soft, hard = (bot / "limits").read_text().split("Max open files")[1].split()[:2]
    assert soft == hard, "the bot takes all that it may have"
    _soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    host, port = world.settings()["WEBHOOK_LISTEN"].split(":")
    before, lines = len(list((bot / "fd").iterdir())), len(world.log().splitlines())
    half_open = [
        await asyncio.to_thread(socket.create_connection, (host, int(port))) for _ in range(HALF_OPEN)
    ]
    for connection in half_open:
        with suppress(ConnectionError):
            connection.sendall(b"POST /pixeldojo/0123456789abcdef0123456789abcdef HTTP/1.1\r\n")
    assert len(list((bot / "fd").iterdir())) < before + 100
    card = await world.finished(ann, "beside half-open requests", small)
    assert world.results_on(card) == await world.provider_results("beside half-open requests")
    for connection in half_open:
        connection.close()
    for noise in (
        b"\x16\x03\x01\x02\x00",
        b"hello\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(noise)
        writer.write_eof()
        with suppress(ConnectionError):
            await reader.read()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    assert "Traceback" not in "\n".join(world.log().splitlines()[lines:])

    async def healthy() -> bool:
        async with aiohttp.ClientSession() as session, session.get(f"{listener_of(world)}/readyz") as reply:
            return reply.status == 200

    async with asyncio.timeout(20):
        while not await healthy():
            await asyncio.sleep(0.05)
