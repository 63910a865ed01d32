"""Whole transactions on a PostgreSQL server that goes, crashes and loses answers."""

import asyncio
import random
import re
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from assembly.endings import CONFIGURATION, ending
from playground.postgres import PrivatePostgres
from storage.database import Database
from storage.engines import postgres_session
from storage.engines.fence import TRY_AGAIN, Fence
from storage.engines.postgres_session import READING, WRITING, Session
from storage.engines.postgres_tx import translated
from storage.errors import Away, LeaseLost, RuleBroken, Unusable
from storage.facts import fact, set_fact
from storage.postgres import PostgresDatabase, open_postgres
from storage.tx import Tx
from tests.engines import Databases, PostgresEngine
from tests.storage.losing import behind


@pytest.fixture(scope="module")
def lender(postgres: PrivatePostgres) -> Databases:
    return Databases(postgres)


@pytest.fixture
async def database(lender: Databases, tmp_path: Path) -> AsyncIterator[PostgresDatabase]:
    with lender.lent(tmp_path) as engine:
        opened = await open_postgres(engine.url, key=engine.key)
        yield opened
        await opened.close()


@pytest.fixture
def engine(lender: Databases, tmp_path: Path) -> AsyncIterator[PostgresEngine]:
    with lender.lent(tmp_path) as engine:
        yield engine


def count_up(tx: Tx) -> int:
    value = int(fact(tx, "count") or 0) + 1
    set_fact(tx, "count", str(value))
    return value


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("SELECT 1", "SELECT 1"),
        ("SELECT ? WHERE a = ?", "SELECT $1 WHERE a = $2"),
        ("SELECT '?', ? -- why?\n, ?", "SELECT '?', $1 -- why?\n, $2"),
        ("SELECT 'it''s ?' || ?", "SELECT 'it''s ?' || $1"),
        ('SELECT "?" = ?', 'SELECT "?" = $1'),
    ],
)
def test_question_marks_are_numbered_but_for_those_in_texts(ours: str, theirs: str) -> None:
    assert translated(ours).text == theirs


async def test_the_key_of_erased_members_never_goes_to_the_server(database: PostgresDatabase) -> None:
    def hashed(tx: Tx) -> tuple[str, int]:
        row = tx.execute("SELECT CAST(erasure_hash(?) AS TEXT), ?", (101, 7)).fetchone()
        return str(row[0]), int(row[1])

    assert await database.run(hashed) == (database._key.hash_of(101), 7)


async def test_values_come_back_as_they_do_from_sqlite(database: PostgresDatabase) -> None:
    def ask(tx: Tx) -> list[object]:
        tx.execute("INSERT INTO facts (name, value) VALUES (?, ?)", ("nul", "a\0b"))
        row = tx.execute(
            "SELECT SUM(v), AVG(v), MAX(?) FROM (SELECT 1 AS v UNION ALL SELECT 2) AS t", (True,)
        )
        return [*row.fetchone(), fact(tx, "nul")]

    found = await database.run(ask)
    assert found == [3, 1.5, 1, "ab"]
    assert [type(each) for each in found] == [int, float, int, str]


async def test_one_that_others_were_in_the_way_of_is_begun_anew(engine: PostgresEngine) -> None:
    """Each of four processes counts to fifty: none of them writes over what another has written."""
    sessions = [Session(engine.url, begin=WRITING, hash_of=engine.key.hash_of) for _ in range(4)]

    def count(session: Session) -> None:
        for _ in range(50):
            session.run(count_up, asked_at=time.monotonic())
        session.close()

    await asyncio.gather(*(asyncio.to_thread(count, session) for session in sessions))
    assert fact(engine.connect(), "count") == "200"


async def test_a_key_that_another_wrote_in_the_same_moment_is_found_when_it_is_begun_anew(
    engine: PostgresEngine,
) -> None:
    database, beside, tries = await engine.open(), engine.connect(), count()

    def put(tx: Tx) -> str:
        if next(tries) == 0:
            tx.execute("SELECT 1")
            beside.execute("INSERT INTO facts (name, value) VALUES ('one', 'theirs')")
        tx.execute("INSERT INTO facts (name, value) VALUES ('one', 'ours') ON CONFLICT (name) DO NOTHING")
        return fact(tx, "one") or ""

    def put_without_a_look(tx: Tx) -> None:
        next(tries)
        tx.execute("INSERT INTO facts (name, value) VALUES ('one', 'ours')")

    assert await database.run(put) == "theirs"
    tries = count()
    with pytest.raises(RuleBroken, match="facts_pkey"):
        await database.run(put_without_a_look)
    assert next(tries) == 2
    await database.close()


async def counted_until_it_fails(database: Database, counted: list[int]) -> None:
    while True:
        counted.append(await database.run(count_up))


async def test_a_server_that_was_restarted_is_found_again(
    engine: PostgresEngine, postgres: PrivatePostgres
) -> None:
    database = await engine.open()
    counted = [await database.run(count_up)]
    await asyncio.to_thread(postgres.crash)
    try:
        # What serves us notices a moment later that its parent is gone.
        with pytest.raises(Unusable, match="cannot be used just now"):
            await counted_until_it_fails(database, counted)
    finally:
        await asyncio.to_thread(postgres.start)
    assert await database.read(fact, "count") == str(counted[-1])
    assert await database.run(count_up) == counted[-1] + 1
    await asyncio.to_thread(postgres.restart)
    assert await database.run(count_up) == counted[-1] + 2
    await database.close()


@pytest.mark.parametrize(
    ("wrong", "said", "status"),
    [
        ({"user": "nobody"}, 'password authentication failed for user "nobody"', CONFIGURATION),
        ({"password": "not-it"}, "password authentication failed", CONFIGURATION),
        ({"password": None}, "no password supplied", CONFIGURATION),
        # It may be restored just now: who restores one drops it first.
        ({"dbname": "dropped"}, 'database "dropped" does not exist', TRY_AGAIN),
        ({"port": 1}, "Connection refused", TRY_AGAIN),
    ],
    ids=str,
)
async def test_who_is_not_let_in_need_not_try_again(
    engine: PostgresEngine, wrong: dict[str, Any], said: str, status: int
) -> None:
    known = {name: value for name, value in {**conninfo_to_dict(engine.url), **wrong}.items() if value}
    with pytest.raises(Unusable, match=re.escape(said)) as caught:
        await open_postgres(make_conninfo(**known), key=engine.key)
    told = ending(caught.value, "Darkroom cannot start")
    assert told is not None
    assert told[1] == status
    assert "not-it" not in told[0]


async def test_who_was_let_in_before_waits_while_a_password_is_changed(engine: PostgresEngine) -> None:
    with psycopg.connect(engine.url, autocommit=True) as operator:
        operator.execute("CREATE ROLE changing LOGIN SUPERUSER PASSWORD 'before'")
        try:
            known = {**conninfo_to_dict(engine.url), "user": "changing", "password": "before"}
            url = make_conninfo(**known)
            database = await open_postgres(url, key=engine.key)
            assert await database.run(count_up) == 1
            operator.execute("ALTER ROLE changing PASSWORD 'after'")
            operator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'changing'"
            )
            with pytest.raises(Away):
                await database.run(count_up)
            with pytest.raises(Away, match="does not let this program in"):
                await open_postgres(url, key=engine.key, fence=Fence("SELECT true", lambda: None))
            operator.execute("ALTER ROLE changing PASSWORD 'before'")
            assert await database.run(count_up) == 2
            await database.close()
        finally:
            operator.execute("DROP ROLE changing")


async def test_one_sentence_without_the_password(postgres: PrivatePostgres, tmp_path: Path) -> None:
    engine = PostgresEngine(tmp_path, postgres.url("nowhere"))
    password = engine.url.split(":")[2].partition("@")[0]
    with pytest.raises(Unusable, match="does not exist") as caught:
        await engine.open()
    assert password not in str(caught.value)
    assert "\n" not in str(caught.value)
    engine = PostgresEngine(tmp_path, "postgresql://me:secret%zz@here/x")
    with pytest.raises(Unusable) as caught:
        await engine.open()
    assert "secret" not in str(caught.value)


async def test_a_commit_whose_answer_was_lost_counts_once(engine: PostgresEngine) -> None:
    async with behind(engine) as (proxy, database):
        assert await database.run(count_up) == 1
        proxy.after = 1
        assert await database.run(count_up) == 2
        assert proxy.after == 0
        proxy.before = 1
        assert await database.run(count_up) == 3
        assert proxy.before == 0
        assert await database.read(fact, "count") == "3"


async def test_a_socket_behind_which_nothing_answers_is_given_up(
    engine: PostgresEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with behind(engine) as (proxy, database):
        assert await database.run(count_up) == 1
        monkeypatch.setattr(postgres_session.Link, "patience", 0.3)
        proxy.swallow()
        with pytest.raises(Unusable):
            await database.run(count_up)
        monkeypatch.undo()
        proxy.pass_on()
        assert int(await database.read(fact, "count") or 0) in {1, 2}
        assert await database.run(count_up) in {2, 3}


@dataclass
class Guard:
    """A fence that is down."""

    statement: str
    told: list[str] = field(default_factory=list[str])

    def lost(self) -> None:
        self.told.append("lost")


async def test_behind_a_fence_that_is_down_only_what_was_paid_for_is_stored(
    database: PostgresDatabase,
) -> None:
    guard = Guard("SELECT 1 = 2")
    database._fence = guard
    with pytest.raises(LeaseLost):
        await database.run(count_up)
    assert guard.told == ["lost"]
    assert await database.run_unfenced(count_up) == 1
    guard.statement = "SELECT 1 = 1"
    assert await database.run(count_up) == 2


async def test_what_waits_in_line_longer_than_anybody_waits_fails_with_the_first(
    engine: PostgresEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_session, "REACHED_WITHIN", 0.05)
    monkeypatch.setattr(postgres_session, "LOOKED_JUST_NOW", 60.0)
    session = Session("postgresql://nobody@127.0.0.1:1/x", begin=READING, hash_of=engine.key.hash_of)
    asked_at = time.monotonic()
    for _ in range(2):
        with pytest.raises(Unusable, match="cannot be used just now"):
            session.run(count_up, asked_at=asked_at)
    assert session._link is None


def test_entries_come_in_the_order_of_commits_whoever_writes_them(engine: PostgresEngine) -> None:
    """A thousand transactions of four writers, each of which waits a random moment before it commits.

    Whoever reads the ledger beside them, from the newest entry that they had read, misses none: what they sum up
    is what there is, at each of their looks.
    """
    chance = random.Random(7)
    pauses = [[chance.uniform(0, 0.002) for _ in range(250)] for _ in range(4)]

    def write(member: int) -> None:
        session = Session(engine.url, begin=WRITING, hash_of=engine.key.hash_of)
        try:
            for pause in pauses[member - 1]:
                session.run(partial(put_entry, member=member, pause=pause), asked_at=time.monotonic())
        finally:
            session.close()

    session = Session(engine.url, begin=READING, hash_of=engine.key.hash_of)
    seen = last = drift = readings = 0
    with ThreadPoolExecutor(4) as writers:
        under_way = [writers.submit(write, member) for member in range(1, 5)]
        written = False
        while not written:
            # A last look when all is written.
            written = all(each.done() for each in under_way)
            last, there, since = session.run(partial(look, last=last), asked_at=time.monotonic())
            seen, readings = seen + since, readings + 1
            drift = max(drift, there - seen)
    session.close()
    for each in under_way:
        each.result()
    assert (seen, drift) == (1_000, 0)
    assert readings > 10


def put_entry(tx: Tx, *, member: int, pause: float) -> None:
    tx.execute(
        "INSERT INTO entries (kind, guild_id, member, model, at, held, spent, reason_id, moderator)"
        " VALUES ('adjust', 1, ?, '', 0, 0, 1, 1, 1)",
        (member,),
    )
    time.sleep(pause)


def look(tx: Tx, *, last: int) -> tuple[int, int, int]:
    newest, there = tx.execute("SELECT COALESCE(MAX(id), 0), COUNT(*) FROM entries").fetchone()
    since = tx.execute("SELECT COUNT(*) FROM entries WHERE id > ? AND id <= ?", (last, newest)).fetchone()
    return int(newest), int(there), int(since[0])
