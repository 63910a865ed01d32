import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import discord
import pytest
import yarl
from aiohttp import ClientSession

from playground.discord import DiscordStandIn
from tests.playground.discord.page import Person
from tests.playground.discord.rest_client import Rest
from tests.playground.discord.testbot import TestBot

SAMPLES = Path(__file__).parents[3] / "playground" / "samples"
OpenPage = Callable[[str], Awaitable[Person]]


@pytest.fixture
async def standin(tmp_path: Path) -> AsyncIterator[DiscordStandIn]:
    server = DiscordStandIn(seed=7, data_dir=tmp_path)
    await server.start()
    server.set_faults(rate_limits=False)
    yield server
    await server.close()


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
def rest(standin: DiscordStandIn, http: ClientSession) -> Rest:
    return Rest(standin=standin, http=http)


@pytest.fixture
async def page(standin: DiscordStandIn, http: ClientSession) -> AsyncIterator[OpenPage]:
    """Opens pages by member name; they are closed in the end."""
    async with AsyncExitStack() as stack:

        async def open_page(name: str) -> Person:
            person = await Person(standin=standin, http=http, name=name).open()
            stack.push_async_callback(person.close)
            return person

        yield open_page


@pytest.fixture
async def ann(page: OpenPage) -> Person:
    return await page("ann")


@pytest.fixture
async def ben(page: OpenPage) -> Person:
    return await page("ben")


@pytest.fixture
def new_bot(standin: DiscordStandIn, monkeypatch: pytest.MonkeyPatch) -> type[TestBot]:
    """Point discord.py at the stand-in; what comes back makes a bot."""
    monkeypatch.setattr(discord.http.Route, "BASE", standin.api_url)
    # After an invalid session, AutoShardedClient connects here, not to what GET /gateway/bot said.
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(standin.gateway_url))
    return TestBot


@pytest.fixture
async def bot(standin: DiscordStandIn, new_bot: type[TestBot]) -> AsyncIterator[TestBot]:
    client = new_bot()
    task = asyncio.create_task(client.start(standin.token))
    waiting = asyncio.create_task(client.ready.wait())
    await asyncio.wait({task, waiting}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    if client.ready.is_set():
        yield client
    waiting.cancel()
    await client.close()
    await task


@pytest.fixture
def cat() -> bytes:
    return (SAMPLES / "cat.jpg").read_bytes()


@pytest.fixture
def rocket() -> bytes:
    return (SAMPLES / "rocket.jpg").read_bytes()
