"""Two hundred at once against one allowance: exactly as many are accepted as it has room for."""

import asyncio

import pytest

from accounts.verify import verify_snapshot
from domain.allowances import Allowance, TargetKind
from domain.errors import Refusal
from domain.job import Job
from domain.periods import Period
from jobs import transitions
from storage import allowances, holds
from tests.accounts.book import ANN, GUILD, MOD, NOON, UNLIMITED, Book
from tests.engines import Engine


@pytest.mark.parametrize(
    ("kind", "target"), [(TargetKind.MEMBER, ANN), (TargetKind.SERVER, 0), (TargetKind.ROLE, 31)]
)
async def test_200_parallel_requests_against_an_allowance_for_10_make_10_jobs(
    engine: Engine, book: Book, kind: TargetKind, target: int
) -> None:
    wanted = [book.job() for _ in range(200)]
    database = await engine.open()
    allowance = Allowance(kind=kind, target_id=target, period=Period.DAY, credits=40_000)
    await database.run(allowances.put, allowance, guild_id=GUILD, set_by=MOD, at=NOON)

    async def ask(job: Job) -> bool:
        try:
            await database.run(transitions.accept, job, (), event=job.id, role_ids=(31,), ceilings=UNLIMITED)
        except Refusal:
            return False
        return True

    try:
        accepted = await asyncio.gather(*map(ask, wanted))
        held = await database.read(holds.held, guild_id=GUILD)
    finally:
        await database.close()
    assert sum(accepted) == 10
    assert (held.jobs, held.held) == (10, 40_000)
    assert verify_snapshot(database.snapshot) == []


async def test_a_repeated_event_makes_one_job_and_one_reserve(engine: Engine, book: Book) -> None:
    job = book.job()
    database = await engine.open()
    try:
        made = await asyncio.gather(
            *(
                database.run(transitions.accept, job, (), event=job.id, role_ids=(), ceilings=UNLIMITED)
                for _ in range(20)
            )
        )
        held = await database.read(holds.held, guild_id=GUILD)
    finally:
        await database.close()
    assert sorted(new for _, new in made) == [False] * 19 + [True]
    assert held.held == job.reserved
