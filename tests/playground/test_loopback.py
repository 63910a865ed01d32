"""Another website in the same browser neither reads nor steers the playground."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from playground.discord import DiscordStandIn
from playground.pixeldojo import ProviderStandIn

ELSEWHERE = "https://evil.example"


@pytest.fixture
async def discord(tmp_path: Path) -> AsyncIterator[DiscordStandIn]:
    server = DiscordStandIn(seed=7, data_dir=tmp_path)
    await server.start()
    yield server
    await server.close()


@pytest.fixture
async def provider() -> AsyncIterator[ProviderStandIn]:
    server = ProviderStandIn()
    await server.start()
    yield server
    await server.close()


async def status(method: str, url: str, **given: Any) -> int:
    async with ClientSession() as http, http.request(method, url, **given) as reply:
        return reply.status


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "", "8.8.8.8"]
)
async def test_a_name_that_was_made_to_lead_here_leads_nowhere(
    discord: DiscordStandIn, provider: ProviderStandIn, host: str
) -> None:
    places = (
        discord.page_url,
        f"{discord.origin}/page/state",
        f"{discord.api_url}/gateway",
        f"{discord.cdn_url}/attachments/1/2/a.png",
        f"{provider.origin}/control/state",
        f"{provider.api_url}/models",
    )
    headers = {"Host": host}
    assert [await status("GET", place, headers=headers) for place in places] == [421] * len(places)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]"])
async def test_this_machine_has_more_than_one_name(discord: DiscordStandIn, name: str) -> None:
    host = f"{name}:{discord.origin.rpartition(':')[2]}"
    headers = {"Host": host, "Origin": f"http://{host}"}
    assert await status("GET", f"{discord.origin}/page/state", headers=headers) == 200


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example"])
async def test_a_page_from_elsewhere_reads_and_changes_nothing(
    discord: DiscordStandIn, provider: ProviderStandIn, origin: str
) -> None:
    headers = {"Origin": origin}
    uploads = f"{discord.origin}/page/uploads?member=ann"
    assert await status("GET", f"{discord.origin}/page/state", headers=headers) == 403
    assert await status("POST", f"{discord.origin}/page/clock", headers=headers, json={"skip": 1}) == 403
    assert await status("POST", uploads, headers=headers, data={"file": BytesIO(b"x")}) == 403
    assert await status("GET", f"{provider.origin}/control/log", headers=headers) == 403
    assert await status("POST", f"{provider.origin}/control/finish", headers=headers, json={}) == 403


async def test_a_page_from_elsewhere_opens_no_socket(discord: DiscordStandIn) -> None:
    address = f"{discord.origin}/page/socket?member=ann"
    async with ClientSession() as http:
        with pytest.raises(WSServerHandshakeError) as refused:
            await http.ws_connect(address, origin=ELSEWHERE)
        assert refused.value.status == 403
        async with asyncio.timeout(20), http.ws_connect(address, origin=discord.origin) as socket:
            assert (await socket.receive_json())["t"] == "hello"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_what_a_form_can_send_changes_nothing(
    discord: DiscordStandIn, provider: ProviderStandIn, kind: str
) -> None:
    headers = {"Content-Type": kind}
    for place in (f"{discord.origin}/page/clock", f"{provider.origin}/control/clock"):
        assert await status("POST", place, headers=headers, data=b'{"skip": 9}') == 415
        assert await status("POST", place, json={"skip": 9}) == 200


async def test_the_page_fetches_files_from_the_other_port_and_websites_do_not(
    discord: DiscordStandIn,
) -> None:
    address = f"{discord.cdn_url}/attachments/1/2/a.png"
    assert await status("GET", address, headers={"Origin": discord.origin}) == 404
    assert await status("GET", address, headers={"Origin": ELSEWHERE}) == 403


async def test_no_other_website_shows_the_page_in_a_frame(discord: DiscordStandIn) -> None:
    async with ClientSession() as http, http.get(discord.page_url) as page:
        assert page.status == 200
        assert page.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("charset", ["x", "rot13", "undefined"])
async def test_an_encoding_that_is_none_is_refused(
    discord: DiscordStandIn, provider: ProviderStandIn, charset: str
) -> None:
    headers = {"Content-Type": f"application/json;charset={charset}"}
    for place in (f"{discord.origin}/page/clock", f"{provider.origin}/control/finish"):
        assert await status("POST", place, headers=headers, data=b"{}") == 415
