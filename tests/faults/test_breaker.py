"""The breaker: a place that refuses is left alone by itself; at 5,000 refusals in ten minutes nothing is sent."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from adapters.breaker import LIMIT, WINDOW, Breaker, BreakerOpen, PlaceLeftAlone
from jobs.delivery.places import IN_A_ROW, Places
from storage.database import open_database
from tests.clock import FakeClock
from tests.e2e.world import until
from tests.faults.fast_world import MANY, PAID, FastWorld, ask_for, open_fast


class Refuser:
    """A server that answers with the status that is asked for and counts."""

    def __init__(self) -> None:
        self.asked = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        headers = {"X-RateLimit-Scope": request.query["scope"]} if "scope" in request.query else {}
        return web.Response(status=int(request.query.get("status", "200")), headers=headers)


class Watched:
    """A session that the breaker watches."""

    def __init__(self, session: aiohttp.ClientSession, url: str, server: Refuser, breaker: Breaker) -> None:
        self.session, self.url, self.server, self.breaker = session, url, server, breaker

    async def ask(
        self, path: str, status: int = 200, *, method: str = "GET", scope: str | None = None
    ) -> int:
        asked = {"status": str(status), **({} if scope is None else {"scope": scope})}
        async with self.session.request(method, f"{self.url}{path}", params=asked) as reply:
            return reply.status


@asynccontextmanager
async def watched(clock: FakeClock, folder: Path) -> AsyncGenerator[Watched]:
    """Open a session that the breaker watches, and a server for it."""
    refuser = Refuser()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", refuser.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    database = await open_database(folder)
    places = Places(database=database, clock=clock)
    breaker = Breaker(clock=clock, places=places, guild_of=lambda channel_id: channel_id // 1000)
    try:
        async with aiohttp.ClientSession(trace_configs=[breaker.trace()]) as session:
            yield Watched(session, f"http://{host}:{port}/api/v10", refuser, breaker)
    finally:
        await runner.cleanup()
        await database.close()


async def test_the_last_resort_says_so_once_holds_no_first_answer_and_ends_ten_minutes_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = FakeClock()
    async with watched(clock, tmp_path) as it:
        for number in range(LIMIT):
            it.breaker.count((401, 403, 429)[number % 3], "user")
            await clock.advance(0.1)
        assert LIMIT == 5_000
        for _ in range(3):
            with pytest.raises(BreakerOpen):
                await it.ask("/users/@me")
        assert it.server.asked == 0
        assert await it.ask("/interactions/1/token/callback", 200, method="POST") == 200
        with pytest.raises(BreakerOpen):
            await it.ask("/webhooks/1/token/messages/@original", method="PATCH")
        assert [each.levelname for each in caplog.records] == ["CRITICAL"]
        await clock.advance(WINDOW - LIMIT * 0.1 + 0.5)
        assert await it.ask("/users/@me", 401) == 401


async def test_limits_that_others_share_are_not_counted(tmp_path: Path) -> None:
    async with watched(FakeClock(), tmp_path) as it:
        for _ in range(LIMIT + 1):
            it.breaker.count(429, "shared")
        for status in (200, 400, 404, 500):
            for _ in range(LIMIT):
                it.breaker.count(status)
        for _ in range(100):
            assert await it.ask("/channels/1001/messages", 429, method="POST", scope="shared") == 429
        assert not it.breaker.is_open
        assert not it.breaker._refused


async def test_a_channel_that_refuses_is_left_alone_and_no_other(tmp_path: Path) -> None:
    async with watched(FakeClock(), tmp_path) as it:
        for _ in range(IN_A_ROW):
            await it.ask("/channels/1001/messages", 403, method="POST")
        with pytest.raises(PlaceLeftAlone):
            await it.ask("/channels/1001/messages", method="POST")
        assert it.server.asked == IN_A_ROW
        for method, path in (
            ("POST", "/channels/1002/messages"),
            ("POST", "/channels/2001/messages"),
            ("PATCH", "/channels/1001/messages/5"),
            ("PUT", "/channels/1001/messages/5/reactions/x/@me"),
            ("GET", "/channels/1001/messages"),
            ("PATCH", "/webhooks/1001/token/messages/@original"),
            ("POST", "/interactions/1001/token/callback"),
        ):
            assert await it.ask(path, method=method) == 200, path


@pytest.mark.parametrize("status", [401, 429, 500, 503])
async def test_what_is_no_word_about_a_place_counts_neither_way(tmp_path: Path, status: int) -> None:
    async with watched(FakeClock(), tmp_path) as it:
        for _ in range(IN_A_ROW - 1):
            await it.ask("/channels/1001/messages", 403, method="POST")
        for _ in range(20):
            await it.ask("/channels/1001/messages", status, method="POST")
        await it.ask("/channels/1001/messages", 403, method="POST")
        with pytest.raises(PlaceLeftAlone):
            await it.ask("/channels/1001/messages", method="POST")


async def invalid_requests(world: FastWorld) -> int:
    """Return how many answers Discord would count towards a ban."""
    async with aiohttp.ClientSession() as session, session.get(f"{world.discord.origin}/page/state") as state:
        return int((await state.json())["invalid_requests"])


@pytest.mark.timeout(120)
async def test_a_place_that_refuses_everything_is_left_alone_and_the_others_go_on(
    tmp_path: Path, small: Path
) -> None:
    async with open_fast(tmp_path, **MANY) as world, world.member("ann") as ann, world.member("ben") as ben:
        world.switch(always="stuck")
        cases = await ask_for(ann, [f"turned away {number}" for number in range(30)], small)
        for case in cases:
            await ann.sees(case.card, "Running")
        before = await invalid_requests(world)
        here = ann.channels["darkroom"]
        # Neither by the tokens nor by any other way into this channel.
        refusals = [
            {"method": "*", "path": path, "status": status, "body": {"code": code}, "times": 100_000}
            for path, status, code in ((f"^/channels/{here}/", 403, 50001), ("^/webhooks/", 404, 10015))
        ]
        world.faults(script=refusals)
        await world.finish()
        open_jobs = "SELECT id FROM jobs WHERE status NOT IN ('done', 'failed')"
        await until(lambda: not world.query(open_jobs), what=lambda: "all to come to an end", seconds=60)
        refused = await invalid_requests(world) - before
        print(f"30 jobs in a channel that refuses everything: {refused} refusals")  # noqa: T201 - docs/security.md
        assert refused <= 40
        assert [world.entries(case.card) for case in cases] == [PAID] * len(cases)
        assert world.query("SELECT * FROM places WHERE channel_id = ?", int(here))
        world.switch(always=None)
        world.faults(script=refusals[:1])
        card = await ben.edit("in another channel", small, channel="lounge")
        await ben.sees(card, "Done")
        world.faults(script=[])
