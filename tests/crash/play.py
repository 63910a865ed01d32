"""What happens in a scene: three commands, a reaction, and a bot that is killed again and again."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.crash.checks import Tally, look
from tests.crash.members import Members
from tests.crash.modes import Mode
from tests.crash.scene import Scene, open_scene
from tests.crash.supervisor import Supervisor
from tests.crash.touches import Order
from tests.e2e.member import Failed, Member
from tests.e2e.world import free_port

PATIENCE = 20.0
"""Seconds within which everything is at rest after the last kill; what is not by then never will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run: what the world is like, and where each bot ends."""

    mode: Mode
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run; ``touches`` are those of the last bot."""

    plan: Plan
    kills: tuple[str, ...]
    touches: tuple[str, ...]
    tally: Tally
    seconds: float
    folder: Path


async def play(plan: Plan, *, folder: Path, pictures: Sequence[Path]) -> Outcome:
    """Play the scene to its end and look at what is left."""
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        scene = await stack.enter_async_context(open_scene(folder, plan.mode, webhook_port=free_port()))
        supervisor = await stack.enter_async_context(Supervisor.of(scene, plan.orders))
        tally = Tally()
        try:
            async with asyncio.timeout(3 * PATIENCE):
                ann, ben = [
                    await stack.enter_async_context(Member.at(scene.discord.origin, name))
                    for name in ("ann", "ben")
                ]
                members = Members(scene=scene, supervisor=supervisor, ann=ann, ben=ben)
                await members.act(pictures)
                tally = await _settle(scene, supervisor, members)
        except (TimeoutError, Failed) as error:
            tally = look(await scene.see())
            supervisor.surprises.append(f"the members gave up: {error!r}")
        tally.surprises = len(supervisor.surprises)
        tally.notes.extend(supervisor.surprises)
        return Outcome(
            plan=plan,
            kills=tuple(supervisor.kills),
            touches=tuple(supervisor.touches),
            tally=tally,
            seconds=time.monotonic() - began,
            folder=folder,
        )


async def _settle(scene: Scene, supervisor: Supervisor, members: Members) -> Tally:
    """Wait until nothing is wrong, twice in a row, or for as long as that may take."""
    end, good = time.monotonic() + PATIENCE, 0
    while True:
        tally = look(await scene.see())
        good = 0 if tally.findings else good + 1
        if good == 2 or time.monotonic() > end or supervisor.surprises:
            return tally
        await members.replay()
        await asyncio.sleep(0.08 if good else 0.04)
