"""Keeps two bots running on one PostgreSQL server: one works, one waits, and something happens to whoever works."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import Self

from playground.bot_process import bare_environment
from tests.crash.faults import OF_THE_SERVER, Fault, happen
from tests.crash.killed import KILLED
from tests.crash.orders import Orders
from tests.crash.postgres_scene import PostgresScene
from tests.crash.roads import Road
from tests.crash.touches import KILL, Order
from tests.e2e.forked import Forked, start

LEASE_LOST = 75
RESTART_AFTER = 2.0
"""Seconds, as docs/cluster.md has a unit do it."""
LOOK_EVERY = 0.05
ENDS_WORK = frozenset({KILL, Fault.STOP, Fault.CUT, Fault.SILENCE})
"""What another process takes over after."""


class Host:
    """A place for one process, with a road of its own to PostgreSQL, and what runs there now."""

    def __init__(self, number: int, *, scene: PostgresScene) -> None:
        self._scene = scene
        self.number = number
        self.bot: Forked | None = None
        self.hit = False
        self.starts = 0
        self._connected, self._said = False, 0

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
        return alive and not self.hit and self.connected

    @property
    def connected(self) -> bool:
        """Whether it has been connected to Discord since it was started."""
        if not self._connected and self.log.exists():
            said, self._said = self._said, self.log.stat().st_size
            # Asked for all the time, and for as long as another one works it says nothing.
            self._connected = self._said > said and "Ready as" in self.log.read_text(errors="replace")
        return self._connected

    @property
    def road(self) -> Road:
        return self._scene.roads[self.number]

    async def begin(self) -> Forked:
        self.starts += 1
        self.hit, self._connected, self._said = False, False, 0
        environment = bare_environment(self._scene.settings_of(self.number))
        self.bot = await start(KILLED, str(self.trace), environment=environment, log=self.log)
        return self.bot

    @property
    def is_stopped(self) -> bool:
        with suppress(FileNotFoundError, ProcessLookupError):
            assert self.bot is not None
            stat = Path(f"/proc/{self.bot.pid}/stat").read_text()
            return stat.rpartition(")")[2].split()[0] == "T"
        return False


class Pair:
    """Starts bots to which ``orders`` happen, one after the other: each to whoever works then.

    ``kills`` names what happened at which touch, ``take_overs`` how many seconds went by until another was
    connected to Discord, ``surprises`` tells of bots that ended by themselves with anything but 75.
    """

    def __init__(self, *, scene: PostgresScene, orders: Orders, hosts: Sequence[Host]) -> None:
        self._scene = scene
        self._orders = orders
        self._hosts = hosts
        self._closing = False
        self._server = asyncio.Lock()
        self._happening: set[asyncio.Task[None]] = set()
        self.kills: list[str] = []
        self.take_overs: list[float] = []
        self.surprises: list[str] = []

    @classmethod
    @asynccontextmanager
    async def of(cls, scene: PostgresScene, orders: Sequence[Order]) -> AsyncGenerator[Self]:
        folder = Orders(scene.orders)
        folder.write(orders)
        hosts = [Host(number, scene=scene) for number in range(2)]
        pair = cls(scene=scene, orders=folder, hosts=hosts)
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
    def pending(self) -> bool:
        """Whether more is to happen than what a process has taken to heart already."""
        return self._orders.left > 0

    def drop(self) -> None:
        """Have nothing more happen but that."""
        self._orders.drop()

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

    async def _keep(self, host: Host) -> None:
        if host.number:
            # The first is to be the one that works.
            while not (self._closing or self._hosts[0].touches):
                await asyncio.sleep(LOOK_EVERY)
        while not self._closing:
            bot = await host.begin()
            if self._closing:
                bot.kill()
            await self._accompany(host, bot)
            if self._closing:
                return
            self._check_end(host, bot)
            await self._scene.pass_time()
            await asyncio.sleep(RESTART_AFTER / self._scene.haste)

    async def _accompany(self, host: Host, bot: Forked) -> None:
        """Do what was ordered whenever it stops for that, until it has ended."""
        ending, doing = asyncio.ensure_future(bot.wait()), None
        while not ending.done():
            await asyncio.wait({ending}, timeout=LOOK_EVERY)
            idle = doing is None or doing.done()
            if idle and not ending.done() and host.is_stopped:
                doing = self._happen(host, bot)

    def _happen(self, host: Host, bot: Forked) -> "asyncio.Task[None]":
        fault = self._note(host)
        return self._begin(self._do(host, bot, Fault(fault)))

    async def _do(self, host: Host, bot: Forked, fault: Fault) -> None:
        # Two things at once are too much for one server.
        async with self._server if fault in OF_THE_SERVER else nullcontext():
            await happen(
                fault,
                road=host.road,
                server=self._scene.server,
                go_on=lambda: _go_on(bot),
                haste=self._scene.haste,
            )
        if fault in ENDS_WORK:
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

    def _note(self, host: Host) -> str:
        """Write down what happens to it, as it says itself, and where; return what."""
        self.kills.append(host.touches[-1])
        here = Order.read(self.kills[-1])
        if here.fault in ENDS_WORK:
            if host.connected and not host.hit:
                self._begin(self._time_take_over(host))
            host.hit = True
        return here.fault

    async def _time_take_over(self, hit: Host) -> None:
        """Measure how long it takes until somebody works, if another one was there and nothing else happens."""
        other = self._hosts[1 - hit.number]
        began, happened = time.monotonic(), len(self.kills)
        if other.hit or other.bot is None or other.bot.returncode is not None or not other.log.exists():
            return
        # Whoever was killed is soon back, and may be the first to ask when the lease is over.
        while not self.ready:
            await asyncio.sleep(LOOK_EVERY)
            if len(self.kills) != happened:
                return
        self.take_overs.append(time.monotonic() - began)

    def _check_end(self, host: Host, bot: Forked) -> None:
        if bot.returncode == -signal.SIGKILL:
            self._note(host)
        elif bot.returncode != LEASE_LOST:
            self.surprises.append(f"a bot ended by itself with {bot.returncode} ({host.log.name})")

    async def _watch(self) -> None:
        """Note who holds the leases, and lead webhooks to whoever works."""
        led = None
        while not self._closing:
            self._scene.look_at_leases()
            if (host := self._working()) not in {None, led}:
                assert host is not None
                await self._scene.webhooks.lead_to(self._scene.webhook_ports[host.number])
                led = host
            await asyncio.sleep(0.1)


def _go_on(bot: Forked) -> None:
    with suppress(ProcessLookupError):
        os.kill(bot.pid, signal.SIGCONT)
