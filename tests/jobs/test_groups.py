"""Notes of calls in SQLite."""

from pathlib import Path

import pytest

from jobs.groups import CALLS, call_keeper, kept_calls
from storage import facts
from storage.database import open_database
from storage.errors import StorageError


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
    with pytest.raises(StorageError):
        await call_keeper(database, insist=True)("[1]")
    assert await database.read(facts.fact, CALLS) is None
    await database.close()
