"""Rows of images: what a job has, and which files are still of use."""

import pytest

from domain.images import Role
from domain.job import OPEN, Status
from storage import images, unnamed
from storage.database import Database
from tests.storage.rows import NOON, an_image, put_job

ENDS = sorted(set(Status) - OPEN)


async def test_an_image_reads_back_as_it_was_written(database: Database) -> None:
    await database.run(put_job)
    given = [
        an_image(
            url="https://cdn/x",
            url_expires_at=NOON,
            attached="source-1.png",
            sha256="ab",
            media_type="image/png",
            size=5,
            width=3,
            height=2,
        ),
        an_image(position=2),
        an_image(role=Role.RESULT, name="darkroom-i1-1.png"),
        an_image(role=Role.SHEET, name="sources.jpg"),
    ]
    await database.run(images.put, given)
    assert sorted(await database.read(images.of_job, "i1"), key=repr) == sorted(given, key=repr)
    assert await database.read(images.of_job, "i1", Role.SOURCE) == given[:2]


async def test_a_row_that_is_written_again_is_replaced(database: Database) -> None:
    await database.run(put_job)
    await database.run(images.put, [an_image(url="https://cdn/x", sha256=None)])
    kept = an_image(url=None, sha256="ab", size=5)
    await database.run(images.put, [kept])
    assert await database.read(images.of_job, "i1") == [kept]


async def test_the_images_of_one_role_are_removed_or_all(database: Database) -> None:
    await database.run(put_job)
    await database.run(images.put, [an_image(), an_image(role=Role.RESULT)])
    await database.run(images.remove, "i1", Role.SOURCE)
    assert [image.role for image in await database.read(images.of_job, "i1")] == [Role.RESULT]
    await database.run(images.remove, "i1")
    assert await database.read(images.of_job, "i1") == []


async def test_addresses_of_one_role_are_forgotten(database: Database) -> None:
    await database.run(put_job)
    await database.run(
        images.put,
        [an_image(url="https://cdn/s", url_expires_at=1), an_image(role=Role.RESULT, url="https://temp/r")],
    )
    await database.run(images.wipe_urls, "i1")
    urls = {image.role: image.url for image in await database.read(images.of_job, "i1")}
    assert urls == {Role.SOURCE: None, Role.RESULT: "https://temp/r"}


async def test_what_a_message_carried_is_forgotten_with_its_addresses(database: Database) -> None:
    await database.run(put_job)
    given = [
        an_image(url="https://cdn/1", url_expires_at=1, attached="source-1.png"),
        an_image(position=2, url="https://cdn/2", url_expires_at=2),
    ]
    await database.run(images.put, given)
    await database.run(images.forget_attached, "i1")
    assert [(image.attached, image.url) for image in await database.read(images.of_job, "i1")] == [
        (None, None),
        (None, "https://cdn/2"),
    ]


async def test_a_file_is_kept_as_long_as_any_row_names_it(database: Database) -> None:
    for job_id in ("i1", "i2"):
        await database.run(put_job, job_id)
        await database.run(images.put, [an_image(job_id, sha256="same"), an_image(job_id, position=2)])
    await database.run(images.forget_files, "i1")
    assert await database.read(unnamed.named) == {"same"}
    await database.run(images.forget_files, "i2")
    assert await database.read(unnamed.named) == set()


async def keep(database: Database, job_id: str, **values: object) -> None:
    await database.run(put_job, job_id, **values)  # type: ignore[arg-type]
    await database.run(images.put, [an_image(job_id, sha256=f"file of {job_id}")])


async def test_only_jobs_that_ended_and_wait_for_nobody_may_lose_their_files(database: Database) -> None:
    for number, status in enumerate(Status):
        await keep(database, status.value, status=status, ended_at=number)
    await keep(database, "waiting", status=Status.DONE, ended_at=0, collected=0)
    found = await database.read(images.disposable, before=None, limit=100)
    assert sorted(found) == ENDS


async def test_the_oldest_go_first_and_only_those_before_a_moment(database: Database) -> None:
    for job_id, ended_at in (("b", 20), ("c", 30), ("a", 10)):
        await keep(database, job_id, status=Status.DONE, ended_at=ended_at)
    assert await database.read(images.disposable, before=None, limit=2) == ["a", "b"]
    assert await database.read(images.disposable, before=30, limit=9) == ["a", "b"]


async def test_jobs_without_files_are_not_looked_at_again(database: Database) -> None:
    await keep(database, "a", status=Status.DONE, ended_at=1)
    await database.run(images.forget_files, "a")
    assert await database.read(images.disposable, before=None, limit=9) == []
    (row,) = await database.read(images.of_job, "a")
    assert (row.name, row.sha256) == ("cat.png", None)


@pytest.mark.parametrize("status", sorted(OPEN))
async def test_nothing_undelivered_ever_goes(database: Database, status: Status) -> None:
    await keep(database, "a", status=status, created_at=0)
    assert await database.read(images.disposable, before=NOON, limit=9) == []
