"""Discord when the bot logs in: one sentence and the exit status by which a supervisor decides. Real starts."""

import json
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web

from tests.e2e.forked import start
from tests.e2e.starts import start_several
from tests.e2e.world import ROOT, World
from tests.faults.fast_world import FastWorld, open_fast

CONFIGURATION, UNAVAILABLE = 78, 69
PAUSED = {
    "status": 429,
    "body": {"message": "You are being rate limited.", "retry_after": 0.3, "global": False},
    "headers": {"Retry-After": "1", "Via": "1.1 google"},
}
JSON, HTML = {"Content-Type": "application/json"}, {"Content-Type": "text/html"}
BANNED = {"status": 429, "body": "You are being blocked.", "headers": {"Retry-After": "3600"}}
ANSWERS: Mapping[str, tuple[int, Mapping[str, str], str]] = {
    "strange_path": (404, JSON, '{"message": "404: Not Found", "code": 0}'),
    "web_page": (200, HTML, "<html>Welcome to nginx!</html>"),
    "other_json": (200, JSON, '{"hello": "world"}'),
    "denied": (403, HTML, "<html>Forbidden</html>"),
    "error_503": (503, HTML, "upstream"),
    "too_many": (429, {**HTML, "Retry-After": "0.5"}, "You are being blocked."),
    "wrong_token": (401, JSON, '{"message": "401: Unauthorized", "code": 0}'),
}
"""What a server says to everything: status, headers, body."""
ANSWERS_TO: Mapping[tuple[str, str, str], tuple[int, Mapping[str, str], str]] = {
    ("gateway_shape", "GET", "gateway/bot"): (200, JSON, "{}"),
    ("gateway_page", "GET", "gateway/bot"): ANSWERS["web_page"],
    ("gateway_token", "GET", "gateway/bot"): ANSWERS["wrong_token"],
    ("gateway_strange", "GET", "gateway/bot"): ANSWERS["strange_path"],
    ("commands_page", "PUT", "applications/1/commands"): ANSWERS["web_page"],
    ("commands_list", "GET", "applications/1/commands"): ANSWERS["web_page"],
    ("commands_refused", "PUT", "applications/1/commands"): (400, JSON, '{"message": "No", "code": 50035}'),
}
"""What it says to one request only: by kind, method and path."""
CLOSES = {"token_reset": 4004, "closed_4010": 4010, "closed_4013": 4013, "closed_4014": 4014}
ENDS: Mapping[str, tuple[int, str]] = {
    "strange_path": (
        UNAVAILABLE,
        "Darkroom stops: DISCORD_API_URL does not answer as Discord does, but with 404.",
    ),
    "web_page": (
        UNAVAILABLE,
        "Darkroom stops: DISCORD_API_URL does not answer as Discord does, but with a page",
    ),
    "other_json": (
        UNAVAILABLE,
        "Darkroom stops: DISCORD_API_URL does not answer as Discord does, but with a page",
    ),
    "denied": (UNAVAILABLE, "Darkroom stops: DISCORD_API_URL does not answer as Discord does, but with 403."),
    "error_503": (UNAVAILABLE, "Darkroom stops: Discord cannot be reached (DiscordServerError)."),
    "too_many": (
        UNAVAILABLE,
        "many requests from this address: it may be asked again in 1 s, which are waited out.",
    ),
    "wrong_token": (CONFIGURATION, "Darkroom cannot start: Discord does not accept DISCORD_TOKEN."),
    "token_reset": (CONFIGURATION, "Darkroom cannot start: Discord does not accept DISCORD_TOKEN."),
    "gateway_shape": (UNAVAILABLE, "DISCORD_API_URL does not answer as Discord does, but with a page"),
    "gateway_page": (UNAVAILABLE, "DISCORD_API_URL does not answer as Discord does, but with a page"),
    "gateway_token": (CONFIGURATION, "Darkroom cannot start: Discord does not accept DISCORD_TOKEN."),
    "gateway_strange": (UNAVAILABLE, "DISCORD_API_URL does not answer as Discord does, but with 404."),
    "commands_page": (UNAVAILABLE, "DISCORD_API_URL does not answer as Discord does, but with a page"),
    "commands_list": (UNAVAILABLE, "DISCORD_API_URL does not answer as Discord does, but with a page"),
    "commands_refused": (UNAVAILABLE, "Darkroom stops: Discord does not take its commands (400)."),
    "closed_4010": (
        UNAVAILABLE,
        "Darkroom stops: Discord closes the connection, for it has no such shard (4010).",
    ),
    "closed_4013": (CONFIGURATION, "for it does not know the events that the bot asks for (4013)."),
    "closed_4014": (CONFIGURATION, "may not have the events that the bot asks for (4014)."),
    "no_connection": (UNAVAILABLE, "Darkroom stops: Discord cannot be reached (Connection refused)."),
    "no_such_host": (UNAVAILABLE, "Darkroom stops: Discord cannot be reached (Name or service not known)."),
    "no_tls": (
        UNAVAILABLE,
        "Darkroom stops: Discord cannot be reached (it speaks no TLS there, or none that",
    ),
}


async def answer(request: web.Request) -> web.StreamResponse:
    kind, asked = request.match_info["kind"], request.match_info["rest"]
    request.app[ASKED][f"{kind} {asked}"] += 1
    found = ANSWERS.get(kind) or ANSWERS_TO.get((kind, request.method, asked))
    if found is not None:
        status, headers, body = found
        return web.Response(status=status, headers=headers, body=body.encode())
    if asked == "gateway":
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41_250}, "s": None, "t": None})
        await socket.receive()
        await socket.close(code=CLOSES[kind])
        return socket
    gateway = f"ws://{request.host}/{kind}/gateway"
    limit = {"total": 1, "remaining": 1, "reset_after": 1, "max_concurrency": 1}
    user = {"id": "1", "username": "x", "discriminator": "0", "avatar": None}
    application = {
        "id": "1",
        "name": "x",
        "icon": None,
        "description": "",
        "bot_public": True,
        "flags": 0,
        "bot_require_code_grant": False,
        "verify_key": "x",
        "owner": user,
    }
    usual: Mapping[str, object] = {
        "users/@me": user,
        "oauth2/applications/@me": application,
        "gateway/bot": {"url": gateway, "shards": 1, "session_start_limit": limit},
    }
    if asked in usual or asked.endswith("/commands"):
        return web.Response(headers=JSON, body=json.dumps(usual.get(asked, [])).encode())
    status, headers, body = ANSWERS["strange_path"]
    return web.Response(status=status, headers=headers, body=body.encode())


ASKED = web.AppKey("asked", Counter[str])


@asynccontextmanager
async def another_discord() -> AsyncGenerator[tuple[str, Counter[str]]]:
    """Serve one Discord for each kind of trouble; yield their origin and what was asked of each."""
    app = web.Application()
    app[ASKED] = Counter()
    app.router.add_route("*", "/{kind}/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", app[ASKED]
    finally:
        await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ended(
    shared_world: FastWorld, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[int, str]]:
    """Start a bot at each address, side by side."""
    base = tmp_path_factory.mktemp("login")
    async with another_discord() as (origin, asked):
        addresses = {name: f"{origin}/{name}" for name in ENDS}
        addresses |= {"no_connection": "http://127.0.0.1:1/api/v10", "no_such_host": "http://no.invalid/api"}
        addresses["no_tls"] = addresses["no_tls"].replace("http:", "https:")
        ends = await start_several(
            {
                name: shared_world.settings(
                    DISCORD_API_URL=address,
                    DATA_DIR=str(base / name),
                    PIXELDOJO_WEBHOOK_URL="",
                    WEBHOOK_LISTEN="",
                )
                for name, address in addresses.items()
            }
        )
    assert asked["too_many users/@me"] == 1, "the ban was not waited out"
    return ends


@pytest.mark.parametrize("kind", ENDS)
def test_a_login_that_fails_is_one_sentence_and_the_status_by_which_it_is_started_again(
    ended: Mapping[str, tuple[int, str]], kind: str
) -> None:
    status, printed = ended[kind]
    expected, sentence = ENDS[kind]
    assert status == expected, printed
    assert sentence in printed.splitlines()[-1], printed
    assert "Traceback" not in printed, printed


@pytest.mark.parametrize(
    ("answered", "said"),
    [(BANNED, "in 3600 s, which are waited out"), (PAUSED, "with 429: it is asked again in 1 s.")],
)
async def test_whoever_waits_for_discord_still_stops_at_once(
    tmp_path: Path, answered: Mapping[str, object], said: str
) -> None:
    async with open_fast(tmp_path, start=False) as world:
        world.faults(script=[{"path": "/users/@me", "times": 99, **answered}])
        await begin(world)
        await world.logged(said)
        assert await world.stop_bot() == 0
        assert "Traceback" not in world.log()


async def begin(world: World) -> None:
    """Start a bot that does not get ready."""
    world.process = await start(ROOT / "bot.py", environment=world.environment(), log=world.log_path)
