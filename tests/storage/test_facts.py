"""Small rows: facts, messages, durations, who wants no reminders."""

from storage import facts
from storage.database import Database
from storage.facts import Took
from tests.storage.rows import ANN, BEN, put_job


async def test_a_fact_is_what_was_stored_last(database: Database) -> None:
    assert await database.read(facts.fact, "commands") is None
    await database.run(facts.set_fact, "commands", "a")
    await database.run(facts.set_fact, "commands", "b")
    assert await database.read(facts.fact, "commands") == "b"


async def test_a_message_of_a_job_is_remembered_once(database: Database) -> None:
    await database.run(put_job)
    for _ in range(2):
        await database.run(facts.add_message, job_id="i1", channel_id=5, message_id=9, purpose="results")
    assert await database.read(facts.messages_of, "i1") == [(5, 9)]
    assert await database.read(facts.messages_of, "i2") == []


async def test_reminders_are_wanted_until_stopped(database: Database) -> None:
    assert await database.read(facts.wants_reminder, ANN)
    for _ in range(2):
        await database.run(facts.stop_reminding, ANN)
    assert not await database.read(facts.wants_reminder, ANN)
    assert await database.read(facts.wants_reminder, BEN)


async def test_the_newest_durations_come_oldest_first(database: Database) -> None:
    took = [Took(model="m", quality="high", count=1, low=n, high=n + 1, at=n) for n in range(5)]
    for each in took:
        await database.run(facts.add_duration, each)
    assert await database.read(facts.durations, limit=3) == took[2:]
    assert await database.read(facts.durations, limit=9) == took
