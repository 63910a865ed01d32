"""List, forecast and remembered calls in the whole product: ``python -m benchmarks.whole``.

All parts are the product's, put together by its own assembly (``assembled``), in simulated time, beside a provider
that takes 35 s in the median and 60 requests in any minute.

1. Jobs always in flight: from the end of a job to its discovery, where the provider's list is readable and
   where it is not.
2. A member asks for 30 jobs at once: how far off the start is that each card names first.
3. A look at 1,000 cards of waiting jobs, as every five seconds: how long it holds the event loop.
4. A bot that is killed every few seconds: requests in the fullest minute, where it is told of the calls of its
   earlier lives and where it is not.
"""

import argparse
import asyncio
import logging
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path

from benchmarks.assembled import Life
from benchmarks.simclock import SimulatedClock, SimulatedLoop, simulate
from benchmarks.simulated_provider import Provider
from storage import job_rows

LIMIT = 60
WARM_UP, SECONDS = 600.0, 1_800.0
WISHES, CARDS, LIVES = 30, 1_000, 40

Measured = Callable[[Path, SimulatedClock, random.Random], Coroutine[object, object, float]]


def discovery(*, in_flight: int, requests: int, lists: bool) -> Measured:
    """Return what measures the mean seconds from the end of a job to its discovery."""

    async def measure(folder: Path, clock: SimulatedClock, draw: random.Random) -> float:
        provider = Provider(clock, draw, LIMIT, latency=0.2, lists=lists)
        life = Life(
            folder,
            clock,
            provider,
            draw,
            MAX_JOBS_IN_FLIGHT=str(in_flight),
            MAX_JOBS_PER_MEMBER=str(in_flight),
            PIXELDOJO_REQUESTS_PER_MINUTE=str(requests),
            PIXELDOJO_SUBMITS_PER_MINUTE=str(requests),
        )
        await life.start()
        asked, early = 0, 0
        while clock.monotonic() < WARM_UP + SECONDS:
            # One more than fits, so that a place never waits.
            while asked - len(life.client.found) <= in_flight:
                await life.ask(f"wish {asked}")
                asked += 1
            early = early if clock.monotonic() > WARM_UP else len(life.client.found)
            await asyncio.sleep(0.5)
        return statistics.fmean(list(life.client.found.values())[early:])

    return measure


async def promises(folder: Path, clock: SimulatedClock, draw: random.Random) -> float:
    """Return by how many seconds the start was off in the mean that each of a member's cards named first."""
    life = Life(folder, clock, Provider(clock, draw, LIMIT, latency=0.2, lists=True), draw)
    await life.start()
    jobs = [await life.ask(f"wish {number}") for number in range(WISHES)]
    await asyncio.sleep(SECONDS)
    at_start = clock.now() / 1000 - clock.monotonic()
    return statistics.fmean(
        abs(at_start + life.client.began[job.prompt] - (life.promised[job.id] or 0) / 1000) for job in jobs
    )


def look(members: int) -> Measured:
    """Return what measures the milliseconds of processor time of a look at a thousand cards."""

    async def measure(folder: Path, clock: SimulatedClock, draw: random.Random) -> float:
        life = Life(folder, clock, Provider(clock, draw, LIMIT, lists=True), draw)
        await life.start()
        for number in range(CARDS):
            await life.ask(f"wish {number}", member_id=1 + number % members)
        await asyncio.sleep(30.0)
        seen = await life.database.read(job_rows.all_open)
        began = time.process_time()
        list(life.parts.forecast.no_longer_so(seen, life.parts.cards.shown))
        return (time.process_time() - began) * 1000

    return measure


def crashes(*, remember: bool) -> Measured:
    """Return what counts the requests in the fullest minute of a bot that is killed again and again."""

    async def measure(folder: Path, clock: SimulatedClock, draw: random.Random) -> float:
        provider = Provider(clock, draw, LIMIT, latency=0.2, lists=True)
        for number in range(LIVES):
            others = asyncio.all_tasks()
            life = Life(folder, clock, provider, draw)
            await life.start(remember=remember)
            for wish in range(2):
                await life.ask(f"wish {number}.{wish}", member_id=1 + wish)
            await asyncio.sleep(draw.uniform(3.0, 12.0))
            # Killed: nothing that is cut off may be stored any more.
            life.database.tx.close()
            killed = asyncio.all_tasks() - others
            for task in killed:
                task.cancel()
            await asyncio.gather(*killed, return_exceptions=True)
        return float(provider.most)

    return measure


def repeated(what: Measured, *, repeats: int, seed: int) -> list[float]:
    """Measure several times, each in a product of its own."""
    found: list[float] = []
    for number in range(repeats):
        loop = SimulatedLoop()
        with tempfile.TemporaryDirectory() as folder:
            work = what(Path(folder), SimulatedClock(loop), random.Random(f"{seed} {number}"))
            found.append(simulate(loop, work))
    return found


def spread(values: Sequence[float]) -> str:
    """Write the mean, the least and the most."""
    return f"{statistics.fmean(values):.1f} ({min(values):.1f} - {max(values):.1f})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--repeats", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    rows: list[tuple[str, Measured, Measured | None]] = [
        (
            f"{in_flight} in flight, {requests} requests a minute: s from end to discovery",
            discovery(in_flight=in_flight, requests=requests, lists=True),
            discovery(in_flight=in_flight, requests=requests, lists=False),
        )
        for in_flight, requests in ((8, 40), (20, 60))
    ]
    rows.append(("30 jobs of one member: s by which the start shown is off", promises, None))
    rows += [
        (f"a look at 1,000 cards of {members:,} members: ms", look(members), None) for members in (50, CARDS)
    ]
    rows.append(
        (
            "killed again and again: requests in the fullest minute (40)",
            crashes(remember=True),
            crashes(remember=False),
        )
    )
    print("| | now | without it |")
    print("| --- | --- | --- |")
    for name, now, before in rows:
        columns = [
            "" if each is None else spread(repeated(each, repeats=options.repeats, seed=options.seed))
            for each in (now, before)
        ]
        print(f"| {name} | {' | '.join(columns)} |", flush=True)


if __name__ == "__main__":
    main()
