"""Keeps a bot running: whenever one has ended, as ordered, the next one starts."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from tests.crash.bots import Bot, ForkServer
from tests.crash.scene import Scene
from tests.crash.touches import Order


class Supervisor:
    """Starts bots that end at ``orders``, one after the other, and at last one that lives on.

    ``kills`` names the touch at which each ended; ``surprises`` tells of bots that ended by themselves.
    """

    def __init__(self, *, fork_server: ForkServer, scene: Scene, orders: Sequence[Order]) -> None:
        self._fork_server = fork_server
        self._scene = scene
        self._orders = list(orders)
        self._bot: Bot | None = None
        self._closing = False
        self.kills: list[str] = []
        self.surprises: list[str] = []

    @classmethod
    @asynccontextmanager
    async def of(cls, fork_server: ForkServer, scene: Scene, orders: Sequence[Order]) -> AsyncGenerator[Self]:
        supervisor = cls(fork_server=fork_server, scene=scene, orders=orders)
        running = asyncio.create_task(supervisor._run())
        try:
            yield supervisor
        finally:
            supervisor._closing = True
            if supervisor._bot is not None:
                await supervisor._bot.kill()
            await running

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
            await asyncio.wait({self._bot.ended})

    async def _run(self) -> None:
        while not self._closing:
            order = self._orders.pop(0) if self._orders else None
            self._bot = await self._fork_server.start(
                settings=self._scene.settings(), log=self._scene.log, trace=self._trace, order=order
            )
            if self._closing:
                # Whoever closes has killed the one before.
                await self._bot.kill()
            status = await self._bot.ended
            if self._closing:
                return
            if status != -signal.SIGKILL:
                self.surprises.append(f"a bot ended by itself with {status}")
                return
            self.kills.append(self.touches[-1])
            await self._scene.pass_time()
