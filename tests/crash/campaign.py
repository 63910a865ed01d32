"""Many runs: which there are, some at a time, and what came of all of them together."""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from tests.crash.checks import Tally
from tests.crash.faults import Fault
from tests.crash.modes import MODES, Mode
from tests.crash.play import Outcome, Plan, play
from tests.crash.touches import KILL, Order
from tests.e2e.pictures import COFFEE, small_photo

LANES = 2
"""Runs side by side: each has a bot process, and all share one process with the stand-ins."""
LANES_OF_PAIRS = 5
"""The same of runs with two processes, which wait most of the time for a lease to end."""
KINDS = (KILL, Fault.STOP, Fault.CUT, Fault.SILENCE, Fault.BLINK, Fault.CRASH, Fault.RESTART, Fault.AWAY)
"""What happens to a pair, in this order over and over."""
STARTING = 45
"""Touches of a start before the first member is served, about."""
STRIDE = 3
"""From what happened to what happens next: so each follows each other one in some run."""
GOLDEN = 0.6180339887
SHARES = {"webhooks": 1, "list": 4, "silent": 8, "spread": 6, "pauses": 4, "long": 8}
"""The whole proof: of each mode, every so manieth touch of an undisturbed run is a first kill."""
SHARES_OF_PAIRS = {"webhooks": 8, "list": 24, "silent": 48, "spread": 48, "pauses": 48}
"""The same for two processes, of each of ``KINDS``."""
FURTHER_OF_PAIRS = 1
"""The same for two processes: there what happens is in the recovery of what has happened before anyway."""
FAULTS = 24
"""What happens in one run with two processes: what is at its end must be true of all of it."""
ENDING = 300.0
"""Seconds for which runs that are under way may go on when no more begin."""
T = TypeVar("T")
FURTHER = 2
"""How many kills of the recovery follow each first kill of the whole proof."""


@dataclass(slots=True)
class Result:
    """What came of all runs so far."""

    seconds: float = 0.0
    outcomes: list[Outcome] = field(default_factory=list)

    def of(self, mode: str) -> "Result":
        """Return what came of the runs in one world."""
        return Result(outcomes=[outcome for outcome in self.outcomes if outcome.mode == mode])

    @property
    def bad(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.tally.findings]

    @property
    def kills(self) -> list[str]:
        return [kill for outcome in self.outcomes for kill in outcome.kills]

    @property
    def take_overs(self) -> list[float]:
        """How long each took in seconds, the shortest first."""
        return sorted(seconds for outcome in self.outcomes for seconds in outcome.take_overs)

    @property
    def tally(self) -> Tally:
        added = Tally()
        for outcome in self.outcomes:
            added.add(outcome.tally)
        return added

    def take(self, outcome: Outcome) -> None:
        """Take in one run; its folder is kept only where something is wrong."""
        self.outcomes.append(outcome)
        if not outcome.tally.findings:
            shutil.rmtree(outcome.folder)


class Campaign:
    """Plays plans in a folder, some at a time; ``tell`` is called with each outcome.

    ``pair``: two bots each, whose leases are ``haste`` times shorter than usual. ``done``: so many of a proof's
    plans have been played before, and are left out.
    """

    def __init__(
        self,
        folder: Path,
        *,
        pair: bool = False,
        haste: float = 1.0,
        lanes: int | None = None,
        done: int = 0,
        tell: Callable[[Outcome], None] | None = None,
    ) -> None:
        # A killed bot leaves half a request behind; that is no news.
        logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
        self._folder = folder
        self._pair = pair
        self._haste = haste
        self._lanes = lanes or (LANES_OF_PAIRS if pair else LANES)
        self._done = done
        self._over, self._gone = asyncio.Event(), asyncio.Event()
        self._tell = tell
        self._pictures = [
            small_photo(folder / "one.jpg"),
            small_photo(folder / "two.png", sample=COFFEE),
        ]
        self._number = 0
        self._touches: dict[str, list[Order]] = {}

    async def touches(self, mode: Mode) -> list[Order]:
        """Return the touches of undisturbed runs, in their order; they are played once."""
        if mode.name not in self._touches:
            self._touches[mode.name] = await self._undisturbed(mode)
        return self._touches[mode.name]

    async def _undisturbed(self, mode: Mode) -> list[Order]:
        result = await self.play([Plan(mode=mode, pair=self._pair, haste=self._haste)] * LANES)
        assert not result.bad, result.tally.notes
        found: dict[str, None] = {}
        for outcome in result.outcomes:
            found.update(dict.fromkeys(outcome.touches))
        return [Order.read(touch) for touch in found]

    async def play(self, plans: Sequence[Plan]) -> Result:
        """Play all of them."""
        result, waiting, began = Result(), iter(plans), time.monotonic()
        over, gone = (asyncio.create_task(each.wait()) for each in (self._over, self._gone))
        lanes = asyncio.create_task(self._all_lanes(waiting, result))
        try:
            await asyncio.wait({lanes, over}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({lanes, gone}, return_when=asyncio.FIRST_COMPLETED, timeout=self._ending())
        finally:
            for task in (lanes, over, gone):
                task.cancel()
            with suppress(asyncio.CancelledError):
                await lanes
        result.seconds = time.monotonic() - began
        return result

    async def _all_lanes(self, waiting: Iterator[Plan], result: Result) -> None:
        async with asyncio.TaskGroup() as lanes:
            for _ in range(self._lanes):
                lanes.create_task(self._lane(waiting, result))

    def end(self) -> None:
        """Begin no more runs, and have nothing more happen in those that are under way; called again, end them."""
        (self._gone if self._over.is_set() else self._over).set()

    def _ending(self) -> float | None:
        return ENDING if self._over.is_set() else None

    async def _lane(self, waiting: Iterator[Plan], result: Result) -> None:
        for plan in waiting:
            if self._over.is_set():
                return
            self._number += 1
            folder = self._folder / str(self._number)
            outcome = await play(plan, folder=folder, pictures=self._pictures, over=self._over)
            result.take(outcome)
            if self._tell is not None:
                self._tell(outcome)

    async def prove_pair(self, shares: dict[str, int], *, further: int, offset: int = 0) -> Result:
        """Do everything that can happen to a pair, each at every so manieth touch, and more in each recovery."""
        plans: list[Plan] = []
        for name, share in shares.items():
            mode, touches = MODES[name], await self.touches(MODES[name])
            steps: list[tuple[Order, ...]] = []
            for number in range(len(KINDS)):
                first = (offset + number * share // len(KINDS)) % len(touches)
                for place in range(first, len(touches), share):
                    orders = plan_for(mode, touches, place, further=further).orders
                    steps.append(with_kinds(orders, number))
            for some in batched(spread(steps), max(1, FAULTS // (1 + further))):
                orders = tuple(order for step in some for order in step)
                plans.append(Plan(mode=mode, pair=True, haste=self._haste, orders=orders))
        return await self.play(spread(plans)[self._done :])

    async def prove(self, shares: dict[str, int], *, further: int, offset: int = 0) -> Result:
        """Kill at every so manieth touch of each mode, and ``further`` times during each recovery."""
        plans: list[Plan] = []
        for name, share in shares.items():
            touches = await self.touches(MODES[name])
            plans += [
                plan_for(MODES[name], touches, place, further=further)
                for place in range(offset % len(touches), len(touches), share)
            ]
        return await self.play(plans)


def with_kinds(orders: Sequence[Order], number: int) -> tuple[Order, ...]:
    """Return the orders for what happens to a pair: first the ``number``-th of ``KINDS``."""
    kinds = [KINDS[(number + nth * STRIDE) % len(KINDS)] for nth in range(len(orders))]
    return tuple(replace(order, fault=kind) for order, kind in zip(orders, kinds, strict=True))


def spread(things: Sequence[T]) -> list[T]:
    """Return them in another order: whenever that is broken off, what came by then is a fair sample."""
    return [things[number] for number in sorted(range(len(things)), key=lambda number: number * GOLDEN % 1)]


def batched(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Return ``size`` at a time."""
    return (things[first : first + size] for first in range(0, len(things), size))


def plan_for(mode: Mode, touches: Sequence[Order], place: int, *, further: int) -> Plan:
    """Return the run whose first kill is at one of the touches.

    The others are spread evenly over what a recovery has left to do, and are the same every time.
    """
    left = STARTING + len(touches) - place
    spots = [int((place + 1) * (nth + 1) * GOLDEN % 1 * left) + 1 for nth in range(further)]
    return Plan(mode=mode, orders=(touches[place], *(Order(spot) for spot in spots)))
