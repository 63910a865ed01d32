"""What members, moderators and ``/edit`` ask of a large ledger, timed through the bot's own connections."""

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from accounts import allowances, reports, statements
from accounts.allowances import Ceilings
from benchmarks.ledger_data import GUILD, HEAVY, MEMBERS, MODELS, NOW
from domain.allowances import Allowance, TargetKind
from domain.job import Card, Job, Kind, Origin, Status, new_id
from domain.options import Options
from domain.periods import Period
from domain.reports import Question, Report, ReportPeriod
from jobs import transitions
from storage import allowances as allowance_rows
from storage.database import Database, open_database
from storage.tx import Tx
from ui.charts import render
from ui.reports import chart_of

CEILINGS = Ceilings(member=10**12, server=10**12, key=10**12, waiting=10**6)
"""Every limit that there is, so that a check looks at all that the bot's defaults make it look at."""
ROLES = tuple(range(300, 310))
WARM = 3


@dataclass(frozen=True, slots=True)
class Timing:
    """How long something took, in milliseconds, each time it was repeated."""

    name: str
    bound: float | None
    times: Sequence[float]

    def line(self) -> str:
        """Write it as a row of the table."""
        ordered = sorted(self.times)
        p95 = ordered[int(0.95 * (len(ordered) - 1))]
        bound = "" if self.bound is None else f"{self.bound:g}"
        return (
            f"| {self.name} | {bound} | {statistics.median(ordered):.3f} | {p95:.3f} | {ordered[0]:.3f}"
            f" - {ordered[-1]:.3f} | {len(ordered)} |"
        )


async def timed(name: str, bound: float | None, times: int, ask: Callable[[], Awaitable[object]]) -> Timing:
    """Ask a number of times, after a few that do not count, and say how long each took."""
    taken: list[float] = []
    for turn in range(WARM + times):
        begin = time.perf_counter()
        await ask()
        if turn >= WARM:
            taken.append((time.perf_counter() - begin) * 1_000)
    return Timing(name, bound, taken)


class Asker:
    """Asks the database what members and moderators ask, through the connections that the bot uses."""

    def __init__(self, database: Database, seed: int = 1) -> None:
        self._database = database
        self._chance = random.Random(seed)
        self._numbers = count()
        self._made: list[str] = []

    def _anyone(self) -> int:
        return HEAVY + self._chance.randrange(MEMBERS)

    async def prepare(self) -> None:
        """Set allowances of every kind, so that a check looks at all that it ever may."""
        targets = [(TargetKind.SERVER, 0), *((TargetKind.ROLE, role) for role in ROLES)]
        targets += [(TargetKind.MEMBER, HEAVY + number) for number in range(0, MEMBERS, 5)]
        await self._database.run(self._allow, targets)

    @staticmethod
    def _allow(tx: Tx, targets: list[tuple[TargetKind, int]]) -> None:
        for kind, target in targets:
            for period in Period:
                allowance = Allowance(kind=kind, target_id=target, period=period, credits=10**12)
                allowance_rows.put(tx, allowance, guild_id=GUILD, set_by=1, at=NOW)

    async def check(self) -> None:
        """Check an allowance, without reserving anything."""
        await self._database.read(
            allowances.check,
            guild_id=GUILD,
            member_id=self._anyone(),
            role_ids=ROLES,
            amount=4_000,
            at=NOW,
            ceilings=CEILINGS,
        )

    async def credits(self, member_id: int | None = None) -> None:
        """Ask for a member's statement."""
        await self._database.read(
            statements.statement,
            guild_id=GUILD,
            member_id=member_id or self._anyone(),
            role_ids=ROLES,
            at=NOW,
            ceilings=CEILINGS,
        )

    async def report(self, period: ReportPeriod, member_id: int | None = None) -> Report:
        """Ask for a report, its chart's figures included."""
        question = Question(period=period, member_id=member_id)
        return await self._database.read(reports.report, question, guild_id=GUILD, at=NOW)

    async def picture(self, report: Report) -> bytes:
        """Draw a report's picture, off the event loop as the bot does."""
        return await asyncio.to_thread(render, chart_of(report, {}))

    async def accept(self) -> None:
        """Check, reserve and write a job's row in one durable transaction, as ``/edit`` does."""
        job = self._job()
        await self._database.run(transitions.accept, job, (), event=job.id, role_ids=ROLES, ceilings=CEILINGS)
        self._made.append(job.id)

    def _job(self) -> Job:
        return Job(
            id=new_id(),
            kind=Kind.EDIT,
            origin=Origin.COMMAND,
            guild_id=GUILD,
            channel_id=5,
            member_id=self._anyone(),
            model=MODELS[0],
            prompt="Make the sky darker",
            options=Options(),
            status=Status.QUEUED,
            reserved=4_000,
            created_at=NOW,
            card=Card(token="t" * 200),
        )

    async def clean(self) -> None:
        """Cancel what was accepted, so that the database can be used again."""
        for job_id in self._made:
            await self._database.run(transitions.cancel, job_id, at=NOW)


async def ask_all(folder: Path, repeat: int) -> list[Timing]:
    """Ask everything; fast questions a hundred times as often as slow ones."""
    database = await open_database(folder)
    asker = Asker(database)
    often = repeat * 20
    try:
        await asker.prepare()
        timings = [
            await timed("allowance check", 10, often, asker.check),
            await timed("accept: check, reserve, job row (durable)", 1, often, asker.accept),
            await timed("/credits, any member", 10, often, asker.credits),
            await timed("/credits, the heavy member", 10, often, lambda: asker.credits(HEAVY)),
        ]
        for name, bound, period, member in REPORTS:
            ask = partial(asker.report, period, member)
            timings.append(await timed(f"/usage report, {name}", bound, repeat, ask))
        found = await asker.report(ReportPeriod.DAYS_30)
        timings.append(
            await timed("drawing the picture of 30 days", None, repeat, lambda: asker.picture(found))
        )
        return timings
    finally:
        await asker.clean()
        await database.close()


REPORTS = (
    ("today", 100, ReportPeriod.TODAY, None),
    ("30 days", 100, ReportPeriod.DAYS_30, None),
    ("last month", 100, ReportPeriod.LAST_MONTH, None),
    ("all time", 250, ReportPeriod.ALL, None),
    ("30 days, the heavy member", 100, ReportPeriod.DAYS_30, HEAVY),
    ("all time, the heavy member", 250, ReportPeriod.ALL, HEAVY),
)
