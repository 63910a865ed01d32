"""Several bot processes on one database: each is kept running, one works, the others wait to take over."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import aiohttp

from playground.bot_process import BotProcess
from playground.discord.jsons import JsonObject

RESTART_AFTER = 2.0
"""Seconds after which a process that has ended is started again, as docs/cluster.md has systemd do it."""
LOOK_EVERY = 0.2
"""Seconds between questions to each process."""
ANSWERS_WITHIN = 2.0
NOT_MENDED_BY_ANOTHER_START = frozenset({0, 78})
"""Exit statuses: a clean stop, and what is wrong with settings or files."""
KEPT = 20
State = Literal["starting", "waiting", "working", "ended"]
STATES: dict[str, State] = {"works": "working", "waits": "waiting"}
"""What ``/readyz`` says, for the page; whatever else it says is on the way to one of these."""


@dataclass(slots=True, kw_only=True)
class Seat:
    """A place for one process, and what the one that runs there now has been ``since`` (Unix seconds)."""

    number: int
    bot: BotProcess
    ready_url: str
    state: State = "starting"
    since: float = field(default_factory=time.time)

    def becomes(self, state: State) -> None:
        if state != self.state:
            self.state, self.since = state, time.time()

    def show(self) -> JsonObject:
        return {"number": self.number, "state": self.state, "since": self.since}


class Processes:
    """Keeps bots running, and knows who works by asking each for ``/readyz``.

    Parameters
    ----------
    bots
        Each with the address of its ``/readyz``, which says whether it works or waits.
    """

    def __init__(self, bots: Sequence[tuple[BotProcess, str]]) -> None:
        self._seats = [Seat(number=n, bot=bot, ready_url=url) for n, (bot, url) in enumerate(bots, 1)]
        self._last: Seat | None = None
        self._lost_at = 0.0
        self._take_overs: list[JsonObject] = []

    async def run(self) -> int:
        """Keep all of them running until one cannot be; return its exit status."""
        tasks = [asyncio.create_task(self._keep(seat)) for seat in self._seats]
        tasks.append(asyncio.create_task(self._look_on()))
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            return next(iter(done)).result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.gather(*(seat.bot.stop() for seat in self._seats))

    def show(self) -> JsonObject:
        """Return who does what since when (Unix seconds), and the latest take-overs, newest first."""
        nobody = self._last is not None and self._working() is None
        return {
            "now": time.time(),
            "nobody_since": self._lost_at if nobody else None,
            "processes": [seat.show() for seat in self._seats],
            "take_overs": self._take_overs,
        }

    def kill(self) -> JsonObject:
        """Kill the one at work.

        Raises
        ------
        ValueError
            Nobody is at work.
        """
        seat = self._working()
        if seat is None:
            raise ValueError("Nobody is at work just now: one of them is about to take over.")
        seat.bot.kill()
        return {"killed": seat.number}

    async def _keep(self, seat: Seat) -> int:
        while True:
            seat.becomes("starting")
            await seat.bot.start()
            status = await seat.bot.wait()
            self._leaves(seat)
            seat.becomes("ended")
            if status in NOT_MENDED_BY_ANOTHER_START:
                return status
            await asyncio.sleep(RESTART_AFTER)

    async def _look_on(self) -> int:
        timeout = aiohttp.ClientTimeout(total=ANSWERS_WITHIN)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                await asyncio.gather(*(self._look(session, seat) for seat in self._seats))
                await asyncio.sleep(LOOK_EVERY)

    async def _look(self, session: aiohttp.ClientSession, seat: Seat) -> None:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with session.get(seat.ready_url) as reply:
                if seat.state == "ended":
                    return
                told = STATES.get((await reply.json())["state"], "starting")
                if told == "working" and seat.state != "working":
                    self._takes_over(seat)
                elif told != "working":
                    self._leaves(seat)
                seat.becomes(told)

    def _working(self) -> Seat | None:
        return next((seat for seat in self._seats if seat.state == "working"), None)

    def _leaves(self, seat: Seat) -> None:
        if seat.state == "working":
            self._last, self._lost_at = seat, time.time()

    def _takes_over(self, seat: Seat) -> None:
        if self._last is not None:
            now = time.time()
            told = {"at": now, "from": self._last.number, "to": seat.number, "seconds": now - self._lost_at}
            self._take_overs = [told, *self._take_overs][:KEPT]
