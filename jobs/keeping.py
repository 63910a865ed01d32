"""What the scheduler noted of its calls, in SQLite: a start after a kill must not forget the last minute."""

import logging
from collections.abc import Awaitable, Callable

from storage import facts
from storage.database import Database
from storage.errors import StorageError

log = logging.getLogger(__name__)

CALLS = "calls"
"""The fact that holds the latest note."""

Keeper = Callable[[str], Awaitable[None]]


def call_keeper(database: Database) -> Keeper:
    """Return what keeps the latest note of calls."""

    async def keep(noted: str) -> None:
        try:
            await database.run(facts.set_fact, CALLS, noted)
        except StorageError as error:
            # What was paid for is asked about all the same; only a kill just now could exceed the limit.
            log.warning("Calls to the provider could not be noted: %s", error)

    return keep


async def kept_calls(database: Database) -> str | None:
    """Return the latest note of calls, if there is one."""
    return await database.read(facts.fact, CALLS)
