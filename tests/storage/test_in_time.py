"""A lock, or a server that stalls, holds nobody up beyond the time in which a member is answered."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from playground.postgres import PrivatePostgres
from storage import in_time
from storage.database import Database
from storage.engines import postgres_session
from storage.errors import Away, Unusable
from storage.facts import fact, set_fact
from storage.in_time import run_in_time
from storage.postgres import PostgresDatabase, open_postgres
from storage.tx import Tx
from tests.engines import Databases, PostgresEngine
from tests.storage.losing import behind

SOON = 10.0
"""Seconds: generous, and less than what a statement has."""


@pytest.fixture(scope="module")
def lender(postgres: PrivatePostgres) -> Databases:
    return Databases(postgres)


@pytest.fixture
def engine(lender: Databases, tmp_path: Path) -> Iterator[PostgresEngine]:
    with lender.lent(tmp_path) as engine:
        yield engine


@pytest.fixture
async def database(engine: PostgresEngine) -> AsyncIterator[PostgresDatabase]:
    opened = await open_postgres(engine.url, key=engine.key)
    yield opened
    await opened.close()


@contextmanager
def locked(engine: PostgresEngine, table: str = "facts") -> Iterator[None]:
    with psycopg.connect(engine.url) as admin:
        admin.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")  # type: ignore[arg-type]
        yield
        admin.rollback()


async def failed(asked: Callable[[], Any]) -> str:
    async with asyncio.timeout(SOON):
        with pytest.raises(Unusable) as caught:
            await asked()
    return str(caught.value)


async def test_a_lock_is_waited_for_as_long_as_a_member_waits_and_by_nobody_once_for_each(
    engine: PostgresEngine, database: PostgresDatabase
) -> None:
    with locked(engine):
        said = await asyncio.gather(
            *(failed(lambda: database.run(set_fact, "a", "b")) for _ in range(10)),
            *(failed(lambda: database.run_unfenced(set_fact, "a", "b")) for _ in range(2)),
            *(failed(lambda: database.read(fact, "a")) for _ in range(10)),
        )
        assert all("lock timeout" in each for each in said), said
    assert await database.read(fact, "a") is None
    await database.run(set_fact, "a", "c")
    assert await database.read(fact, "a") == "c"


async def test_what_is_not_done_in_time_is_told_at_once_and_never_done(
    engine: PostgresEngine, database: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both of the one that waits for a lock, and of those in line behind it."""
    monkeypatch.setattr(in_time, "IN_TIME", 0.2)
    monkeypatch.setattr(postgres_session, "LOCK_WAIT", 60.0)
    with locked(engine):
        for name in ("first", "second"):
            assert (
                await failed(
                    lambda name=name: run_in_time(database, in_time.in_time(None), set_fact, name, "")
                )
                == in_time.LATE
            )
        # What is asked without a bound comes after both of them.
        after = asyncio.ensure_future(database.run(set_fact, "after", ""))
    await after
    assert [await database.read(fact, name) for name in ("first", "second", "after")] == [None, None, ""]


async def test_a_server_that_stalls_is_not_waited_for_either(
    engine: PostgresEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_time, "IN_TIME", 0.2)
    async with behind(engine) as (proxy, database):
        await database.run(set_fact, "before", "")
        proxy.swallow()
        assert (
            await failed(lambda: run_in_time(database, in_time.in_time(None), set_fact, "asked", ""))
            == in_time.LATE
        )
        proxy.pass_on()
        await database.run(set_fact, "after", "")
        assert await database.read(fact, "asked") is None


class Scripted:
    """A database that does with a transaction what a test says, in a thread of its own."""

    def __init__(self, play: Callable[[Callable[[Any], Any]], Any]) -> None:
        self._play = play

    async def run(self, work: Callable[[Any], Any]) -> Any:
        return await asyncio.to_thread(self._play, work)


def as_database(play: Callable[[Callable[[Any], Any]], Any]) -> Database:
    scripted: Any = Scripted(play)
    return scripted


async def test_what_becomes_of_a_commit_that_was_sent_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_time, "IN_TIME", 0.05)
    committed = threading.Event()

    def stalls(work: Callable[[Any], Any]) -> Any:
        result = work(None)
        committed.wait(SOON)
        return result

    asked = asyncio.ensure_future(run_in_time(as_database(stalls), in_time.in_time(None), lambda _tx: "kept"))
    done, _ = await asyncio.wait({asked}, timeout=0.3)
    assert not done
    committed.set()
    assert await asked == "kept"


async def test_one_that_is_begun_anew_is_begun_in_time_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_time, "IN_TIME", 0.05)
    begun: list[Tx | None] = []

    def in_the_way(work: Callable[[Any], Any]) -> Any:
        work(None)
        time.sleep(0.1)
        return work(None)

    with pytest.raises(Away):
        await run_in_time(as_database(in_the_way), in_time.in_time(None), begun.append)
    assert len(begun) == 1


async def test_on_whichever_engine_it_returns_what_it_read(database: PostgresDatabase) -> None:
    await run_in_time(database, in_time.in_time(None), set_fact, "a", "b")
    assert await run_in_time(database, in_time.in_time(None), fact, "a") == "b"


def test_what_was_waited_for_before_counts_for_whoever_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    assert in_time.in_time(None) == 102.0
    assert [in_time.in_time(asked) for asked in (100.0, 99.5, 98.0, 90.0)] == [102.0, 102.0, 100.5, 92.5]
