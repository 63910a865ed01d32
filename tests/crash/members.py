"""What the members do: three commands at once, then 🔁 on a card, whatever happens to the bot meanwhile; and again."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from tests.crash.modes import FAILING, FIRST, LARGE, kind_of, prompt_of
from tests.crash.scene import Row, Scene
from tests.e2e.member import Failed, Member

REPLAY_EVERY = 0.2
"""Seconds between calls of the provider for the same job."""
RANKS = (FIRST, LARGE, FAILING)
"""Whose card gets the reaction: the first of these that has ended."""
ENDED = frozenset({"done", "failed"})


class Keeper(Protocol):
    """Whoever keeps bots running: ``ready`` while none is on its way down, as far as that is known."""

    @property
    def ready(self) -> bool: ...

    async def died(self) -> None:
        """Wait until the one that works now is no more."""
        ...


class Members:
    """Ann and Ben; they see only what Discord shows, and whether a reaction has made a job."""

    def __init__(self, *, scene: Scene, supervisor: Keeper, ann: Member, ben: Member) -> None:
        self._scene = scene
        self._supervisor = supervisor
        self._ann = ann
        self._ben = ben
        self._replayed: dict[str, float] = {}
        self._round = 0

    @property
    def online(self) -> bool:
        """Whether Discord shows the bot as online."""
        told = next(each for each in reversed(self._ann.events) if each["t"] in {"bot", "hello"})
        return bool(told["d"]["bot"]["online"] if told["t"] == "hello" else told["d"]["online"])

    async def act(self, pictures: Sequence[Path]) -> None:
        """Do everything there is to do, once more each time."""
        self._round += 1
        ann, ben = self._ann, self._ben
        chosen, other = await ann.upload(*pictures), await ben.upload(pictures[0])
        await self._until_online()
        async with asyncio.TaskGroup() as together:
            for member, options in (
                (ann, {"prompt": self._prompt(FIRST), "image": chosen[0], "image2": chosen[1]}),
                (ben, {"prompt": self._prompt(FAILING), "image": other[0]}),
                (
                    ann,
                    {
                        "prompt": self._prompt(LARGE),
                        "image": chosen[0],
                        "count": self._scene.mode.large_count,
                    },
                ),
            ):
                together.create_task(self._command(member, options))
        await self._reroll()

    async def _until_online(self) -> None:
        async with asyncio.timeout(self._scene.patience):
            while not (self.online and self._supervisor.ready):
                await asyncio.sleep(self._scene.glance)

    def _prompt(self, kind: str) -> str:
        return prompt_of(kind, self._round)

    async def _command(self, member: Member, options: dict[str, object]) -> None:
        """Send a command and wait for an answer or the bot's death; it is sent once, whatever comes of it."""
        asking = asyncio.create_task(member.command("edit", **options))
        died = asyncio.create_task(self._supervisor.died())
        await asyncio.wait({asking, died}, return_when=asyncio.FIRST_COMPLETED)
        for task in (asking, died):
            task.cancel()
        await asyncio.wait({asking, died})
        if asking.cancelled():
            return
        try:
            self._scene.answered.add(f"i{asking.result()['d']['id']}")
        except Failed as error:
            # So it is when a bot dies; anything else is the page's refusal, and a mistake of the scene.
            if "did not respond" not in str(error):
                raise

    async def _reroll(self) -> None:
        """React to a card that has ended; take it back and react again as long as no job came of it."""
        while not self._rerolls() and (card := await self._ended_card()) is not None:
            message = {"id": str(card["card_id"]), "channel_id": str(card["card_channel_id"])}
            await self._until_online()
            await self._ann.react(message)
            await self._until_rerolled()
            if not self._rerolls():
                await self._until_online()
                await asyncio.sleep(0.05)  # a reaction that the bot has seen may be about to become a job
                if not self._rerolls():
                    await self._ann.unreact(message)

    async def _until_rerolled(self) -> None:
        died = asyncio.create_task(self._supervisor.died())
        for _ in range(100):
            await asyncio.wait({died}, timeout=0.02)
            if died.done() or self._rerolls():
                break
        died.cancel()

    def _rerolls(self) -> list[Row]:
        return [row for row in self._jobs() if row["origin"] == "reroll"]

    def _jobs(self) -> list[Row]:
        """Return what came of this round's wishes, the first command's first."""
        mine = [self._prompt(kind) for kind in RANKS]
        jobs = [row for row in self._scene.jobs() if row["prompt"] in mine]
        return sorted(jobs, key=lambda row: RANKS.index(kind_of(row["prompt"])))

    async def _ended_card(self) -> Row | None:
        """Return the job to do again: the first command's if it is done, else another; none if all are lost."""
        end = time.monotonic() + self._scene.patience / 2
        while time.monotonic() < end:
            jobs = self._jobs()
            # A card that failed by trouble at the provider takes no reaction for three minutes.
            ended = [row for row in jobs if row["status"] == "done" and row["card_id"]]
            waiting = any(self._may_end(row) for row in jobs)
            if ended and (ended[0] is jobs[0] or not waiting):
                return ended[0]
            if self.online and not waiting:
                return None
            await self.replay()
            await asyncio.sleep(self._scene.glance)
        return None

    def _may_end(self, row: Row) -> bool:
        """Tell whether a job is on its way to an end: a lost answer may never be found again."""
        if row["status"] != "unknown":
            return row["status"] not in ENDED
        at_provider = {job["prompt"] for job in self._scene.provider.control.state()["jobs"]}
        return self._scene.mode.names_lost_jobs and row["prompt"] in at_provider

    async def replay(self) -> None:
        """Have the provider call again for each job that ended there and not here."""
        if not self._scene.mode.webhooks or not self.online:
            return
        waiting = {row["prompt"] for row in self._scene.jobs() if row["status"] in {"running", "unknown"}}
        now = time.monotonic()
        for job in self._scene.provider.control.state()["jobs"]:
            due = now > self._replayed.get(job["id"], 0.0)
            if job["prompt"] in waiting and due and job["status"] in {"completed", "failed"}:
                self._replayed[job["id"]] = now + REPLAY_EVERY
                await self._scene.replay(job["id"])
