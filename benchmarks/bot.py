"""The bot itself, a real process with both stand-ins in others: ``python -m benchmarks.bot``.

First answers with 1, 10 and 100 commands at once, what a job costs in processor time beside a floor
(``benchmarks.floor``: the same requests by bare discord.py and aiohttp, nothing stored, nothing checked, in the
same run and on the same event loop), memory with 0, 100 and 1,000 jobs in flight, how long a start takes, and
how long after the provider's "completed" the image is in the channel. All of it is on loopback and shares the
machine's cores with the stand-ins and the members.
"""

import argparse
import asyncio
import json
import sqlite3
import tempfile
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

from benchmarks.page import Crowd
from benchmarks.processes import BOT, FLOOR, Program, StandIns, free_address, stand_ins

LATENCY = 0.01
"""Factor on the provider's real durations."""
MEAN_DURATION = 35.0 * 1.0833 * LATENCY
"""Seconds: the mean of a log-normal of median 35 s and sigma 0.4, times the factor."""
SIDE_BY_SIDE = 5
WARM_UP = 25
"""Jobs before those that count."""
AT_ONCE = {1: 10, 10: 4, 100: 2}
"""Commands at once, and how often in each repeat."""
MANY, MEMBERS = 1_000, 100


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: ``values`` are those of the repeats, in ``unit``."""

    name: str
    values: Sequence[float]
    unit: str
    bound: str = ""
    digits: int = 0

    def __str__(self) -> str:
        low, middle, high = (
            f"{value:,.{self.digits}f}" for value in (min(self.values), median(self.values), max(self.values))
        )
        return f"| {self.name} | {self.bound} | {middle} {self.unit} | {low} - {high} | {len(self.values)} |"


@dataclass(frozen=True, slots=True)
class Stage:
    """A running bot (or floor) and the members who use it."""

    program: Program
    crowd: Crowd
    where: StandIns
    data: Path

    def in_status(self, status: str) -> int:
        """Return how many of the bot's jobs have a status."""
        uri = f"file:{self.data / 'darkroom.db'}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            row = connection.execute("SELECT count(*) FROM jobs WHERE status = ?", (status,)).fetchone()
        return int(row[0])

    async def until(self, status: str, count: int) -> None:
        """Wait until so many jobs have a status."""
        while True:
            if self.in_status(status) >= count:
                return
            await asyncio.sleep(0.05)


@asynccontextmanager
async def stage(
    program: Sequence[str],
    *,
    members: int = 10,
    webhooks: bool = False,
    recipe: Mapping[str, Any] | None = None,
) -> AsyncGenerator[Stage]:
    """Start the stand-ins, a bot and its members, all of them fresh."""
    with tempfile.TemporaryDirectory(prefix="darkroom-bot-") as folder:
        data = Path(folder) / "data"
        async with stand_ins(latency=LATENCY) as where:
            settings = {**where.settings(data), "FLOOR": json.dumps(recipe or {})}
            if webhooks:
                address = free_address()
                settings |= {"PIXELDOJO_WEBHOOK_URL": f"http://{address}/hook", "WEBHOOK_LISTEN": address}
            async with Program.running(program, settings) as running:
                await running.ready()
                async with Crowd.open(where, members=members) as crowd:
                    yield Stage(program=running, crowd=crowd, where=where, data=data)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one job took: processor milliseconds and questions; ``sheet`` is bytes of its contact sheet."""

    cpu: float
    questions: float
    sheet: int


async def cost_of(program: Sequence[str], *, jobs: int, recipe: Mapping[str, Any] | None = None) -> Cost:
    """Let a bot do jobs, a few side by side, and see what it took for each."""
    async with stage(program, recipe=recipe) as on:
        await on.crowd.work_through(WARM_UP, side_by_side=SIDE_BY_SIDE)
        asked, began = await _questions(on.crowd), on.program.cpu()
        await on.crowd.work_through(jobs, side_by_side=SIDE_BY_SIDE)
        cpu = (on.program.cpu() - began) / jobs
        questions = (await _questions(on.crowd) - asked) / jobs
        return Cost(cpu=cpu, questions=questions, sheet=await _sheet(on.crowd))


async def _questions(crowd: Crowd) -> int:
    log = await crowd.look("log", provider=True)
    return sum(each["method"] == "GET" and "/jobs/" in each["path"] for each in log)


async def _sheet(crowd: Crowd) -> int:
    log = await crowd.look("log")
    sizes = [
        file["size"] for each in log for file in each["files"] if not file["name"].startswith("darkroom-")
    ]
    return round(fmean(sizes))


async def costs(*, repeats: int, jobs: int) -> list[Row]:
    """Measure bot and floor in turn; the floor asks as often and sends as much as the bot was seen to."""
    pairs: list[tuple[Cost, Cost]] = []
    for _ in range(repeats):
        ours = await cost_of(BOT, jobs=jobs)
        recipe = {
            "sheet": ours.sheet,
            "every": MEAN_DURATION / max(0.6, ours.questions - 0.5),
            "uvloop": True,
        }
        pairs.append((ours, await cost_of(FLOOR, jobs=jobs, recipe=recipe)))
    return [
        Row("processor time of a job, its whole life", [ours.cpu for ours, _ in pairs], "ms", digits=1),
        Row("the floor's processor time", [floor.cpu for _, floor in pairs], "ms", digits=1),
        Row("ratio", [ours.cpu / floor.cpu for ours, floor in pairs], "", "1.5", digits=2),
        Row("questions to the provider a job", [ours.questions for ours, _ in pairs], "", digits=2),
        Row("the floor's questions", [floor.questions for _, floor in pairs], "", digits=2),
    ]


async def answers(*, repeats: int) -> list[Row]:
    """Measure first answers: each repeat is a fresh bot, its percentiles are over all of its commands."""
    waits: dict[int, list[list[float]]] = {count: [] for count in AT_ONCE}
    for _ in range(repeats):
        async with stage(BOT, members=MEMBERS) as on:
            await on.crowd.work_through(WARM_UP, side_by_side=SIDE_BY_SIDE)
            for count, times in AT_ONCE.items():
                found: list[float] = []
                for _ in range(times):
                    before = on.crowd.delivered
                    found += await on.crowd.ask(count)
                    await on.crowd.until_delivered(before + count)
                waits[count].append(sorted(wait * 1000 for wait in found))
    rows: list[Row] = []
    for count, runs in waits.items():
        for name, share in (("p50", 0.50), ("p99", 0.99)):
            values = [run[min(len(run) - 1, int(share * len(run)))] for run in runs]
            rows.append(Row(f"first answer, {count} at once, {name}", values, "ms", "3,000"))
    return rows


async def memory(*, repeats: int) -> list[Row]:
    """Measure what is resident while jobs are with the provider."""
    found: dict[int, list[float]] = {0: [], 100: [], MANY: []}
    for _ in range(repeats):
        async with stage(BOT, members=MEMBERS) as on:
            await on.crowd.tell("switches", {"always": "stuck"})
            in_flight = 0
            for count, values in found.items():
                while in_flight < count:
                    in_flight += len(await on.crowd.ask(100))
                await on.until("running", count)
                values.append(on.program.memory())
    return [
        Row(f"memory, {count:,} jobs in flight", values, "MB", "150" if count == MANY else "")
        for count, values in found.items()
    ]


async def starts(*, repeats: int) -> Row:
    """Measure a start with an empty database, from the process to the gateway's READY."""
    seconds: list[float] = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory(prefix="darkroom-bot-") as folder:
            async with (
                stand_ins(latency=LATENCY) as where,
                Program.running(BOT, where.settings(Path(folder) / "data")) as bot,
            ):
                seconds.append(await bot.ready())
    return Row("start to ready", seconds, "s", digits=2)


async def deliveries(*, repeats: int) -> Row:
    """Measure from the provider's "completed" to the card with the image, with webhooks."""
    spans: list[float] = []
    async with stage(BOT, webhooks=True) as on:
        await on.crowd.work_through(WARM_UP, side_by_side=SIDE_BY_SIDE)
        await on.crowd.tell("switches", {"always": "stuck"})
        for _ in range(repeats):
            before = on.crowd.delivered
            await on.crowd.ask(1)
            await on.until("running", 1)
            finished = time.time() * 1000
            await on.crowd.tell("finish", {"job": None})
            await on.crowd.until_delivered(before + 1)
            spans.append(await _shown_at(on.crowd) - finished)
    return Row('"completed" to the image in the channel, webhook', spans, "ms")


async def _shown_at(crowd: Crowd) -> float:
    log = await crowd.look("log")
    return max(
        each["at"] for each in log if any(file["name"].startswith("darkroom-") for file in each["files"])
    )


async def main(options: argparse.Namespace) -> None:
    """Print the table."""
    rows = [
        *await answers(repeats=options.repeats),
        *await costs(repeats=options.repeats, jobs=options.jobs),
        *await memory(repeats=max(2, options.repeats // 2)),
        await starts(repeats=options.repeats),
        await deliveries(repeats=4 * options.repeats),
    ]
    print("| | bound | median | least - most | repeats |\n| --- | --- | --- | --- | --- |")
    print(*rows, sep="\n", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=100, help="jobs of each repeat whose cost is measured")
    asyncio.run(main(parser.parse_args()))
