"""Mixed wishes of three members to the real process while the provider says no and does not mean it, by seed."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.e2e.member import Member
from tests.faults.fast_world import MANY, FastWorld, open_fast

MEMBERS = 3
HTML = "<html><title>404 Not Found</title></html>"
GONE = {"error": {"code": "job_not_found", "message": "No such job."}}
ERROR = {"status": "error", "message": "Internal error"}
ANSWERS: tuple[dict[str, Any], ...] = (
    {"path": "/jobs/", "status": 404, "body": HTML},
    {"path": "/jobs/", "status": 404, "body": GONE},
    {"path": "/jobs/", "status": 200, "body": ERROR},
    {"path": "/jobs/", "status": 200, "body": {"status": "completed"}},
    {"path": "/jobs/", "status": 200, "body": {"jobId": "another", "status": "failed"}},
    {"path": "/jobs/", "status": 503},
    {"path": "/jobs/", "action": "truncated_json"},
    {"path": "/jobs$", "status": 200, "body": HTML},
    {"path": "/temp/", "status": 503},
    {"path": "/temp/", "status": 200, "body": HTML},
    {"path": "/temp/", "action": "cut_body"},
    {"path": "/temp/", "status": 404},
)
"""What is said in place of the truth, of jobs, of the list and of files."""
SUBMISSIONS = ("ok", "ok", "ok", "ok", "lose_reply", "empty_reply", "booked_503", "unfinished_reply", "fail")


@dataclass
class Tally:
    """What one run came to; ``findings`` says what was not so."""

    seed: int
    wishes: int = 0
    jobs: int = 0
    doubts: int = 0
    charged: float = 0.0
    findings: list[str] = field(default_factory=list[str])


async def run(seed: int, folder: Path, *, wishes: int, image: Path) -> Tally:
    """Play one run and compare the books at its end."""
    chance, tally = Random(seed), Tally(seed=seed, wishes=wishes)
    async with open_fast(folder, DEFAULT_MEMBER_CREDITS="1000000", PATIENT_BOT="1", **MANY) as world:
        members = [await world.join() for _ in range(MEMBERS)]
        async with asyncio.TaskGroup() as group:
            share = wishes // MEMBERS
            for member_id in members:
                group.create_task(wish(world, member_id, share, image, Random(chance.random())))
            group.create_task(doubt(world, wishes // 4, tally, Random(chance.random())))
        world.switch(script=[], next=[])
        await world.rest()
        compare(world, tally)
    return tally


async def wish(world: FastWorld, member_id: str, count: int, image: Path, chance: Random) -> None:
    """Let a member ask for so much, one after the other or together."""
    async with Member.at(world.discord.origin, member_id) as member:
        for number in range(count):
            prompt = "the same for all" if chance.random() < 0.3 else f"wish {number} of {member_id}"
            if chance.random() < 0.7:
                await member.edit(prompt, image, count=chance.choice([1, 1, 2]))
            else:
                await member.ask("generate", prompt=prompt)
            await asyncio.sleep(chance.random() * 0.1)


async def doubt(world: FastWorld, count: int, tally: Tally, chance: Random) -> None:
    """Spoil the provider's next answers, again and again."""
    for _ in range(count):
        lines = [
            {**chance.choice(ANSWERS), "times": chance.randint(1, 8)} for _ in range(chance.randint(0, 3))
        ]
        tally.doubts += sum(line["times"] for line in lines)
        world.switch(script=lines, next=[chance.choice(SUBMISSIONS) for _ in range(3)])
        await asyncio.sleep(chance.random() * 0.3)


def compare(world: FastWorld, tally: Tally) -> None:
    """Compare what the provider keeps with what members were charged and were given."""
    kept = {line["job"]: line["cost"] - line["refunded"] for line in world.provider.control.books()}
    rows = world.query(
        "SELECT jobs.id, provider_job_id, status, collected, COALESCE((SELECT SUM(spent) FROM entries"
        " WHERE job_id = jobs.id), 0) AS spent, (SELECT COUNT(*) FROM images WHERE job_id = jobs.id"
        " AND role = 'result' AND sha256 IS NOT NULL) AS results FROM jobs"
    )
    tally.jobs, tally.charged = len(rows), sum(row["spent"] for row in rows) / 1000
    named = {row["provider_job_id"]: row for row in rows}
    for job, cost in kept.items():
        row = named.get(job)
        if cost and (row is None or row["status"] != "done" or not row["results"]):
            tally.findings.append(f"{job}: {cost} credits kept, and nobody was given the images")
        elif row is not None and row["spent"] != round(cost * 1000):
            tally.findings.append(f"{job}: {cost} credits kept, {row['spent'] / 1000} charged")
    for row in rows:
        if row["spent"] and row["provider_job_id"] not in kept:
            tally.findings.append(f"{row['id']}: charged for a job that the provider does not know")
