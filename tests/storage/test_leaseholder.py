"""Holding leases, with spans a tenth as long: when the process is ended, and when it must not be."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import LiteralString, cast

import psycopg
import pytest

from assembly import turns
from playground.postgres import PrivatePostgres
from storage import facts, leases
from storage.database import open_database
from storage.engines.fence import TRY_AGAIN
from storage.engines.postgres_schema import migrate
from storage.erasure_key import ErasureKey
from storage.errors import LeaseLost
from storage.turns import leaseholder, standby
from storage.turns.leaseholder import Leaseholder
from storage.turns.standby import Standby
from storage.tx import Tx
from tests.crash.proxy import Proxy


class Process:
    """Stands in for a process: waits, holds, and notes that it was ended."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.ended = threading.Event()
        self.status: int | None = None
        self.standby = Standby(url, end=self._end)
        self.holder: Leaseholder | None = None

    def _end(self, status: int) -> None:
        self.status = status
        self.ended.set()

    def works(self) -> bool:
        self.holder = self.holder or self.standby.look()
        return self.holder is not None

    @property
    def held(self) -> Leaseholder:
        assert self.holder is not None
        return self.holder

    def was_ended(self) -> bool:
        return self.ended.wait(20) and self.status == TRY_AGAIN

    def close(self) -> None:
        self.standby.close()
        if self.holder is not None:
            self.holder.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, seconds in (
        (leases, "LENGTH", 1.5),
        (leaseholder, "LENGTH", 1.5),
        (leaseholder, "RENEW_EVERY", 0.1),
        (leaseholder, "FOR_A_POST", 0.5),
        (leaseholder, "TO_STORE", 1.5),
    ):
        monkeypatch.setattr(module, name, seconds)


@pytest.fixture(scope="module")
def url(postgres: PrivatePostgres) -> Iterator[str]:
    url = postgres.new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        migrate(connection)
    yield url
    postgres.drop_database(url)


@pytest.fixture
def beside(url: str) -> Iterator[leases.Connection]:
    """A connection of somebody else's."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def start(url: str, beside: leases.Connection) -> Iterator[Callable[[], Process]]:
    beside.execute("TRUNCATE leases, standbys; DELETE FROM facts")
    processes: list[Process] = []

    def begin() -> Process:
        processes.append(Process(url))
        return processes[-1]

    yield begin
    for process in processes:
        process.close()


def until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not so():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_it_is_held_for_longer_than_it_lasts_unrenewed_and_the_other_one_waits(
    start: Callable[[], Process], beside: leases.Connection
) -> None:
    one, other = start(), start()
    assert one.works()
    for seconds in ("1.7", "2"):
        longer = f"SELECT bool_and(until > since + interval '{seconds} s') FROM leases"
        until(lambda: beside.execute(cast("LiteralString", longer)).fetchone() == (True,))  # noqa: B023
        assert not other.works()
    assert not one.ended.is_set()


def test_given_back_they_are_taken_over_at_once(start: Callable[[], Process]) -> None:
    one, other = start(), start()
    assert one.works()
    assert not other.works()
    one.held.close()
    assert other.works()
    assert not one.ended.is_set()


def test_taken_by_another_the_process_is_ended(
    start: Callable[[], Process], beside: leases.Connection
) -> None:
    one = start()
    assert one.works()
    beside.execute("UPDATE leases SET holder = 'other', epoch = epoch + 1")
    assert one.was_ended()
    assert not one.held.may_send()


def test_a_renewal_that_does_not_return_ends_the_process(
    start: Callable[[], Process], beside: leases.Connection
) -> None:
    one = start()
    assert one.works()
    with beside.transaction():
        beside.execute("LOCK TABLE leases")
        assert one.was_ended()
        assert one.held.left() <= 0


def test_a_connection_that_breaks_is_opened_again(
    start: Callable[[], Process], beside: leases.Connection
) -> None:
    one = start()
    assert one.works()
    beside.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'darkroom: leases'"
    )
    moment = "SELECT max(until) FROM leases"
    before = beside.execute(moment).fetchone()
    until(lambda: beside.execute(moment).fetchone() != before)
    assert not one.ended.is_set()


def test_what_a_transaction_found_ends_the_process(start: Callable[[], Process]) -> None:
    one = start()
    assert one.works()
    one.held.fence.lost()
    assert one.was_ended()


async def test_only_what_was_paid_for_is_stored_without_the_leases(
    start: Callable[[], Process], beside: leases.Connection, tmp_path: Path
) -> None:
    one = start()
    assert one.works()
    database = await open_database(tmp_path, url=one.url, key=ErasureKey(tmp_path), fence=one.held.fence)
    await database.run(facts.set_fact, "a", "held")
    beside.execute("UPDATE leases SET holder = 'other', epoch = epoch + 1")
    with pytest.raises(LeaseLost):
        await database.run(facts.set_fact, "a", "lost")
    assert await database.read(facts.fact, "a") == "held"
    assert await asyncio.to_thread(one.was_ended)
    await database.run_unfenced(facts.set_fact, "a", "paid")
    assert await database.read(facts.fact, "a") == "paid"
    await database.close()


async def test_what_is_written_over_the_end_of_a_lease_is_not_kept_once_the_next_holder_has_read(
    start: Callable[[], Process], beside: leases.Connection, tmp_path: Path
) -> None:
    one = start()
    assert one.works()
    database = await open_database(tmp_path, url=one.url, key=ErasureKey(tmp_path), fence=one.held.fence)
    await database.run(facts.set_fact, "a", "before")

    def slowly(tx: Tx) -> None:
        facts.set_fact(tx, "a", "too late")
        beside.execute("UPDATE leases SET until = clock_timestamp() - interval '1 ms'")
        assert leases.take(beside, "other")
        beside.execute("BEGIN ISOLATION LEVEL SERIALIZABLE")
        assert beside.execute("SELECT value FROM facts WHERE name = 'a'").fetchone() == ("before",)

    with pytest.raises(LeaseLost):
        await database.run(slowly)
    beside.execute("COMMIT")
    assert await database.read(facts.fact, "a") == "before"
    assert await asyncio.to_thread(one.was_ended)
    await database.close()


def test_an_answer_that_is_owed_is_stored_before_the_end(start: Callable[[], Process]) -> None:
    one, stored, left = start(), threading.Event(), threading.Event()
    assert one.works()
    one.held.before_the_end(owed=lambda: not stored.is_set(), leave=left.set)
    one.held.fence.lost()
    assert left.wait(20)
    assert not one.held.may_send()
    assert not one.ended.is_set()
    stored.set()
    assert one.was_ended()


def test_an_answer_that_does_not_come_is_not_waited_for_longer_than_a_while(
    start: Callable[[], Process],
) -> None:
    one = start()
    assert one.works()
    one.held.before_the_end(owed=lambda: True, leave=lambda: None)
    one.held.fence.lost()
    assert one.was_ended()


def test_once_they_are_over_nothing_is_renewed_while_an_answer_is_waited_for(
    start: Callable[[], Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, unheard = start(), start(), threading.Event()
    monkeypatch.setattr(leaseholder, "TO_STORE", 60.0)
    renew = leases.renew

    def renewed(connection: leases.Connection, holder: str) -> int | None:
        told = renew(connection, holder)
        if unheard.is_set():
            raise psycopg.OperationalError("the answer was lost on its way")
        return told

    assert one.works()
    monkeypatch.setattr(leases, "renew", renewed)
    answered = threading.Event()
    one.held.before_the_end(owed=lambda: not answered.is_set(), leave=unheard.clear)
    unheard.set()
    # The network is back as soon as the process knows that they are over.
    until(other.works)
    assert not one.ended.is_set()
    answered.set()
    assert one.was_ended()


def test_a_renewal_that_comes_through_once_they_are_over_is_given_back(
    start: Callable[[], Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = start(), start()
    for module, name in ((leases, "LENGTH"), (leaseholder, "LENGTH"), (leaseholder, "TO_STORE")):
        monkeypatch.setattr(module, name, 60.0)
    assert one.works()
    renew, answered = leases.renew, threading.Event()

    def renewed(connection: leases.Connection, holder: str) -> int | None:
        told = renew(connection, holder)
        one.held.fence.lost()
        return told

    one.held.before_the_end(owed=lambda: not answered.is_set(), leave=lambda: None)
    monkeypatch.setattr(leases, "renew", renewed)
    until(lambda: one.held.left() == 0)
    monkeypatch.setattr(leases, "renew", renew)
    until(other.works)
    assert not one.ended.is_set()
    answered.set()
    assert one.was_ended()


def test_little_time_left_is_too_little_for_a_request(
    start: Callable[[], Process], beside: leases.Connection
) -> None:
    one = start()
    assert one.works()
    assert one.held.may_send()
    with beside.transaction():
        beside.execute("LOCK TABLE leases")
        until(lambda: not one.held.may_send())
        one.ended.wait(20)


def test_the_moment_is_the_databases(start: Callable[[], Process], beside: leases.Connection) -> None:
    one = start()
    assert one.works()
    query = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8"
    row = beside.execute(query).fetchone()
    assert row is not None
    assert 0 <= one.held.now() - float(str(row[0])) + 1 < 20_000


def test_a_database_that_is_away_is_waited_for(
    start: Callable[[], Process], caplog: pytest.LogCaptureFixture
) -> None:
    one = start()
    one.standby._url = "postgresql://nobody@127.0.0.1:1/none"
    with caplog.at_level("INFO"):
        assert not one.works()
    assert "waits for the database" in caplog.text
    one.standby._url = one.url
    assert one.works()


async def test_who_waits_on_a_connection_that_falls_silent_asks_on_a_new_one(
    start: Callable[[], Process],
    postgres: PrivatePostgres,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(leaseholder, "ANSWERS_WITHIN", 0.5)
    monkeypatch.setattr(standby, "LONG", 0.4)
    one, other = start(), start()
    assert one.works()
    async with Proxy.to(postgres.port) as proxy:
        other.standby._url = other.url.replace(f":{postgres.port}/", f":{proxy.port}/")
        assert not await asyncio.to_thread(other.works)
        proxy.swallow()
        assert not await asyncio.wait_for(asyncio.to_thread(other.works), 15)
        assert "did not answer in time" in next(
            each.message for each in caplog.records if each.levelname == "WARNING"
        )
        other.standby._url = other.url
        await asyncio.to_thread(one.held.close)
        assert await asyncio.to_thread(other.works)


async def test_given_back_on_a_new_connection_where_the_old_one_has_fallen_silent(
    start: Callable[[], Process], postgres: PrivatePostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaseholder, "ANSWERS_WITHIN", 0.5)
    for module in (leases, leaseholder):
        monkeypatch.setattr(module, "LENGTH", 60.0)
    monkeypatch.setattr(leaseholder, "RENEW_EVERY", 60.0)
    one, other = start(), start()
    async with Proxy.to(postgres.port) as proxy:
        one.standby._url = one.url.replace(f":{postgres.port}/", f":{proxy.port}/")
        assert await asyncio.to_thread(one.works)
        one.held._url = one.url
        proxy.swallow()
        await asyncio.wait_for(asyncio.to_thread(one.held.close), 15)
        assert await asyncio.to_thread(other.works)


async def test_who_is_stopped_does_not_wait_for_an_answer(
    start: Callable[[], Process], postgres: PrivatePostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaseholder, "ANSWERS_WITHIN", 60.0)
    one, other = start(), start()
    assert one.works()
    async with Proxy.to(postgres.port) as proxy:
        other.standby._url = other.url.replace(f":{postgres.port}/", f":{proxy.port}/")
        assert not await asyncio.to_thread(other.works)
        proxy.swallow()
        stop = asyncio.Event()
        waits = asyncio.create_task(turns._turn(other.standby, stop))
        await asyncio.sleep(0.2)
        stop.set()
        assert await asyncio.wait_for(waits, 15) is None
