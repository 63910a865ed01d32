"""Asking without webhooks: the real bot finds out by itself whether one request can tell of all jobs."""

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
        assert questions(world, "three") - before == asked
        await world.finish()
        for card in cards:
            await ann.sees(card, "Done · 4 credits")


async def test_a_page_of_html_in_place_of_the_list_costs_nobody_anything(tmp_path: Path, small: Path) -> None:
    page = {"path": "/jobs$", "status": 200, "body": "<html><title>Just a moment</title></html>", "times": 99}
    async with (
        open_world(tmp_path, latency=1000.0, webhooks=False, switches={"script": [page]}) as world,
        world.member("ann") as ann,
    ):
        cards = await running(world, ann, ["one", "two"], small)
        await until(lambda: lists(world) == 1, what=lambda: "that the list is tried")
        await world.finish()
        for card in cards:
            await ann.sees(card, "Done · 4 credits")
        assert lists(world) == 1
        assert min(questions(world, prompt) for prompt in ("one", "two")) >= 1
