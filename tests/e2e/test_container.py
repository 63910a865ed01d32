"""The tree that is in the container's image: the bot runs from it, by its own .env, and says whether it is well."""

import asyncio
import sys
from pathlib import Path

from playground.bot_process import bare_environment
from tests.container import build, steps
from tests.e2e.world import World, open_world


async def healthy(tree: Path, *more: str, **settings: str) -> int:
    """Run the image's health check as an engine does; return its exit status."""
    (check,) = (step for step in steps() if step.word == "HEALTHCHECK")
    _, *arguments = check.command
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        *more,
        cwd=tree,
        env=bare_environment(settings),
        stdout=asyncio.subprocess.DEVNULL,
    )
    return await asyncio.wait_for(process.wait(), 30)


def port_of(world: World) -> str:
    return world.settings()["WEBHOOK_LISTEN"].rpartition(":")[2]


async def test_the_health_check_tells_a_bot_that_runs_from_one_that_does_not(tmp_path: Path) -> None:
    """However the address is written: as an engine hands it over, so the bot reads it."""
    tree = tmp_path / "opt"
    build(tree)
    async with open_world(tmp_path / "world", start=False, PIXELDOJO_WEBHOOK_URL="") as world:
        written = f'"0.0.0.0:{port_of(world)}" # within the container'
        assert await healthy(tree, WEBHOOK_LISTEN=written) == 1
        await world.start_bot(WEBHOOK_LISTEN=written)
        for listen in (written, f"127.0.0.1:{port_of(world)}", f"'localhost:{port_of(world)}'"):
            assert await healthy(tree, WEBHOOK_LISTEN=listen) == 0
        assert await healthy(tree, "/healthz", WEBHOOK_LISTEN=written) == 0
        assert await healthy(tree, "/nothing", WEBHOOK_LISTEN=written) == 1
        assert await healthy(tree, WEBHOOK_LISTEN="nowhere") == 1
        assert await healthy(tree, WEBHOOK_LISTEN="") == 0, "a bot that was told not to listen is not ill"
