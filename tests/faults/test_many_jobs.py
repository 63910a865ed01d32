"""A start with a thousand open jobs: all are taken up again at once, and the provider is not stormed."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from domain.clock import SystemClock
from tests.e2e.world import World, open_world, until
from tests.faults.open_jobs import Crowd, Sizes

THOUSAND = Sizes(queued=500, running=400, submitting=50, delivering=50)
PER_MINUTE, SUBMITS = 40, 10
"""The default budget."""
PATIENCE = 20.0
"""Seconds that a crowded machine may take for what takes three on an idle one; the figure is printed."""
V2 = {"flags": 1 << 15, "components": [{"type": 10, "content": "Where all cards are."}]}


@asynccontextmanager
async def crowded(folder: Path, picture: Path) -> AsyncGenerator[World]:
    """Open a world whose bot has not started yet and has a thousand open jobs."""
    settings = {
        "PIXELDOJO_REQUESTS_PER_MINUTE": str(PER_MINUTE),
        "PIXELDOJO_SUBMITS_PER_MINUTE": str(SUBMITS),
        "MAX_JOBS_IN_FLIGHT": "1000",
        "MAX_JOBS_PER_MEMBER": "1000",
    }
    async with open_world(folder, start=False, **settings) as world:
        await Crowd(world, card=await a_card(world), picture=picture).write(THOUSAND)
        world.provider.control.skip(120)
        world.switch(requests_per_minute=PER_MINUTE, submits_per_minute=SUBMITS)
        yield world


async def a_card(world: World) -> tuple[int, int]:
    """Post a message in the bot's name; return channel and message."""
    channel = next(iter(world.discord.world.guild.channels)).id
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bot {world.discord.token}"}) as session,
        session.post(f"{world.discord.api_url}/channels/{channel}/messages", json=V2) as reply,
    ):
        assert reply.status == 200, await reply.text()
        return channel, int((await reply.json())["id"])


def taken_up(world: World) -> bool:
    """Tell whether every job has been scheduled, as far as its row shows it."""
    left = world.query(
        "SELECT count(*) FROM jobs WHERE status IN ('submitting', 'delivering')"
        " OR (status = 'queued' AND sources_ready = 0)"
    )
    return left[0][0] == 0 and f"{THOUSAND.all:d} open jobs are taken up again" in world.log()


def requests_since(world: World, moment: int) -> list[dict[str, Any]]:
    """Return what the bot asked of the provider's interface since a moment in Unix milliseconds."""
    return [each for each in world.provider.log if each["at"] >= moment and "/api/v1/" in each["path"]]


def submits_of(world: World, moment: int) -> list[dict[str, Any]]:
    return [each for each in requests_since(world, moment) if each["method"] == "POST"]


def most_in_a_minute(requests: list[dict[str, Any]]) -> int:
    """Return how many of these requests the busiest minute had."""
    moments = sorted(each["at"] for each in requests)
    return max((at - bisect_left(moments, moments[at] - 60_000) + 1 for at in range(len(moments))), default=0)


@pytest.mark.parametrize(
    "watched", [0.0, pytest.param(75.0, marks=[pytest.mark.slow, pytest.mark.timeout(180)])]
)
async def test_a_thousand_open_jobs_are_taken_up_within_the_budget(
    tmp_path: Path, small: Path, capsys: pytest.CaptureFixture[str], watched: float
) -> None:
    async with crowded(tmp_path, small) as world:
        began, moment = time.monotonic(), SystemClock().now()
        await world.start_bot()
        await until(lambda: taken_up(world), what=lambda: "all jobs to be taken up", seconds=PATIENCE)
        took = time.monotonic() - began
        await until(lambda: bool(submits_of(world, moment)), what=lambda: "the first submission")
        await asyncio.sleep(watched)
        asked, submits = requests_since(world, moment), submits_of(world, moment)
        with capsys.disabled():
            print(  # noqa: T201 - the figure that is asked for
                f"\n{THOUSAND.all:,} open jobs taken up {took:.1f} s after the start;"
                f" the busiest minute had {most_in_a_minute(asked)} requests, {most_in_a_minute(submits)} of"
                f" them submissions"
            )
        assert most_in_a_minute(asked) <= PER_MINUTE
        assert most_in_a_minute(submits) <= SUBMITS
        assert [each for each in asked if each["status"] == 429] == []
        assert world.query("SELECT count(*) FROM jobs WHERE status = 'unknown'")[0][0] == THOUSAND.submitting
        assert world.query("SELECT count(*) FROM jobs WHERE status = 'done'")[0][0] == THOUSAND.delivering
