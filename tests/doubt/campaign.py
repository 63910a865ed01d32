"""Mixed wishes of three members to the real process while the provider says no and does not mean it, by seed."""

import asyncio
import time
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.doubt.books import Books
from tests.doubt.members import Wisher
from tests.e2e.member import Member
from tests.faults.fast_world import DAY, FastWorld, open_fast

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
SUBMISSIONS = (
    *("ok", "ok", "ok", "ok", "fail", "lose_request"),
    *("lose_reply", "empty_reply", "booked_503", "unfinished_reply"),
)
SETTINGS = {
    "DEFAULT_MEMBER_CREDITS": "1000000",
    "PATIENT_BOT": "1",
    # Some wait, so that something can be cancelled.
    "MAX_JOBS_IN_FLIGHT": "8",
    "MAX_JOBS_PER_MEMBER": "4",
}
END = 120.0
"""Seconds within which everything has come to its end, once nothing is doubtful any more."""


@dataclass
class Tally:
    """What one run came to; ``findings`` says what was not so."""

    seed: int
    done: Counter[str] = field(default_factory=Counter[str])
    jobs: int = 0
    doubts: int = 0
    kills: int = 0
    charged: float = 0.0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list[str])


async def run(tally: Tally, folder: Path, *, wishes: int, image: Path) -> None:
    """Play one run and compare the books at its end."""
    chance, began = Random(tally.seed), time.monotonic()
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(open_fast(folder, **SETTINGS))
        # A busy machine, and rows that are made older from outside, lock the database: that is waited out.
        world.troubles |= {"failed; again in", "they are tried again", "Traceback"}
        wishers: dict[str, Wisher] = {}
        for _ in range(MEMBERS):
            page = await stack.enter_async_context(Member.at(world.discord.origin, await world.join()))
            random = Random(chance.random())
            wishers[page.id] = Wisher(world=world, member=page, image=image, chance=random)
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(each.wish(wishes // MEMBERS)) for each in wishers.values()]
            group.create_task(doubt(world, asked, tally, Random(chance.random())))
        world.switch(script=[], next=[])
        await come_to_rest(world, tally)
        answers = {card: member_id for member_id, wisher in wishers.items() for card in wisher.answers}
        books = Books(world, answers=answers)
        tally.findings += await books.findings()
        tally.jobs, tally.charged = len(books.rows), sum(row["spent"] for row in books.rows) / 1000
        for wisher in wishers.values():
            tally.done += wisher.done
    tally.seconds = time.monotonic() - began


async def doubt(world: FastWorld, asked: list["asyncio.Task[None]"], tally: Tally, chance: Random) -> None:
    """Spoil the provider's next answers, and kill the bot now and then, as long as members ask."""
    while not all(task.done() for task in asked):
        lines = [
            {**chance.choice(ANSWERS), "times": chance.randint(1, 8)} for _ in range(chance.randint(0, 3))
        ]
        tally.doubts += sum(line["times"] for line in lines)
        world.switch(script=lines, next=[chance.choice(SUBMISSIONS) for _ in range(3)])
        await asyncio.sleep(chance.random() * 0.3)
        if chance.random() < 0.04:
            await (world.kill_bot() if chance.random() < 0.7 else world.stop_bot())
            await world.start_bot()
            tally.kills += 1


async def come_to_rest(world: FastWorld, tally: Tally) -> None:
    """Let everything end; the provider calls again for what was missed, and what it never had is given up."""
    end = time.monotonic() + END
    while unsettled := world._unsettled():
        if time.monotonic() > end:
            tally.findings += [f"{job[0]} does not come to an end: {job[1:]}" for job in unsettled]
            return
        await world.finish()
        books = Books(world, answers={})
        had = set[str]()
        for job_id, job in books.jobs.items():
            row = books.owner(job_id)
            if row is not None and row["status"] == "unknown" and job.outcome:
                had.add(row["id"])
                world.provider.control._webhooks.ended(job, job.outcome, again=True)
        for row in books.rows:
            if row["status"] == "unknown" and row["id"] not in had:
                world.change(
                    "UPDATE jobs SET created_at = created_at - ?1, submitted_at = submitted_at - ?1"
                    " WHERE id = ?2 AND submitted_at > ?3",
                    *(2 * DAY, row["id"], int(time.time() * 1000) - DAY),
                )
        await asyncio.sleep(0.3)
