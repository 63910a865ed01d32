"""A hundred members send ten ``/edit`` each within ten seconds, evenly and in bursts of a hundred.

    python -m benchmarks.load [--members 100] [--each 10] [--seconds 10] [--cdn 4]

Every file takes four seconds on Discord's CDN; the provider's durations are a hundredth and its limits a
hundredfold of the usual. Waits are measured where the members are, from the command to its first answer,
beside those of a bare discord.py bot (``benchmarks.bare_bot``) under the same load in the same run. Stalls of
the event loop are measured inside the bot's process (``benchmarks.watched_bot``), without a hook in the bot.
"""

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import aiohttp

from accounts.verify import verify_snapshot
from benchmarks.load_members import PHOTOGRAPH, Crowd
from benchmarks.processes import Program, StandIns, stand_ins
from storage.sqlite import snapshot

USUAL_REQUESTS, USUAL_SUBMITS, HUNDREDFOLD = 60, 10, 100
LATENCY = 0.01
"""Factor on the provider's real durations."""
AFTER_A_BURST = 1.0
"""Seconds from its first command that count as the burst."""
STALL = 0.050
ENDED = ("done", "failed", "cancelled")
LONGEST = 900.0
"""Seconds within which all jobs have ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is sent: ``moments`` are seconds from the start, ``bursts`` those at which a burst begins."""

    name: str
    members: int
    each: int
    moments: Sequence[float]
    bursts: Sequence[float] = ()
    cdn_delay: float

    @classmethod
    def evenly(cls, *, members: int, each: int, seconds: float, cdn_delay: float) -> "Load":
        """Spread all commands over the time."""
        count = members * each
        moments = [number * seconds / count for number in range(count)]
        return cls(name="evenly", members=members, each=each, moments=moments, cdn_delay=cdn_delay)

    @classmethod
    def in_bursts(cls, *, members: int, each: int, seconds: float, cdn_delay: float) -> "Load":
        """Let all members send at once, again and again."""
        bursts = [number * seconds / each for number in range(each)]
        return cls(
            name=f"in bursts of {members}",
            members=members,
            each=each,
            moments=[burst for burst in bursts for _ in range(members)],
            bursts=bursts,
            cdn_delay=cdn_delay,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a load: spans are seconds, memory megabytes, ``statuses`` jobs by status.

    ``booked`` is how many jobs the provider was paid for;
    ``stalls`` are (seconds since the first command, length) of each time the event loop stood still.
    """

    load: Load
    waits: Sequence[float]
    took: float = 0.0
    stalls: Sequence[tuple[float, float]] = ()
    memory: float = 0.0
    statuses: dict[str, int]
    booked: int = 0
    findings: Sequence[str] = ()

    def percentile(self, share: float) -> float:
        """Return the wait that so large a share of all commands did not exceed."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def stalls_outside_bursts(self) -> list[float]:
        """Return the stalls that no burst explains."""
        bursts = self.load.bursts
        return [
            length
            for at, length in self.stalls
            if not any(burst <= at <= burst + AFTER_A_BURST + length for burst in bursts)
        ]


async def measure(load: Load, *, bare: bool = False, photograph: bytes | None = None) -> Outcome:
    """Put a bot under a load and see what comes of it."""
    limits = {
        "requests_per_minute": USUAL_REQUESTS * HUNDREDFOLD,
        "submits_per_minute": USUAL_SUBMITS * HUNDREDFOLD,
        # What is measured is how the bot bears the slow CDN; the provider would only take longer.
        "fetch_sources": False,
    }
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="darkroom-load-")))
        where = await stack.enter_async_context(stand_ins(latency=LATENCY, **limits))
        settings = {
            **where.settings(folder / "data"),
            "PIXELDOJO_REQUESTS_PER_MINUTE": str(40 * HUNDREDFOLD),
            "PIXELDOJO_SUBMITS_PER_MINUTE": str(USUAL_SUBMITS * HUNDREDFOLD),
            "LOG_LEVEL": "WARNING" if bare else "INFO",
            "STALLS": str(folder / "stalls"),
        }
        program = "benchmarks.bare_bot" if bare else "benchmarks.watched_bot"
        bot = await stack.enter_async_context(Program.running(["-m", program], settings))
        await bot.line("Ready as")
        await _slow_down(where, load.cdn_delay)
        crowd = await stack.enter_async_context(
            Crowd.gather(
                where.page,
                members=load.members,
                each=load.each,
                photograph=photograph or PHOTOGRAPH.read_bytes(),
            )
        )
        if bare:
            return Outcome(load=load, waits=await crowd.send(load.moments), statuses={})
        outcome = await _watch(load, crowd, bot, folder)
        return replace(outcome, booked=await _booked(where))


async def _slow_down(where: StandIns, seconds: float) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{where.page}/page/faults", json={"cdn_delay": seconds}) as reply,
    ):
        reply.raise_for_status()


async def _booked(where: StandIns) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"{where.control}/books") as reply:
        return len(await reply.json())


async def _watch(load: Load, crowd: Crowd, bot: Program, folder: Path) -> Outcome:
    """Send the load to the bot and wait until all jobs have ended."""
    peak = _Peak(bot)
    sampling = asyncio.create_task(peak.run())
    began, clock = time.time(), time.perf_counter()
    try:
        waits = await crowd.send(load.moments)
        database = folder / "data" / "darkroom.db"
        statuses = await _ended(database, len(waits))
    finally:
        sampling.cancel()
    lines = (folder / "stalls").read_text(encoding="ascii").split()
    stalls = zip(map(float, lines[::2]), map(float, lines[1::2]), strict=True)
    return Outcome(
        load=load,
        waits=waits,
        took=time.perf_counter() - clock,
        stalls=[(at - began - length, length) for at, length in stalls if at >= began],
        memory=peak.megabytes,
        statuses=statuses,
        findings=[str(finding) for finding in verify_snapshot(partial(snapshot, database))],
    )


class _Peak:
    """The most memory that was seen."""

    def __init__(self, bot: Program) -> None:
        self._bot = bot
        self.megabytes = 0.0

    async def run(self) -> None:
        while True:
            self.megabytes = max(self.megabytes, self._bot.memory())
            await asyncio.sleep(0.2)


async def _ended(database: Path, count: int) -> dict[str, int]:
    """Wait until so many jobs have ended; return how."""
    end = time.perf_counter() + LONGEST
    while True:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            found = dict(connection.execute("SELECT status, count(*) FROM jobs GROUP BY status").fetchall())
        if sum(found.get(status, 0) for status in ENDED) >= count or time.perf_counter() > end:
            return found
        await asyncio.sleep(0.25)


def report(ours: Outcome, bare: Outcome) -> str:
    """Say in a few lines how it went."""
    count = len(ours.waits)
    answered = sum(wait <= 3.0 for wait in ours.waits)
    p50, p99, most = (ours.percentile(share) * 1000 for share in (0.5, 0.99, 1.0))
    theirs = bare.percentile(0.99) * 1000
    outside = ours.stalls_outside_bursts()
    long = sum(length > STALL for length in outside)
    worst = max(outside, default=0.0) * 1000
    return "\n".join(
        (
            f"{count:,} commands of {ours.load.members} members {ours.load.name}:",
            f"  answered within 3 s  {answered:,} of {count:,}",
            f"  first answer         p50 {p50:.0f} ms, p99 {p99:.0f} ms, longest {most:.0f} ms",
            f"  bare discord.py      p99 {theirs:.0f} ms; ratio {p99 / theirs:.2f}",
            f"  event loop           {long} stalls above 50 ms outside bursts, the longest {worst:.0f} ms",
            f"  memory               {ours.memory:.0f} MB at most",
            f"  jobs                 {_statuses(ours)} after {ours.took:.0f} s",
            f"  at the provider      {ours.booked:,} jobs",
            f"  ledger               {'; '.join(ours.findings) or 'verifies'}",
        )
    )


def _statuses(outcome: Outcome) -> str:
    return ", ".join(f"{count:,} {status}" for status, count in sorted(outcome.statuses.items()))


async def main(options: argparse.Namespace) -> None:
    """Measure both loads, each with the bare bot and with ours."""
    for make in (Load.evenly, Load.in_bursts):
        load = make(
            members=options.members, each=options.each, seconds=options.seconds, cdn_delay=options.cdn
        )
        bare = await measure(load, bare=True)
        print(report(await measure(load), bare), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--members", type=int, default=100)
    parser.add_argument("--each", type=int, default=10, help="commands of each member")
    parser.add_argument("--seconds", type=float, default=10.0, help="within which all are sent")
    parser.add_argument("--cdn", type=float, default=4.0, help="seconds that a file takes on the CDN")
    asyncio.run(main(parser.parse_args()))
