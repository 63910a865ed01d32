"""``python tests/storage/accepting.py URL FOLDER NUMBER COUNT``: one of several processes that accept at once.

It begins when a lock of the database is given up, and prints how many it accepted, how many it refused, how many
were given up, and the moments (of the system's monotonic clock) at which it began and ended.
"""

import asyncio
import sys
import time
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).parents[2]))

from accounts.allowances import Ceilings
from domain.errors import Refusal
from jobs import transitions
from storage.database import Database, open_database
from storage.erasure_key import ErasureKey
from storage.errors import StorageError
from tests.storage.rows import ANN, a_job

GATE = 200
"""The advisory lock that keeps all of them waiting."""
ROOM = 10


async def accept(database: Database, name: str, member: int = ANN) -> str:
    job = a_job(name, member_id=member)
    limits = Ceilings(member=ROOM * job.reserved, waiting=1_000)
    try:
        await database.run(transitions.accept, job, (), event=name, role_ids=(), ceilings=limits)
    except Refusal:
        return "refused"
    except StorageError:
        return "given up"
    return "accepted"


async def main(url: str, folder: str, number: str, count: str) -> None:
    database = await open_database(Path(folder), url=url, key=ErasureKey(Path(folder), "of all hosts"))
    # What is done for the first time takes longer.
    await accept(database, f"w{number}", 900 + int(number))
    print("ready", flush=True)  # noqa: T201 - for the test
    with psycopg.connect(url, autocommit=True) as gate:
        await asyncio.to_thread(gate.execute, f"SELECT pg_advisory_lock_shared({GATE})")
        began = time.monotonic()
        ends = await asyncio.gather(*(accept(database, f"i{number}-{each}") for each in range(int(count))))
        ended = time.monotonic()
    await database.close()
    counts = [ends.count(how) for how in ("accepted", "refused", "given up")]
    print(*counts, began, ended, flush=True)  # noqa: T201 - for the test


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
