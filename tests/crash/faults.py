"""What can happen to a process, and to the server that it keeps its rows on."""

import asyncio
from collections.abc import Callable
from enum import StrEnum

from playground.postgres import PrivatePostgres
from tests.crash.roads import Road

STOPPED_FOR = 20.0
"""Seconds for which a stopped process stands still: twice a lease."""
AWAY_FOR = 15.0
"""Seconds for which PostgreSQL is away, or cut off, at the worst: longer than a lease."""


class Fault(StrEnum):
    """Beside ``kill``, which a process does to itself."""

    STOP = "stop"
    """SIGSTOP, and SIGCONT when another one works."""
    CUT = "cut"
    """Its connections to PostgreSQL are reset, and so is each new one, for longer than a lease."""
    SILENCE = "silence"
    """Nothing passes between it and PostgreSQL for as long, and nobody says so."""
    BLINK = "blink"
    """Its connections to PostgreSQL are reset once."""
    RESTART = "restart"
    """PostgreSQL is restarted."""
    CRASH = "crash"
    """PostgreSQL is killed and started again."""
    AWAY = "away"
    """PostgreSQL is killed and comes back after more than a lease."""


OF_THE_SERVER = frozenset({Fault.RESTART, Fault.CRASH, Fault.AWAY})
"""What happens to both processes."""


async def happen(
    fault: Fault, *, road: Road, server: PrivatePostgres, go_on: Callable[[], None], haste: float
) -> None:
    """Do it while the process stands still at a touch, and let it go on when that is what happens next.

    With ``haste`` spans are so many times shorter, as leases are then.
    """
    match fault:
        case Fault.STOP:
            await asyncio.sleep(STOPPED_FOR / haste)
        case Fault.CUT:
            await road.cut()
        case Fault.SILENCE:
            await road.swallow()
        case Fault.BLINK:
            await road.cut()
            await road.pass_on()
        case Fault.RESTART:
            await asyncio.to_thread(server.restart)
        case Fault.CRASH | Fault.AWAY:
            await asyncio.to_thread(server.crash)
    go_on()
    if fault in {Fault.CUT, Fault.SILENCE, Fault.AWAY}:
        await asyncio.sleep(AWAY_FOR / haste)
        await road.pass_on()
    if fault in {Fault.CRASH, Fault.AWAY}:
        await asyncio.to_thread(server.start)
