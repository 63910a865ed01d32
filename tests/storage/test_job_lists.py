"""Which of a member's jobs a list has."""

import pytest

from domain.job import Status
from domain.job_filter import ALL_JOBS, Group, JobFilter
from storage import job_lists
from storage.database import Database
from tests.storage.rows import ANN, BEN, GUILD, put_job


async def listed(database: Database, wanted: JobFilter = ALL_JOBS) -> list[str]:
    return await database.read(job_lists.of_member, member_id=ANN, guild_id=GUILD, wanted=wanted)


async def test_a_list_has_a_members_jobs_here_and_what_waits_from_anywhere_newest_first(
    database: Database,
) -> None:
    rows = [
        ("a", {"created_at": 1}),
        ("b", {"created_at": 2, "guild_id": 20}),
        ("c", {"created_at": 3, "guild_id": 20, "collected": 0}),
        ("d", {"created_at": 4, "deleted": 1}),
        ("e", {"created_at": 5, "member_id": BEN, "collected": 0}),
        ("f", {"created_at": 6}),
    ]
    for job_id, values in rows:
        await database.run(put_job, job_id, **values)
    assert await listed(database) == ["f", "c", "a"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (JobFilter(Group.OPEN), ["queued", "unknown", "running"]),
        (JobFilter(Group.WAITING), ["waits"]),
        (JobFilter(Group.DONE), ["waits", "done"]),
        (JobFilter(Group.FAILED), ["failed"]),
        (JobFilter(Group.CANCELLED), ["cancelled"]),
        (JobFilter(words="ÄRGER  red"), ["done"]),
        (JobFilter(words="%"), ["failed"]),
        (JobFilter(Group.FAILED, "red"), []),
    ],
)
async def test_a_list_holds_what_its_filter_wants(
    database: Database, wanted: JobFilter, found: list[str]
) -> None:
    for number, (job_id, values) in enumerate(
        {
            "cancelled": {"status": Status.CANCELLED},
            "failed": {"status": Status.FAILED, "prompt": "100 % blue"},
            "done": {"status": Status.DONE, "prompt": "Red, with Ärger"},
            "waits": {"status": Status.DONE, "collected": 0},
            "running": {"status": Status.RUNNING},
            "unknown": {"status": Status.UNKNOWN},
            "queued": {"status": Status.QUEUED},
        }.items()
    ):
        await database.run(put_job, job_id, created_at=number, **values)
    assert await listed(database, wanted) == found
