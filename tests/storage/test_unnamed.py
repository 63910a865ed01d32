"""Files go in two steps, and never while a row may come to name them."""

import pytest

from storage import images, unnamed
from storage.database import Database
from tests.storage.rows import an_image, put_job

HOUR = 3_600_000


@pytest.fixture
async def marked(database: Database) -> Database:
    """One file that a job named until now."""
    await database.run(put_job)
    await database.run(images.put, [an_image(sha256="a")])
    await database.run(images.remove, "i1")
    await database.run(unnamed.mark, ["a"], at=0)
    return database


async def test_a_file_goes_only_when_its_hour_is_over(marked: Database) -> None:
    assert await marked.run(unnamed.go, before=0) == []
    assert await marked.run(unnamed.go, before=1) == ["a"]
    await marked.run(unnamed.gone, ["a"])
    assert await marked.run(unnamed.go, before=HOUR) == []


async def test_a_file_that_a_row_names_is_not_marked(database: Database) -> None:
    await database.run(put_job)
    await database.run(images.put, [an_image(sha256="a")])
    await database.run(unnamed.mark, ["a", "b"], at=0)
    assert await database.read(unnamed.marked) == {"b"}


async def test_a_file_that_is_named_again_stays(marked: Database) -> None:
    assert await marked.run(unnamed.claim, "a")
    await marked.run(images.put, [an_image(sha256="a")])
    assert await marked.run(unnamed.go, before=HOUR) == []


async def test_a_row_that_names_a_file_without_a_word_keeps_it_all_the_same(marked: Database) -> None:
    await marked.run(images.put, [an_image(sha256="a")])
    assert await marked.run(unnamed.go, before=HOUR) == []
    assert await marked.read(unnamed.marked) == set()


async def test_nobody_may_name_a_file_that_is_going_until_it_is_gone(marked: Database) -> None:
    await marked.run(unnamed.go, before=HOUR)
    assert not await marked.run(unnamed.claim, "a")
    await marked.run(unnamed.gone, ["a"])
    assert await marked.run(unnamed.claim, "a")


async def test_what_was_going_when_the_bot_died_goes_at_its_next_look(marked: Database) -> None:
    await marked.run(unnamed.go, before=HOUR)
    assert await marked.run(unnamed.go, before=0) == ["a"]


async def test_a_mark_keeps_its_first_moment(marked: Database) -> None:
    await marked.run(unnamed.mark, ["a"], at=HOUR)
    assert await marked.run(unnamed.go, before=1) == ["a"]
