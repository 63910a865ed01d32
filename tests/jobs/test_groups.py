"""Notes of calls in SQLite."""

import asyncio
from pathlib import Path

import pytest

from jobs.groups import CALLS, call_keeper, kept_calls
from storage import facts
from storage.database import open_database
from storage.errors import Unusable
from tests.clock import FakeClock


async def test_the_latest_note_is_kept(tmp_path: Path) -> None:
    database = await open_database(tmp_path)
    assert await kept_calls(database) is None
    for noted in ("[1]", "[2]"):
        await call_keeper(database)(noted)
    await database.close()
    database = await open_database(tmp_path)
    assert await kept_calls(database) == "[2]"
    await database.close()


async def test_a_disk_that_takes_nothing_does_not_stop_the_asking(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = await open_database(tmp_path)
    await database.run(lambda tx: tx.execute("PRAGMA query_only = ON") and None)
    await call_keeper(database)("[1]")
    assert "could not be noted" in caplog.text
    assert await database.read(facts.fact, CALLS) is None
    await database.close()


async def test_where_another_process_may_take_over_no_call_is_made_that_is_not_noted(tmp_path: Path) -> None:
    database, clock = await open_database(tmp_path), FakeClock()
    run = database.run

    async def away(*_: object, **__: object) -> None:
        raise Unusable("The database cannot be used just now.")

    database.run = away  # type: ignore[method-assign]
    keeping = asyncio.create_task(call_keeper(database, insist=clock)("[1]"))
    await clock.advance(10.0)
    assert len(clock.slept) > 5
    assert not keeping.done()
    database.run = run  # type: ignore[method-assign]
    await clock.advance(10.0)
    await keeping
    assert await kept_calls(database) == "[1]"
    await database.close()
