"""Keeps two bots running on one PostgreSQL server: one works, one waits, and something happens to whoever works."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Self

from tests.crash.faults import Fault, happen
from tests.crash.killed import KILLED
from tests.crash.postgres_scene import PostgresScene
from tests.crash.proxy import Proxy
from tests.crash.touches import KILL, Order
from tests.e2e.forked import Forked, start

LEASE_LOST = 75
RESTART_AFTER = 2.0
"""Seconds, as docs/cluster.md has a unit do it."""
LOOK_EVERY = 0.02
ENDS_WORK = frozenset({KILL, Fault.STOP, Fault.CUT, Fault.SILENCE})
"""What another process takes over after."""


class Host:
    """A place for one process, with a road of its own to PostgreSQL, and what runs there now."""

    def __init__(self, number: int, *, scene: PostgresScene, proxy: Proxy) -> None:
        self._scene = scene
        self.number = number
        self.proxy = proxy
        self.bot: Forked | None = None
        self.hit = False
        self.starts = 0
        self._connected = False

    @property
    def log(self) -> Path:
        return self._scene.folder / f"bot-{self.number}-{self.starts}.log"

    @property
    def trace(self) -> Path:
        return self._scene.folder / f"trace-{self.number}-{self.starts}"

    @property
    def touches(self) -> list[str]:
        return self.trace.read_text().splitlines() if self.trace.exists() else []

    @property
    def works(self) -> bool:
        """Whether it is connected to Discord and nothing has happened to it."""
        alive = self.bot is not None and self.bot.returncode is None
        return (
            alive
            and not self.hit
            and self.log.exists()
            and "Ready as" in self.log.read_text(errors="replace")
        )

    async def begin(self, orders: Sequence[Order]) -> Forked:
        self.starts += 1
        self.hit = self._connected = False
        settings = self._scene.settings_of(self.number, database_port=self.proxy.port)
        self.bot = await start(
            KILLED,
            str(self.trace),
            *map(str, orders),
            environment={**os.environ, **settings},
            log=self.log,
        )
        return self.bot

    @property
    def is_stopped(self) -> bool:
        with suppress(FileNotFoundError, ProcessLookupError):
            assert self.bot is not None
            stat = Path(f"/proc/{self.bot.pid}/stat").read_text()
            return stat.rpartition(")")[2].split()[0] == "T"
        return False


class Pair:
    """Starts bots to which ``orders`` happen in their turn: whoever starts gets those up to one that ends it.

    ``kills`` names what happened at which touch, ``take_overs`` how many seconds went by until another was
    connected to Discord, ``surprises`` tells of bots that ended by themselves with anything but 75.
    """

    def __init__(self, *, scene: PostgresScene, orders: Sequence[Order], hosts: Sequence[Host]) -> None:
        self._scene = scene
        self._orders = list(orders)
        self._hosts = hosts
        self._closing = False
        self._happening: set[asyncio.Task[None]] = set()
        self.kills: list[str] = []
        self.take_overs: list[float] = []
        self.surprises: list[str] = []

    @classmethod
    @asynccontextmanager
    async def of(cls, scene: PostgresScene, orders: Sequence[Order]) -> AsyncGenerator[Self]:
        async with AsyncExitStack() as stack:
            roads = [await stack.enter_async_context(Proxy.to(scene.server.port)) for _ in range(2)]
            hosts = [Host(number, scene=scene, proxy=road) for number, road in enumerate(roads)]
            pair = cls(scene=scene, orders=orders, hosts=hosts)
            running = [asyncio.create_task(pair._keep(host)) for host in hosts]
            running.append(asyncio.create_task(pair._watch()))
            try:
                yield pair
            finally:
                pair._closing = True
                for host in hosts:
                    if host.bot is not None:
                        host.bot.kill()
                for task in pair._happening:
                    task.cancel()
                await asyncio.gather(*running, *pair._happening, return_exceptions=True)
                # What went wrong here is not to pass for a run in which nothing did.
                pair.surprises.extend(repr(task.exception()) for task in running if task.exception())

    @property
    def ready(self) -> bool:
        """Whether somebody works."""
        return self._working() is not None

    @property
    def quiet(self) -> bool:
        """Whether nothing is happening to anybody, and both are there."""
        alive = all(host.bot is not None and host.bot.returncode is None for host in self._hosts)
        return alive and not self._happening and not any(host.hit for host in self._hosts)

    @property
    def touches(self) -> list[str]:
        """The touches of whoever works now."""
        host = self._working()
        return [] if host is None else host.touches

    async def died(self) -> None:
        """Wait until whoever works now does no more."""
        while self.ready:
            await asyncio.sleep(LOOK_EVERY)

    def _working(self) -> Host | None:
        return next((host for host in self._hosts if host.works), None)

    def _next_orders(self) -> list[Order]:
        """Return what happens to the next process: up to what ends it, as far as anybody knows."""
        taken: list[Order] = []
        while self._orders:
            taken.append(self._orders.pop(0))
            if taken[-1].fault in ENDS_WORK:
                break
        return taken

    async def _keep(self, host: Host) -> None:
        if host.number:
            # The first is to be the one that works.
            while not (self._closing or self._hosts[0].touches):
                await asyncio.sleep(LOOK_EVERY)
        while not self._closing:
            orders = self._next_orders()
            bot = await host.begin(orders)
            if self._closing:
                bot.kill()
            await self._accompany(host, bot, orders)
            if self._closing:
                return
            self._check_end(host, bot, orders)
            await self._scene.pass_time()
            await asyncio.sleep(RESTART_AFTER / self._scene.haste)

    async def _accompany(self, host: Host, bot: Forked, orders: list[Order]) -> None:
        """Do what was ordered whenever it stops for that, until it has ended."""
        ending, doing = asyncio.ensure_future(bot.wait()), None
        while not ending.done():
            await asyncio.wait({ending}, timeout=LOOK_EVERY)
            waits = orders and orders[0].fault != KILL and (doing is None or doing.done())
            if waits and not ending.done() and host.is_stopped:
                doing = self._happen(host, bot, orders.pop(0))

    def _happen(self, host: Host, bot: Forked, order: Order) -> "asyncio.Task[None]":
        self._note(host, order)
        host.hit = order.fault in ENDS_WORK
        return self._begin(self._do(host, bot, Fault(order.fault)))

    async def _do(self, host: Host, bot: Forked, fault: Fault) -> None:
        await happen(
            fault,
            proxy=host.proxy,
            server=self._scene.server,
            go_on=lambda: _go_on(bot),
            haste=self._scene.haste,
        )
        # Whoever was not the one at work when it happened goes on waiting.
        await asyncio.sleep(RESTART_AFTER / self._scene.haste)
        if host.bot is bot:
            host.hit = False

    def _begin(self, work: Coroutine[object, object, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._happening.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._happening.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.surprises.append(repr(error))

    def _note(self, host: Host, order: Order) -> None:
        self.kills.append(f"{'' if order.fault == KILL else f'{order.fault}@'}{host.touches[-1]}")
        if order.fault in ENDS_WORK and host.works:
            self._begin(self._time_take_over(host))

    async def _time_take_over(self, hit: Host) -> None:
        """Measure how long it takes until the other one works, if it was there to take over."""
        other = self._hosts[1 - hit.number]
        began = time.monotonic()
        if other.bot is None or other.bot.returncode is not None or not other.log.exists():
            return
        started = other.starts
        while not other.works:
            if other.starts != started:
                return
            await asyncio.sleep(LOOK_EVERY)
        self.take_overs.append(time.monotonic() - began)

    def _check_end(self, host: Host, bot: Forked, orders: list[Order]) -> None:
        if bot.returncode == -signal.SIGKILL and orders and orders[0].fault == KILL:
            self._note(host, orders.pop(0))
        elif bot.returncode != LEASE_LOST:
            self.surprises.append(f"a bot ended by itself with {bot.returncode} ({host.log.name})")
        # What did not come about happens to whoever starts next.
        self._orders[:0] = orders

    async def _watch(self) -> None:
        """Note who holds the leases, and lead webhooks to whoever works."""
        while not self._closing:
            self._scene.look_at_leases()
            if (host := self._working()) is not None:
                self._scene.webhooks.lead_to(self._scene.webhook_ports[host.number])
            await asyncio.sleep(0.1)


def _go_on(bot: Forked) -> None:
    with suppress(ProcessLookupError):
        os.kill(bot.pid, signal.SIGCONT)
