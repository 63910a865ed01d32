"""What happens in a scene: three commands, a reaction, and a bot that is killed again and again."""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, fields
from pathlib import Path

from tests.crash.checks import Tally, look
from tests.crash.members import Members
from tests.crash.modes import Mode
from tests.crash.pair import Pair
from tests.crash.postgres_scene import open_postgres_scene
from tests.crash.scene import Scene, open_scene
from tests.crash.supervisor import Supervisor
from tests.crash.touches import Order
from tests.e2e.member import Failed, Member
from tests.e2e.world import free_port


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run: what the world is like, and where each bot ends.

    ``pair``: two of them, on PostgreSQL, with leases that are ``haste`` times shorter.
    """

    mode: Mode
    pair: bool = False
    haste: float = 1.0
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run; ``touches`` are those of the last bot, ``take_overs`` in seconds."""

    plan: Plan
    kills: tuple[str, ...]
    take_overs: tuple[float, ...]
    touches: tuple[str, ...]
    tally: Tally
    seconds: float
    folder: Path


async def play(plan: Plan, *, folder: Path, pictures: Sequence[Path]) -> Outcome:
    """Play the scene to its end and look at what is left."""
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        scene, supervisor = await _open(plan, folder, stack)
        tally = Tally()
        try:
            async with asyncio.timeout((3 + len(plan.orders)) * scene.patience):
                while not supervisor.ready:
                    await asyncio.sleep(scene.look_every)
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
        if tally.findings or supervisor.surprises:
            await _keep(scene)
        tally.surprises = len(supervisor.surprises)
        tally.notes.extend(supervisor.surprises)
        return Outcome(
            plan=plan,
            kills=tuple(supervisor.kills),
            take_overs=tuple(supervisor.take_overs),
            touches=tuple(supervisor.touches),
            tally=tally,
            seconds=time.monotonic() - began,
            folder=folder,
        )


async def _keep(scene: Scene) -> None:
    """Write down what was seen: a server of one's own is gone with its run."""
    seen = await scene.see()
    rows = {each.name: getattr(seen, each.name) for each in fields(seen)}
    scene.folder.joinpath("seen.json").write_text(json.dumps(rows, default=str, indent=1))


async def _open(plan: Plan, folder: Path, stack: AsyncExitStack) -> "tuple[Scene, Supervisor | Pair]":
    if plan.pair:
        both = await stack.enter_async_context(open_postgres_scene(folder, plan.mode, haste=plan.haste))
        return both, await stack.enter_async_context(Pair.of(both, plan.orders))
    scene = await stack.enter_async_context(open_scene(folder, plan.mode, webhook_port=free_port()))
    return scene, await stack.enter_async_context(Supervisor.of(scene, plan.orders))


async def _settle(scene: Scene, supervisor: "Supervisor | Pair", members: Members) -> Tally:
    """Wait until nothing is wrong, twice in a row, or for as long as that may take."""
    end, good = time.monotonic() + scene.patience, 0
    while True:
        tally = await asyncio.to_thread(look, await scene.see())
        good = 0 if tally.findings else good + 1
        # One that is stopped in the midst of something comes back and is to find nothing left to do.
        if (good >= 2 and supervisor.quiet) or time.monotonic() > end or supervisor.surprises:
            return tally
        await members.replay()
        await asyncio.sleep(scene.look_every * (2 if good else 1))
