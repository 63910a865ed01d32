"""Asking without webhooks: the real bot finds out by itself whether one request can tell of all jobs."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.e2e.member import Member, Message
from tests.e2e.waiting import until
from tests.e2e.world import World, open_world

JOBS = "/api/v1/jobs"


def lists(world: World) -> int:
    return sum(each["path"] == JOBS for each in world.provider.log)


def questions(world: World, prompt: str) -> int:
    """Return how often a job was asked about by itself."""
    path = f"{JOBS}/{world.job_at_provider(prompt)['id']}"
    return sum(each["path"] == path for each in world.provider.log)


async def running(world: World, member: Member, prompts: Sequence[str], photo: Path) -> list[Message]:
    cards = [await member.edit(prompt, photo) for prompt in prompts]
    for card in cards:
        await world.status(card, "running")
    return cards


@pytest.mark.parametrize(("shape", "asked"), [("jobs", 0), ("summary", 1)])
async def test_running_jobs_are_asked_about_with_one_request(
    tmp_path: Path, small: Path, shape: str, asked: int
) -> None:
    """A list that shows results is all it takes; one without them leads to one question for each end."""
    switches = {"list_shape": shape}
    async with (
        open_world(tmp_path, latency=1000.0, webhooks=False, switches=switches) as world,
        world.member("ann") as ann,
    ):
        cards = await running(world, ann, ["one", "two", "three"], small)
        await until(lambda: lists(world) >= 2, what=lambda: "that the list is relied on")
        before = questions(world, "three")
        await world.finish(world.job_at_provider("three")["id"])
        await ann.sees(cards[2], "Done · 4 credits")
        # A list that was under way when the question was asked may raise it once more.
        assert asked <= questions(world, "three") - before <= 2 * asked
        await world.finish()
        for card in cards:
            await ann.sees(card, "Done · 4 credits")


async def test_a_bot_that_is_killed_again_and_again_keeps_to_the_limit_of_a_minute(tmp_path: Path) -> None:
    """Each start asks for the catalogue, and dies while it waits for the answer."""
    limit = 3
    late = {"path": "/models$", "method": "GET", "delay": 0.3, "times": 99}
    async with open_world(
        tmp_path,
        start=False,
        webhooks=False,
        switches={"script": [late]},
        PIXELDOJO_REQUESTS_PER_MINUTE=str(limit),
    ) as world:
        began = time.monotonic()
        for life in range(5):
            await world.start_bot()
            if life == 0:
                await until(lambda: bool(world.provider.log), what=lambda: "the first call")
            await world.kill_bot()
        assert 1 <= len(world.provider.log) <= limit
        assert time.monotonic() - began < 60.0, "all of it lies in one minute"
