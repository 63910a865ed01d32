"""A job's whole life, with the answer to each COMMIT lost on its way: the same rows as undisturbed."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from accounts import ledger
from accounts.allowances import Ceilings
from domain.images import Image, Role
from domain.job import Status
from jobs import transitions
from jobs.holding import Price
from jobs.transitions import Finished
from playground.postgres import PrivatePostgres
from storage import job_rows
from storage.database import Database
from storage.facts import Took
from storage.tx import Tx
from tests.engines import Databases
from tests.storage.losing import behind
from tests.storage.rows import ANN, GUILD, NOON, a_job

CEILINGS = Ceilings(member=1_000_000)
PRICE = Price(each=4_500, ceilings=CEILINGS)
TOOK = Took(model="m", quality="high", count=1, low=1, high=2, at=NOON)


TRANSACTIONS = 12


async def live(database: Database) -> None:
    """Take jobs through every move that there is."""
    run = database.run
    for number in (1, 2, 3):
        job = a_job(f"i{number}", prompt=f"picture {number}")
        source = Image(job_id=job.id, role=Role.SOURCE, position=1, name="cat.png", url="https://cdn/a")
        await run(transitions.accept, job, [source], event=job.id, role_ids=(1,), ceilings=CEILINGS)
    for job_id in ("i1", "i2"):
        await run(transitions.begin_submit, job_id, price=PRICE, at=NOON + 1)
        await database.run_unfenced(
            transitions.submitted,
            job_id,
            provider_job_id=f"p{job_id}",
            cost=4_600,
            remaining=90_000 if job_id == "i1" else 85_400,
            at=NOON + 2,
        )
    result = Image(job_id="i1", role=Role.RESULT, position=1, name="1.png", sha256="ab")
    await run(
        transitions.finish, "i1", Finished(results=(result,), cost=4_600, asked=1), took=TOOK, at=NOON + 3
    )
    await run(job_rows.move, "i1", expect=Status.DELIVERING, to=Status.DONE, ended_at=NOON + 4)
    await run(transitions.fail, "i2", expect=Status.RUNNING, reason="provider_trouble", at=NOON + 5)
    await run(transitions.cancel, "i3", at=NOON + 6)
    await run(
        ledger.adjust, guild_id=GUILD, member_id=ANN, amount=500, cause="x", moderator_id=9, at=NOON + 7
    )


CHANCE = {"secret", "claim"}
NUMBERED = {"id", "member", "surrogate", "reason_id", "last_entry", "moderator"}
"""What a sequence gives: it has a gap wherever a transaction was begun anew."""


def rows(tx: Tx, left_out: Collection[str]) -> dict[str, list[tuple[Any, ...]]]:
    """Return what all tables hold, but for these columns."""
    tables = tx.execute(
        "SELECT name FROM catalogue WHERE type = 'table' AND name NOT IN ('leases', 'lives', 'standbys')"
    ).fetchall()
    found: dict[str, list[tuple[Any, ...]]] = {}
    for (table,) in tables:
        cursor = tx.execute(f"SELECT * FROM {table}")
        told = [place for place, column in enumerate(cursor.description) if column[0] not in left_out]
        found[table] = sorted((tuple(row[place] for place in told) for row in cursor), key=str)
    return found


@pytest.mark.parametrize("way", ["before", "after"])
async def test_an_answer_that_is_lost_at_every_commit_changes_nothing(
    postgres: PrivatePostgres, tmp_path: Path, way: str
) -> None:
    """``before``: COMMIT did not arrive, ``after``: its answer did not."""
    left_out = CHANCE | NUMBERED if way == "before" else CHANCE
    lender = Databases(postgres)
    with lender.lent(tmp_path) as engine:
        async with behind(engine) as (proxy, database):
            await live(database)
            undisturbed = await database.read(rows, left_out)
    with lender.lent(tmp_path) as engine:
        async with behind(engine) as (proxy, database):
            proxy.every = way
            await live(database)
            proxy.every = ""
            assert proxy.lost == TRANSACTIONS
            assert await database.read(rows, left_out) == undisturbed
        assert engine.verify() == []
