"""Keeps a bot running: whenever one has ended, as ordered, the next one starts."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from playground.bot_process import bare_environment
from tests.crash.killed import KILLED
from tests.crash.scene import Scene
from tests.crash.touches import Order
from tests.e2e.forked import Forked, start


class Supervisor:
    """Starts bots that end at ``orders``, one after the other, and at last one that lives on.

    ``kills`` names the touch at which each ended; ``surprises`` tells of bots that ended by themselves.
    """

    def __init__(self, *, scene: Scene, orders: Sequence[Order]) -> None:
        self._scene = scene
        self._orders = list(orders)
        self._bot: Forked | None = None
        self._closing = False
        self.kills: list[str] = []
        self.take_overs: list[float] = []
        self.surprises: list[str] = []

    @classmethod
    @asynccontextmanager
    async def of(cls, scene: Scene, orders: Sequence[Order]) -> AsyncGenerator[Self]:
        supervisor = cls(scene=scene, orders=orders)
        running = asyncio.create_task(supervisor._run())
        try:
            yield supervisor
        finally:
            supervisor._closing = True
            if supervisor._bot is not None:
                supervisor._bot.kill()
            await running

    @property
    def ready(self) -> bool:
        """Whether there is no more to know than what Discord shows: one bot works or does not."""
        return True

    @property
    def quiet(self) -> bool:
        """Whether nothing is happening to anybody."""
        return True

    @property
    def pending(self) -> bool:
        """Whether there is more to come than the members' first wishes give rise to: never."""
        return False

    def drop(self) -> None:
        """Have nothing more happen: one that is killed in time is soon over."""

    @property
    def touches(self) -> list[str]:
        """The touches of the bot that runs now, or ran last."""
        trace = self._trace
        return trace.read_text().splitlines() if trace.exists() else []

    @property
    def _trace(self) -> Path:
        return self._scene.folder / f"trace-{len(self.kills)}"

    async def died(self) -> None:
        """Wait until the bot that runs now is no more."""
        if self._bot is not None:
            await self._bot.wait()

    async def _run(self) -> None:
        while not self._closing:
            order = self._orders.pop(0) if self._orders else None
            arguments = [str(self._trace), *([] if order is None else [str(order)])]
            environment = bare_environment(self._scene.settings())
            self._bot = await start(KILLED, *arguments, environment=environment, log=self._scene.log)
            if self._closing:
                # Whoever closes has killed the one before.
                self._bot.kill()
            status = await self._bot.wait()
            if self._closing:
                return
            if status != -signal.SIGKILL:
                self.surprises.append(f"a bot ended by itself with {status}")
                return
            self.kills.append(self.touches[-1])
            await self._scene.pass_time()
