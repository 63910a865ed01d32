"""What the scheduler learns of jobs and notes of its calls, in SQLite: it outlives the process."""

import logging
from collections.abc import Awaitable, Callable

from domain.clock import Clock
from domain.job import Job
from pixeldojo.echoes import Asked
from scheduling.durations import Bounds, Durations, Ended, Group
from storage import facts
from storage.database import Database
from storage.errors import StorageError
from storage.facts import Took

log = logging.getLogger(__name__)

CALLS = "calls"
"""The fact that holds the latest note."""

NOTE_AGAIN = 1.0
"""Seconds between tries to keep a note without which no call is made."""

Keeper = Callable[[str], Awaitable[None]]

DEFAULT_QUALITY = "high"
"""What the provider makes of a job without this option."""


def group_of(job: Job) -> Group:
    """Return the group of jobs whose durations tell of this one's."""
    return Group(model=job.model, quality=job.options.quality or DEFAULT_QUALITY, count=job.options.images)


def took_of(job: Job, bounds: Bounds, *, at: int) -> Took:
    """Return what is kept of a job's duration (``at``: Unix milliseconds)."""
    group = group_of(job)
    return Took(
        model=group.model,
        quality=group.quality,
        count=group.count,
        low=int(bounds.low * 1000),
        high=int(bounds.high * 1000),
        at=at,
    )


def ended_of(took: Took) -> Ended:
    """Return what was kept of a job's duration as the scheduler learns it."""
    group = Group(model=took.model, quality=took.quality, count=took.count)
    return Ended(group=group, bounds=Bounds(took.low / 1000, took.high / 1000), at_ms=took.at)


async def learned_durations(database: Database) -> Durations:
    """Return what was learned of durations so far."""
    durations = Durations()
    durations.load([ended_of(took) for took in await database.run(facts.durations, limit=2000)])
    return durations


def asked_of(job: Job) -> Asked:
    """Return what a job asked for: an error that echoes it says nothing by that."""
    return Asked(job.prompt, job.model)


def call_keeper(database: Database, *, insist: Clock | None = None) -> Keeper:
    """Return what keeps the latest note of calls; with a clock to ``insist`` by it is tried until it does."""

    async def keep(noted: str) -> None:
        while not await _kept(database, noted) and insist is not None:
            # Another process may take over at any moment, and must know of every call.
            await insist.sleep(NOTE_AGAIN)

    return keep


async def _kept(database: Database, noted: str) -> bool:
    try:
        await database.run(facts.set_fact, CALLS, noted)
    except StorageError as error:
        # What was paid for is asked about all the same; only a kill just now could exceed the limit.
        log.warning("Calls to the provider could not be noted: %s", error)
        return False
    return True


async def kept_calls(database: Database) -> str | None:
    """Return the latest note of calls, if there is one."""
    # Not beside the writer: a note that is just being made would be missed.
    return await database.run(facts.fact, CALLS)
