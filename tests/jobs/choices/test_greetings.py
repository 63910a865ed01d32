"""Greetings: one for each time that the bot comes into a server, whenever it hears of it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.limits import DAY, MINUTE
from jobs.choices.greetings import LATEST, Greetings
from storage import facts
from storage.database import Database, open_database
from tests.clock import START, FakeClock

GUILD, OTHER = 10, 11


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = await open_database(tmp_path)
    yield database
    await database.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def greetings(database: Database, clock: FakeClock) -> Greetings:
    return Greetings(database=database, clock=clock)


async def test_a_server_that_invited_the_bot_before_its_first_start_is_greeted_once(
    greetings: Greetings, clock: FakeClock
) -> None:
    await greetings.begin(first=True)
    before = START - DAY
    assert await greetings.is_due(GUILD, joined_at=before, served=True)
    await greetings.note(GUILD, joined_at=before, served=True)
    assert not await greetings.is_due(GUILD, joined_at=before, served=True)
    assert await greetings.is_due(OTHER, joined_at=before, served=True)
    clock.jump(2 * DAY)
    await greetings.begin(first=False)
    assert not await greetings.is_due(GUILD, joined_at=before, served=True)
    assert await greetings.is_due(OTHER, joined_at=before, served=True)


async def test_who_was_there_at_an_upgrade_is_not_greeted_and_who_comes_later_is(
    greetings: Greetings, clock: FakeClock
) -> None:
    await greetings.begin(first=False)
    assert not await greetings.is_due(GUILD, joined_at=START - MINUTE, served=True)
    clock.jump(DAY)
    await greetings.begin(first=False)
    assert await greetings.is_due(OTHER, joined_at=START + MINUTE, served=True)


async def test_whoever_invites_the_bot_again_is_greeted_again(greetings: Greetings, clock: FakeClock) -> None:
    await greetings.begin(first=True)
    await greetings.note(GUILD, joined_at=START, served=True)
    clock.jump(MINUTE)
    assert await greetings.is_due(GUILD, joined_at=START + MINUTE, served=True)


async def test_after_a_week_nobody_waits_for_a_word_and_nothing_is_kept_of_it(
    greetings: Greetings, database: Database, clock: FakeClock
) -> None:
    await greetings.begin(first=True)
    await greetings.note(GUILD, joined_at=START, served=True)
    clock.jump(LATEST + 1)
    assert not await greetings.is_due(OTHER, joined_at=START, served=True)
    await greetings.note(OTHER, joined_at=clock.now(), served=True)
    kept = await database.read(
        lambda tx: tx.execute("SELECT value FROM facts WHERE name = 'greetings'").fetchone()
    )
    assert f'"{OTHER}"' in kept[0]
    assert f'"{GUILD}"' not in kept[0]


async def test_who_was_told_that_they_may_not_use_the_bot_is_greeted_once_they_may_however_late(
    greetings: Greetings, clock: FakeClock
) -> None:
    await greetings.begin(first=True)
    assert await greetings.is_due(GUILD, joined_at=START, served=False)
    await greetings.note(GUILD, joined_at=START, served=False)
    assert not await greetings.is_due(GUILD, joined_at=START, served=False)
    clock.jump(LATEST + DAY)
    assert not await greetings.is_due(GUILD, joined_at=START, served=False)
    assert await greetings.is_due(GUILD, joined_at=START, served=True)
    await greetings.note(GUILD, joined_at=START, served=True)
    for served in (True, False):
        assert not await greetings.is_due(GUILD, joined_at=START, served=served)


async def test_a_program_of_before_reads_what_is_kept_of_greetings(
    greetings: Greetings, database: Database
) -> None:
    await greetings.begin(first=True)
    await greetings.note(GUILD, joined_at=START, served=False)
    kept = await database.read(facts.fact, "greetings")
    assert json.loads(kept or "") == {"since": 0, "servers": {str(GUILD): START}}
