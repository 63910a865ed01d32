"""The breaker: after a hundred refused requests in ten minutes none is sent, and the log says so."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from adapters.breaker import LIMIT, WINDOW, Breaker, BreakerOpen
from tests.clock import FakeClock
from tests.e2e.world import until
from tests.faults.fast_world import MANY, PAID, ask_for, open_fast


class Refuser:
    """A server that answers with the status in the path and counts."""

    def __init__(self) -> None:
        self.asked = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(status=int(request.match_info["status"]))


@asynccontextmanager
async def watched(clock: FakeClock) -> AsyncGenerator[tuple[aiohttp.ClientSession, str, Refuser]]:
    """Open a session that the breaker watches, and a server for it."""
    refuser = Refuser()
    app = web.Application()
    app.router.add_get("/{status}", refuser.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    try:
        async with aiohttp.ClientSession(trace_configs=[Breaker(clock=clock).trace()]) as session:
            yield session, f"http://{host}:{port}", refuser
    finally:
        await runner.cleanup()


async def test_it_stops_at_a_hundred_says_so_once_and_goes_on_ten_minutes_later(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = FakeClock()
    async with watched(clock) as (session, url, server):
        for number in range(LIMIT):
            async with session.get(f"{url}/{(401, 403, 429)[number % 3]}"):
                pass
            await clock.advance(1.0)
        for _ in range(3):
            with pytest.raises(BreakerOpen):
                await session.get(f"{url}/200")
        assert server.asked == LIMIT
        assert [each.levelname for each in caplog.records] == ["CRITICAL"]
        await clock.advance(WINDOW - LIMIT + 0.5)
        async with session.get(f"{url}/403") as reply:
            assert reply.status == 403
        with pytest.raises(BreakerOpen):
            await session.get(f"{url}/200")
        assert server.asked == LIMIT + 1, "the oldest one was ten minutes old, the others are not"


async def test_other_answers_and_old_ones_do_not_count() -> None:
    clock = FakeClock()
    async with watched(clock) as (session, url, server):
        for _ in range(LIMIT):
            for status in (200, 400, 404, 500):
                async with session.get(f"{url}/{status}"):
                    pass
        for _ in range(2 * LIMIT):
            async with session.get(f"{url}/429"):
                pass
            await clock.advance(WINDOW / (LIMIT - 1))
        assert server.asked == 6 * LIMIT


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_a_bot_that_is_refused_everything_falls_silent_and_recovers(
    tmp_path: Path, small: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    async with open_fast(tmp_path, **MANY) as world, world.member("ann") as ann:
        world.troubles |= {"Discord refused 100 requests"}
        world.switch(always="stuck")
        cases = await ask_for(ann, [f"turned away {number}" for number in range(40)], small)
        for case in cases:
            await ann.sees(case.card, "Running")
        world.faults(script=[{"path": "/", "status": 403, "body": {"code": 0}, "times": 100_000}])
        await world.finish()
        await world.logged("Discord refused 100 requests in ten minutes")
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{world.discord.origin}/page/state") as state,
        ):
            refused = (await state.json())["invalid_requests"]
        assert LIMIT <= refused <= LIMIT + len(cases), "more than those that were under way when it opened"
        world.faults(script=[])
        # Ten minutes are twenty seconds here, and the longest pause between tries is as long.
        open_jobs = "SELECT id FROM jobs WHERE status <> 'done'"
        await until(lambda: not world.query(open_jobs), what=lambda: "all to be delivered", seconds=60)
        assert [world.entries(case.card) for case in cases] == [PAID] * len(cases)
