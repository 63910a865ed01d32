import asyncio
import time
from typing import Any

import pytest
from aiohttp import ClientConnectionError, ClientPayloadError, ClientResponse

from playground.pixeldojo.mischief import ACTIONS
from tests.playground.pixeldojo.conftest import Client

MAKE = "gpt-image-1-5"
REPLIES = {
    "html": 502,
    "html_ok": 200,
    "wrong_json": 200,
    "not_an_image": 200,
    "image_bomb": 200,
    "missing": 404,
    "forbidden": 403,
    "rate_limited": 429,
    "rate_limited_bare": 429,
    "error_500": 500,
    "error_502": 502,
    "error_503": 503,
    "error_504": 504,
    "redirect": 302,
    "empty": 200,
    "truncated_json": 200,
}
BROKEN = {
    "reset_before": ClientConnectionError,
    "reset_after": ClientConnectionError,
    "cut_body": ClientPayloadError,
    "unfinished": ClientPayloadError,
}
SILENT = ("silence", "silence_after")
LONG = ("huge", "endless", "drip", "none")


async def script(client: Client, *lines: dict[str, Any]) -> Any:
    return await client.control("switches", {"script": list(lines)})


async def ask(client: Client, path: str = "/models") -> ClientResponse:
    url = f"{client.stand_in.api_url}{path}"
    async with client.session.get(url, headers=client.headers, allow_redirects=False) as response:
        await response.read()
        return response


def test_every_action_is_tried_in_this_file() -> None:
    assert set(ACTIONS) == {*REPLIES, *BROKEN, *SILENT, *LONG}


@pytest.mark.parametrize("action", REPLIES)
async def test_an_action_replaces_or_spoils_the_reply(fast: Client, action: str) -> None:
    await script(fast, {"method": "GET", "path": "/models$", "action": action, "url": "http://10.1.1.1/"})
    response = await ask(fast)
    assert response.status == REPLIES[action]
    assert response.headers.get("Location") == ("http://10.1.1.1/" if action == "redirect" else None)
    assert (await ask(fast)).status == 200


@pytest.mark.parametrize("action", BROKEN)
async def test_an_action_breaks_the_connection(fast: Client, action: str) -> None:
    # aiohttp's client repeats a GET by itself if its connection was reset.
    await script(fast, {"path": "/models", "action": action, "times": 2})
    with pytest.raises(BROKEN[action]):
        await ask(fast)


@pytest.mark.parametrize("action", SILENT)
async def test_silence_can_come_before_or_after_handling(fast: Client, action: str) -> None:
    await script(fast, {"method": "POST", "path": "/run$", "action": action})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(fast.post(MAKE, {"prompt": "a hill"}), 0.2)
    assert len(await fast.control("books")) == (action == "silence_after")


async def test_drip_and_flood_are_long(fast: Client) -> None:
    await fast.control("switches", {"drip_seconds": 0.0002})
    await script(
        fast, {"path": "/jobs", "action": "drip"}, {"path": "/jobs", "action": "huge", "bytes": 2_500_000}
    )
    assert await fast.get("/jobs") == (200, {"jobs": []})
    assert (await ask(fast, "/jobs")).content_length == 2_500_000


async def test_lines_are_used_up_in_order(fast: Client) -> None:
    await script(
        fast,
        {"path": "/jobs", "status": 418, "body": {"tea": True}, "headers": {"X-Pot": "1"}},
        {"path": "/models", "status": 503, "times": 2},
        {"path": "/models", "status": 500, "body": "plain"},
    )
    assert [(await ask(fast)).status for _ in range(4)] == [503, 503, 500, 200]
    response = await ask(fast, "/jobs")
    assert (response.status, await response.json(), response.headers["X-Pot"]) == (418, {"tea": True}, "1")
    assert (await fast.control("switches"))["script"] == []


async def test_a_line_can_only_delay(fast: Client) -> None:
    await script(fast, {"path": "/models", "delay": 0.15})
    start = time.monotonic()
    assert (await ask(fast)).status == 200
    assert time.monotonic() - start >= 0.15


async def test_a_line_can_meet_results(fast: Client) -> None:
    await script(fast, {"path": "^/temp/", "action": "missing"})
    view = await fast.ended(await fast.submit(MAKE, prompt="a hill"))
    async with fast.session.get(view["output"]["images"][0]) as response:
        assert response.status == 404
    assert await fast.fetch(view["output"]["images"][0])


async def test_a_reset_after_handling_loses_only_the_reply(fast: Client) -> None:
    await script(fast, {"method": "POST", "path": "/run$", "action": "reset_after"})
    with pytest.raises(ClientConnectionError):
        await fast.post(MAKE, {"prompt": "a hill"})
    (line,) = await fast.control("books")
    assert (await fast.ended(line["job"]))["status"] == "completed"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("reset", "'script' must be a list"),
        ([3], "A line of 'script' must be an object"),
        ([{"action": "explode"}], "'action' in 'script' must be one of none"),
        ([{"path": "("}], "is no regular expression"),
        ([{"times": "often"}], "'times' in 'script' has the wrong type"),
        ([{"code": 3}], "A line of 'script' has no 'code'"),
    ],
)
async def test_a_bad_script_is_refused_whole(fast: Client, lines: Any, problem: str) -> None:
    reply = await fast.control("switches", {"script": lines, "latency": 77})
    assert problem in reply["error"]
    assert (await fast.control("switches"))["latency"] == 0
