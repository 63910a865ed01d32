"""The script of single faults, each in exactly the way described."""

import time

import aiohttp
import pytest
from aiohttp import ClientSession

from playground.discord import DiscordStandIn
from tests.playground.discord.page import ask
from tests.playground.discord.rest_client import Rest


async def contents(rest: Rest) -> list[str]:
    return [message["content"] for message in (await rest.ask("GET", rest.messages)).body]


async def test_a_scripted_reply_stands_in_for_the_real_one_so_many_times(
    rest: Rest, http: ClientSession, standin: DiscordStandIn
) -> None:
    line = {
        "method": "POST",
        "path": "/messages$",
        "times": 2,
        "status": 502,
        "body": "<html>",
        "headers": {},
    }
    await ask(http, standin, "faults", {"script": [line]})
    for _ in range(2):
        answer = await rest.send({"content": "lost"})
        assert (answer.status, answer.body) == (502, "<html>")
        assert answer.headers["Content-Type"] == "text/html"
    assert (await rest.send({"content": "kept"})).status == 200
    assert await contents(rest) == ["kept"]
    log = await ask(http, standin, "log")
    assert [(entry["status"], entry["body"]) for entry in log][:2] == [(502, {"content": "lost"})] * 2


async def test_handled_means_that_discord_acted_although_it_says_otherwise(
    rest: Rest, standin: DiscordStandIn
) -> None:
    standin.set_faults(script=[{"method": "POST", "path": "messages", "status": 500, "action": "handled"}])
    assert (await rest.send({"content": "acted"})).status == 500
    assert await contents(rest) == ["acted"]


@pytest.mark.parametrize(("action", "kept"), [("reset_before", []), ("reset_after", ["x"]), ("cut", ["x"])])
async def test_a_connection_breaks_before_or_after_discord_acted(
    rest: Rest, http: ClientSession, standin: DiscordStandIn, action: str, kept: list[str]
) -> None:
    standin.set_faults(script=[{"method": "POST", "path": "/messages$", "action": action}])
    with pytest.raises(aiohttp.ClientError):
        await rest.send({"content": "x"})
    assert await contents(rest) == kept
    status = (await ask(http, standin, "log"))[0]["status"]
    assert status == (None if action == "reset_before" else 200)


async def test_a_dripping_reply_arrives_whole_and_slowly(rest: Rest, standin: DiscordStandIn) -> None:
    standin.set_faults(script=[{"path": "/gateway$", "action": "drip"}])
    start = time.monotonic()
    answer = await rest.ask("GET", "/gateway")
    assert answer.body == {"url": standin.gateway_url}
    assert time.monotonic() - start >= 0.004 * len(standin.gateway_url)


async def test_a_delay_comes_before_everything_else(rest: Rest, standin: DiscordStandIn) -> None:
    standin.set_faults(script=[{"path": "/gateway$", "delay": 0.2}])
    start = time.monotonic()
    assert (await rest.ask("GET", "/gateway")).status == 200
    assert time.monotonic() - start >= 0.2


async def test_lines_are_used_in_order_and_only_where_they_fit(rest: Rest, standin: DiscordStandIn) -> None:
    standin.set_faults(
        script=[
            {"method": "DELETE", "path": ".", "status": 500},
            {"method": "GET", "path": "^/users", "status": 503},
            {"path": "/users/@me", "status": 504},
        ]
    )
    statuses = [(await rest.ask("GET", "/users/@me")).status for _ in range(3)]
    assert statuses == [503, 504, 200]
    assert [line["method"] for line in standin.set_faults()["script"]] == ["DELETE"]


@pytest.mark.parametrize(
    "switches",
    [
        {"no_such": 1},
        {"token_expired": "yes"},
        {"upload_limit": "1"},
        {"missing_permissions": ["FLY"]},
        {"script": [{"action": "explode"}]},
        {"script": [{"path": "("}]},
        {"cdn_delay": True},
    ],
)
async def test_a_switch_that_makes_no_sense_changes_nothing(
    http: ClientSession, standin: DiscordStandIn, switches: dict[str, object]
) -> None:
    before = await ask(http, standin, "faults")
    body = {"closed_dms": True, **switches}
    async with http.post(f"{standin.origin}/page/faults", json=body) as reply:
        assert reply.status == 400
        assert (await reply.json())["message"]
    assert await ask(http, standin, "faults") == before
