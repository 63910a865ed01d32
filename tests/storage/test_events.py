"""What asked for a job makes no second one, whatever it was and however often it comes."""

from domain.request import Wish
from storage import events, job_rows
from storage.database import Database
from tests.storage.rows import ANN, BEN, a_job, put_job


async def wish(database: Database, job_id: str, member: int = ANN, message: int = 5) -> None:
    await database.run(put_job, job_id)
    await database.run(events.add, Wish(message), a_job(job_id, member_id=member))


async def found(database: Database, member: int = ANN, message: int = 5) -> str | None:
    return await database.read(events.job_of, Wish(message), member_id=member)


async def test_an_interaction_leads_to_its_job_and_names_it(database: Database) -> None:
    await database.run(put_job, "a" * 20)
    assert await database.read(events.job_of, "i7", member_id=ANN) is None
    await database.run(events.add, "i7", a_job("a" * 20))
    assert await database.read(events.job_of, "i7", member_id=ANN) == "a" * 20
    named = await database.read(job_rows.get, "i7")
    assert named is not None
    assert named.id == "a" * 20


async def test_a_wish_stands_until_it_is_taken_back(database: Database) -> None:
    await wish(database, "one")
    assert await found(database) == "one"
    await database.run(events.take_back, message_id=5, member_id=ANN)
    assert await found(database) is None
    await wish(database, "two")
    assert await found(database) == "two"
    rows = await database.read(lambda tx: tx.execute("SELECT n, taken_back FROM wishes").fetchall())
    assert rows == [(0, 1), (1, 0)]


async def test_a_wish_is_one_members_on_one_message(database: Database) -> None:
    await wish(database, "one")
    assert await found(database, BEN) is None
    assert await found(database, message=6) is None
    await database.run(events.take_back, message_id=5, member_id=BEN)
    await database.run(events.take_back, message_id=6, member_id=ANN)
    assert await found(database) == "one"


async def test_what_was_never_wished_cannot_be_taken_back(database: Database) -> None:
    await database.run(events.take_back, message_id=5, member_id=ANN)
    await wish(database, "one")
    assert await found(database) == "one"


async def test_all_wishes_on_a_message_are_taken_back_and_no_others(database: Database) -> None:
    await wish(database, "one")
    await wish(database, "two", BEN)
    await wish(database, "three", message=55)
    await database.run(events.take_back_all, 5)
    assert await found(database) is await found(database, BEN) is None
    assert await found(database, message=55) == "three"
