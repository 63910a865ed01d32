"""What a job costs on SQLite and on PostgreSQL: accepted, and taken through its life, by turns in one run.

    python -m benchmarks.engines [--jobs 400]

Both are durable. PostgreSQL is a server of its own on loopback, started and ended here; the round trips of a statement
to another host come on top.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Concatenate, ParamSpec

from accounts.allowances import Ceilings
from domain.images import Image, Role
from domain.job import Job, Kind, Origin, Status, new_id
from domain.options import Options
from jobs import transitions
from jobs.holding import Price
from jobs.transitions import Finished
from playground.postgres import private_postgres
from storage import job_rows
from storage.database import Database, open_database
from storage.erasure_key import ErasureKey
from storage.tx import Tx

P = ParamSpec("P")

NOON = 1_789_819_200_000
CEILINGS = Ceilings(member=10**12, server=10**12, key=10**12, waiting=10**6)
ROLES = tuple(range(300, 310))
WARM = 20
"""Jobs that do not count."""


@dataclass
class Engine:
    """A database and the milliseconds that its transactions took: accepting, and the whole of a life."""

    name: str
    database: Database
    accepted: list[float] = field(default_factory=list[float])
    lived: list[float] = field(default_factory=list[float])
    numbers: Iterator[int] = field(default_factory=count)

    async def live(self) -> None:
        """Take a job from its acceptance to its end."""
        job, begin = self._job(), time.perf_counter()
        await self._run(transitions.accept, job, (), event=job.id, role_ids=ROLES, ceilings=CEILINGS)
        accepted = time.perf_counter()
        price = Price(each=0, ceilings=CEILINGS)
        await self._run(transitions.begin_submit, job.id, price=price, at=NOON)
        await self._run(
            transitions.submitted, job.id, provider_job_id=f"p{job.id}", cost=4_000, remaining=None, at=NOON
        )
        result = Image(job_id=job.id, role=Role.RESULT, position=1, name="1.png")
        done = Finished(results=(result,), cost=4_000, asked=1)
        await self._run(transitions.finish, job.id, done, took=None, at=NOON)
        await self._run(job_rows.move, job.id, expect=Status.DELIVERING, to=Status.DONE, ended_at=NOON)
        self.accepted.append((accepted - begin) * 1_000)
        self.lived.append((time.perf_counter() - begin) * 1_000)

    async def _run(self, fn: Callable[Concatenate[Tx, P], object], *args: P.args, **kwargs: P.kwargs) -> None:
        await self.database.run(fn, *args, **kwargs)

    def _job(self) -> Job:
        return Job(
            id=new_id(),
            kind=Kind.EDIT,
            origin=Origin.COMMAND,
            guild_id=10,
            channel_id=5,
            member_id=100 + next(self.numbers) % 50,
            model="gpt-image-1-5-edit",
            prompt="Make the sky darker",
            options=Options(),
            status=Status.QUEUED,
            reserved=4_000,
            created_at=NOON,
        )


async def measure(jobs: int) -> None:
    """Measure both by turns and print a table."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = await asyncio.to_thread(stack.enter_context, private_postgres(durable=True))
        url, key = server.new_database(), ErasureKey(folder, "of a benchmark")
        engines = [
            Engine("SQLite", await open_database(folder, key=key)),
            Engine("PostgreSQL", await open_database(folder, url=url, key=key)),
        ]
        for engine in engines:
            stack.push_async_callback(engine.database.close)
        for _ in range(WARM + jobs):
            for engine in engines:
                await engine.live()
        print(
            "| | accept, ms: median | 95 % | five writes of a life, ms: median | 95 % |\n|---|---|---|---|---|"
        )
        for engine in engines:
            told = map(_told, (engine.accepted[WARM:], engine.lived[WARM:]))
            print(f"| {engine.name} | {' | '.join(told)} |")
        ratio = statistics.median(map(_ratio, *(each.accepted[WARM:] for each in engines)))
        print(f"accept on PostgreSQL takes {ratio:.1f} times as long (the median of {jobs} pairs)")


def _told(times: list[float]) -> str:
    return f"{statistics.median(times):.2f} | {sorted(times)[int(0.95 * (len(times) - 1))]:.2f}"


def _ratio(first: float, second: float) -> float:
    return second / first


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What a job costs on SQLite and on PostgreSQL.")
    parser.add_argument("--jobs", type=int, default=400)
    asyncio.run(measure(parser.parse_args().jobs))
