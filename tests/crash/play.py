"""What happens in a scene: three commands, a reaction, and a bot that is killed again and again; and once more."""

import asyncio
import json
import os
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

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

FOR_EACH = 60.0
"""Seconds that a run may take for each thing that happens in it, beside its beginning and its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run: what the world is like, and what happens to the bots.

    ``pair``: two of them, on PostgreSQL, with leases that are ``haste`` times shorter.
    """

    mode: Mode
    pair: bool = False
    haste: float = 1.0
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run in one of the worlds; ``touches`` are those of the last bot, ``take_overs`` in seconds.

    ``load``: how many programs were in line for the machine in the last minute.
    """

    mode: str
    pair: bool
    kills: tuple[str, ...]
    take_overs: tuple[float, ...]
    touches: tuple[str, ...] = ()
    tally: Tally
    seconds: float
    load: float
    folder: Path

    @classmethod
    def read(cls, line: str) -> Self:
        """Read what ``line`` wrote."""
        row: dict[str, Any] = json.loads(line)
        lists = {name: tuple(row[name]) for name in ("kills", "take_overs")}
        return cls(**{**row, **lists, "tally": Tally(**row["tally"]), "folder": Path(row["folder"])})

    def line(self) -> str:
        """Return it as a line of JSON, without the touches."""
        row = asdict(self)
        del row["touches"]
        return json.dumps(row, default=str)


async def play(plan: Plan, *, folder: Path, pictures: Sequence[Path], over: asyncio.Event) -> Outcome:
    """Play the scene to its end and look at what is left; once all is ``over`` nothing more happens in it."""
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        scene, supervisor = await _open(plan, folder, stack)
        ending = asyncio.create_task(_drop(supervisor, over))
        stack.callback(ending.cancel)
        tally = Tally()
        try:
            async with asyncio.timeout(3 * scene.patience + len(plan.orders) * FOR_EACH):
                while not supervisor.ready:
                    await asyncio.sleep(scene.look_every)
                ann, ben = [
                    await stack.enter_async_context(Member.at(scene.discord.origin, name))
                    for name in ("ann", "ben")
                ]
                members = Members(scene=scene, supervisor=supervisor, ann=ann, ben=ben)
                await members.act(pictures)
                while supervisor.pending and not supervisor.surprises:
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
            mode=plan.mode.name,
            pair=plan.pair,
            kills=tuple(supervisor.kills),
            take_overs=tuple(supervisor.take_overs),
            touches=tuple(supervisor.touches),
            tally=tally,
            seconds=time.monotonic() - began,
            load=os.getloadavg()[0],
            folder=folder,
        )


async def _drop(supervisor: "Supervisor | Pair", over: asyncio.Event) -> None:
    await over.wait()
    supervisor.drop()


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
        good = 0 if tally.findings > tally.for_good else good + 1
        # One that is stopped in the midst of something comes back and is to find nothing left to do.
        if (good >= 2 and supervisor.quiet) or supervisor.surprises:
            return tally
        if time.monotonic() > end:
            tally.restless = 1
            return tally
        await members.replay()
        await asyncio.sleep(scene.look_every * (2 if good else 1))
