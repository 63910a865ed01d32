"""The tree that is in the container's image: the bot runs from it, by its own .env, and says whether it is well."""

import asyncio
import os
import sys
from pathlib import Path

from tests.container import steps
from tests.e2e.world import World, open_world


async def healthy(world: World) -> int:
    """Run the image's health check as an engine does; return its exit status."""
    (check,) = (step for step in steps() if step.word == "HEALTHCHECK")
    _, *arguments = check.command
    listen = world.settings()["WEBHOOK_LISTEN"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        env={**os.environ, "WEBHOOK_LISTEN": listen},
        stderr=asyncio.subprocess.DEVNULL,
    )
    return await asyncio.wait_for(process.wait(), 30)


async def test_the_health_check_tells_a_bot_that_runs_from_one_that_does_not(tmp_path: Path) -> None:
    async with open_world(tmp_path, start=False, PIXELDOJO_WEBHOOK_URL="") as world:
        assert await healthy(world) != 0
        await world.start_bot()
        assert await healthy(world) == 0
