"""Tracking over real HTTP: what each answer does to a job, and what silence does not."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from domain.entries import EntryKind
from domain.errors import Reason
from domain.images import Role
from domain.job import Job, Status
from domain.limits import DAY, GIVE_UP, HARD_DEADLINE, HOUR
from domain.options import Options
from jobs.asking.tracker import Answered, End, Tracker
from pixeldojo.kinds import Failure, State
from pixeldojo.replies import JobReply
from scheduling.permits import Ask
from tests.jobs.harness import Harness, until

CARD = {"card_id": 77, "card_channel_id": 5}


@dataclass
class Setting:
    harness: Harness
    ends: dict[str, asyncio.Task[End]] = field(default_factory=dict[str, asyncio.Task[End]])

    @property
    def tracker(self) -> Tracker:
        return self.harness.parts.tracker

    @property
    def fetched(self) -> list[tuple[str, JobReply]]:
        ends = [(job_id, task.result()) for job_id, task in self.ends.items() if task.done()]
        return [(job_id, end.reply) for job_id, end in ends if isinstance(end, Answered) and not end.failure]

    @property
    def ended(self) -> list[str]:
        """Jobs that hold no slot any more."""
        return [
            job_id
            for job_id in self.ends
            if job_id not in {job.id for job in self.harness.parts.slots.held()}
        ]

    async def ask(self, *job_ids: str, by_list: bool = False) -> None:
        """Ask, and let whoever waits for the jobs act on how they have ended."""
        job_ids = job_ids or ("i1",)
        for job_id in job_ids:
            job = await self.harness.job(job_id)
            if job_id not in self.ends or self.ends[job_id].done():
                self.ends[job_id] = asyncio.create_task(self.tracker.ended(job))
        await asyncio.sleep(0)
        closed: list[int] = []
        await self.tracker._ask(Ask(lambda: closed.append(1), job_ids=job_ids, by_list=by_list))
        assert closed == [1]
        await until(lambda: not self.harness.parts.tasks._free, what="what an answer sets off")
        await asyncio.sleep(0)
        for job_id in job_ids:
            if self.ends[job_id].done() and (
                isinstance(end := self.ends[job_id].result(), Reason) or (end is not None and end.failure)
            ):
                await self.harness.parts.life._collect(await self.harness.job(job_id), end)
        await until(lambda: not self.harness.parts.tasks._free, what="what follows an answer")

    def close(self) -> None:
        for task in self.ends.values():
            task.cancel()

    async def running(self, job_id: str = "i1", **values: Any) -> Job:
        """A job that the provider is really running."""
        body = {"prompt": "sepia", "webhook_url": "https://nobody.invalid/x"}
        taken = await self.harness.parts.outside.client.submit("gpt-image-1-5", body)
        given = {
            "provider_job_id": taken.job_id,
            "submitted_at": self.harness.clock.now(),
            "cost": taken.credit_cost,
        }
        return await self.harness.put(job_id, status=Status.RUNNING, **{**CARD, **given, **values})


@pytest.fixture
def setting(harness: Harness) -> Iterator[Setting]:
    harness.provider.control.merge({"webhooks": "off", "latency": 0})
    made = Setting(harness)
    yield made
    made.close()


async def at_provider(setting: Setting, job: Job, *states: str) -> None:
    def there() -> bool:
        books = {line["job"]: line["status"] for line in setting.harness.provider.control.books()}
        return books[job.provider_job_id] in states

    await until(there, what=f"one of {states}")


async def test_a_running_job_goes_on(setting: Setting) -> None:
    setting.harness.provider.control.merge({"latency": 1.0})
    await setting.running()
    await setting.ask()
    assert setting.harness.scheduler.told == [("i1", True)]
    assert setting.ended == []
    assert (await setting.harness.job()).status is Status.RUNNING


async def test_a_completed_job_is_fetched_and_frees_its_slot(setting: Setting) -> None:
    job = await setting.running()
    await at_provider(setting, job, "completed")
    await setting.ask()
    ((job_id, reply),) = setting.fetched
    assert (job_id, reply.state, len(reply.images)) == ("i1", State.COMPLETED, 1)
    assert setting.ended == ["i1"]
    assert setting.harness.scheduler.told == [("i1", False)]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("fail", Reason.PROVIDER_TROUBLE),
        ("moderated", Reason.MODERATED),
        ("cancelled", Reason.PROVIDER_TROUBLE),
        ("expired", Reason.PROVIDER_TROUBLE),
    ],
)
@pytest.mark.parametrize("shape", ["object", "string", "list", "none"])
async def test_a_failed_job_ends_at_no_cost_with_its_reason(
    setting: Setting, fault: str, reason: Reason, shape: str
) -> None:
    setting.harness.provider.control.merge({"next": [fault], "job_error_shape": shape})
    job = await setting.running()
    await at_provider(setting, job, "failed", "cancelled", "expired", "completed")
    await setting.ask()
    ended = await setting.harness.job()
    told = reason if shape != "none" or reason is not Reason.MODERATED else Reason.PROVIDER_TROUBLE
    assert (ended.status, ended.failure) == (Status.FAILED, told)
    assert [kind for kind, _, _ in await setting.harness.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]
    assert setting.ended == ["i1"]
    assert set(setting.harness.scheduler.forgotten) == {"i1"}
    assert setting.harness.messenger.brought[-1][1].job.status is Status.FAILED


GONE = {"status": 404, "body": {"error": {"code": "job_not_found", "message": "No such job."}}}
DENIALS = [GONE, {"status": 410, "body": {"error": "gone"}}, {"status": 200, "body": {"status": "error"}}]


def about_jobs(setting: Setting, line: dict[str, Any], times: int = 99) -> None:
    setting.harness.provider.control.merge(
        {"script": [{"path": "/jobs/", "method": "GET", "times": times, **line}]}
    )


@pytest.mark.parametrize("line", DENIALS)
async def test_a_denial_is_believed_the_third_time_over_ten_minutes(
    setting: Setting, line: dict[str, Any]
) -> None:
    await setting.running()
    about_jobs(setting, line)
    for _ in range(5):
        await setting.ask()
        assert (await setting.harness.job()).status is Status.RUNNING
    await setting.harness.clock.sleep(600.0)
    await setting.ask()
    assert (await setting.harness.job()).failure is Reason.PROVIDER_TROUBLE
    assert ("i1", True) not in setting.harness.scheduler.told, "that it runs was not said"


async def test_a_denial_counts_three_times_at_least(setting: Setting) -> None:
    await setting.running()
    about_jobs(setting, GONE)
    await setting.ask()
    await setting.harness.clock.sleep(3_600.0)
    await setting.ask()
    assert (await setting.harness.job()).status is Status.RUNNING
    await setting.ask()
    assert (await setting.harness.job()).failure is Reason.PROVIDER_TROUBLE


async def test_a_denial_of_all_jobs_alike_is_not_believed(setting: Setting) -> None:
    for job_id in ("i1", "i2"):
        await setting.running(job_id)
    about_jobs(setting, GONE)
    for _ in range(8):
        for job_id in ("i1", "i2"):
            await setting.ask(job_id)
        await setting.harness.clock.sleep(300.0)
    assert {(await setting.harness.job(each)).status for each in ("i1", "i2")} == {Status.RUNNING}


async def test_a_denial_is_not_believed_while_the_provider_answers_nothing_else(setting: Setting) -> None:
    await setting.running()
    script = [{"path": "/jobs/", "times": 99, **GONE}, {"path": "/models", "times": 99, "status": 503}]
    setting.harness.provider.control.merge({"script": script})
    for _ in range(4):
        await setting.ask()
        await setting.harness.clock.sleep(600.0)
    assert (await setting.harness.job()).status is Status.RUNNING


async def test_a_job_that_is_known_again_in_between_is_not_given_up(setting: Setting) -> None:
    setting.harness.provider.control.merge({"latency": 60.0})
    await setting.running()
    for _ in range(6):
        about_jobs(setting, GONE, times=2)
        for _ in range(3):
            await setting.ask()
            await setting.harness.clock.sleep(70.0)
    assert (await setting.harness.job()).status is Status.RUNNING


NEVER_FINAL = [
    {"status": 404, "body": "<html><title>404</title></html>"},
    {"status": 404, "body": ""},
    {"status": 403, "body": "<html><title>Just a moment</title></html>"},
    {"status": 503},
    {"status": 200, "body": "<html>"},
    {"status": 200, "body": {"error": "?"}},
    {"status": 200, "body": {"jobId": "another", "status": "failed"}},
    {"status": 200, "body": {"status": "completed"}},
    {"status": 301},
]


@pytest.mark.parametrize("line", NEVER_FINAL)
async def test_what_says_nothing_of_the_job_never_becomes_final_by_repetition(
    setting: Setting, line: dict[str, Any]
) -> None:
    job = await setting.running()
    await at_provider(setting, job, "completed")
    about_jobs(setting, line, times=9)
    for _ in range(9):
        await setting.ask()
        await setting.harness.clock.sleep(3_600.0)
    assert (await setting.harness.job()).status is Status.RUNNING
    await setting.ask()
    assert [job_id for job_id, _ in setting.fetched] == ["i1"]


async def test_a_job_that_is_completed_without_images_for_a_day_is_given_up(setting: Setting) -> None:
    setting.harness.provider.control.merge({"next": ["no_images"]})
    job = await setting.running()
    await at_provider(setting, job, "completed")
    await setting.ask()
    assert (await setting.harness.job()).status is Status.RUNNING
    await setting.harness.clock.sleep(DAY / 1000 + 1)
    await setting.ask()
    assert (await setting.harness.job()).failure is Reason.NO_IMAGES
    assert [kind for kind, _, _ in await setting.harness.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]


async def test_images_of_a_word_that_is_new_are_taken_at_the_hard_deadline(setting: Setting) -> None:
    job = await setting.running()
    await at_provider(setting, job, "completed")
    url = f"{setting.harness.provider.origin}/temp/x.png"
    about_jobs(
        setting, {"status": 200, "body": {"jobId": job.provider_job_id, "status": "ok!", "output": [url]}}
    )
    await setting.ask()
    assert setting.fetched == []
    await setting.harness.clock.sleep(HARD_DEADLINE / 1000 + 1)
    await setting.ask()
    assert [reply.images for _, reply in setting.fetched] == [(url,)]


async def test_a_wall_clock_that_is_a_day_ahead_for_a_moment_gives_no_job_up(setting: Setting) -> None:
    setting.harness.provider.control.merge({"latency": 1.0})
    await setting.running()
    await setting.ask()
    setting.harness.clock.jump(DAY + HOUR)
    await setting.ask()
    assert (await setting.harness.job()).status is Status.RUNNING
    assert setting.ended == []
    setting.harness.clock.jump(-DAY - HOUR)
    await setting.ask()
    assert (await setting.harness.job()).status is Status.RUNNING


async def test_a_job_of_yesterdays_run_is_asked_about_before_it_is_given_up(setting: Setting) -> None:
    job = await setting.running(submitted_at=setting.harness.clock.now() - GIVE_UP - HOUR)
    await at_provider(setting, job, "completed")
    about_jobs(setting, {"status": 503}, times=3)
    for _ in range(4):
        await setting.ask()
    assert [job_id for job_id, _ in setting.fetched] == ["i1"]


DENIED = {"status": 404, "body": {"error": {"code": "not_found", "message": "There is no such job."}}}
EMPTY = {"status": 200, "body": {"status": "completed", "output": {"images": []}}}
UNDER_WAY = {"status": 200, "body": {"status": "processing"}}


@pytest.mark.parametrize("line", [DENIED, EMPTY, UNDER_WAY])
async def test_no_answer_of_the_first_minutes_ends_a_job_of_yesterdays_run(
    setting: Setting, line: dict[str, Any]
) -> None:
    job = await setting.running(submitted_at=setting.harness.clock.now() - GIVE_UP - HOUR)
    await at_provider(setting, job, "completed")
    about_jobs(setting, line, times=2)
    for _ in range(2):
        await setting.ask()
        assert (await setting.harness.job()).status is Status.RUNNING
    await setting.ask()
    assert [job_id for job_id, _ in setting.fetched] == ["i1"]


async def test_a_provider_that_is_away_for_an_hour_of_this_run_too_has_lost_a_job_of_yesterday(
    setting: Setting,
) -> None:
    await setting.running(submitted_at=setting.harness.clock.now() - GIVE_UP - HOUR)
    about_jobs(setting, {"status": 503})
    await setting.ask()
    assert (await setting.harness.job()).status is Status.RUNNING
    await setting.harness.clock.sleep(3_601.0)
    await setting.ask()
    assert (await setting.harness.job()).failure is Reason.TIMED_OUT


@pytest.mark.parametrize(
    "line",
    [
        {"status": 500},
        {"status": 503, "body": "<html>"},
        {"status": 429},
        {"status": 401},
        {"status": 200, "body": "no JSON"},
        {"action": "reset_before", "times": 2},
        {"action": "cut_body"},
    ],
)
async def test_an_answer_that_says_nothing_changes_nothing(setting: Setting, line: dict[str, Any]) -> None:
    job = await setting.running()
    await at_provider(setting, job, "completed")
    setting.harness.provider.control.merge({"script": [{"path": "/jobs/", "method": "GET", **line}]})
    await setting.ask()
    assert (await setting.harness.job()).status is Status.RUNNING
    assert setting.ended == []
    assert ("i1", True) not in setting.harness.scheduler.told, "nothing was learned: it is asked again"
    await setting.ask()
    assert [job_id for job_id, _ in setting.fetched] == ["i1"]


async def test_a_job_beyond_the_hard_deadline_is_asked_about_now_and_then_and_frees_its_slot(
    setting: Setting,
) -> None:
    setting.harness.provider.control.merge({"latency": 1.0})
    await setting.running(submitted_at=setting.harness.clock.now() - HARD_DEADLINE - 1)
    await setting.ask()
    assert setting.harness.scheduler.slowed == {"i1": 600.0}
    assert setting.ended == ["i1"]
    assert (await setting.harness.job()).status is Status.RUNNING


async def test_a_job_that_runs_for_a_day_is_given_up(setting: Setting) -> None:
    setting.harness.provider.control.merge({"latency": 1.0})
    await setting.running(submitted_at=setting.harness.clock.now() - GIVE_UP - 1)
    await setting.ask()
    await setting.harness.clock.sleep(601.0)
    await setting.ask()
    assert (await setting.harness.job()).failure is Reason.TIMED_OUT


@pytest.mark.parametrize("status", [Status.DELIVERING, Status.FAILED])
async def test_a_job_that_moved_on_is_not_asked_about(setting: Setting, status: Status) -> None:
    await setting.harness.put(status=status)
    asked = len(setting.harness.provider.log)
    await setting.ask()
    assert set(setting.harness.scheduler.forgotten) == {"i1"}
    assert len(setting.harness.provider.log) == asked


async def test_one_list_answers_for_many(setting: Setting) -> None:
    jobs = [await setting.running(f"i{number}") for number in range(3)]
    for job in jobs:
        await at_provider(setting, job, "completed")
    await setting.harness.put("i9", status=Status.RUNNING, provider_job_id="somewhere")
    await setting.ask("i0", "i1", "i2", "i9", by_list=True)
    assert sorted(job_id for job_id, _ in setting.fetched) == ["i0", "i1", "i2"]
    assert (await setting.harness.job("i9")).status is Status.RUNNING
    assert "i9" not in dict(setting.harness.scheduler.told), "of a job that is not named nothing is learned"
    assert asked(setting) == ["/api/v1/jobs"]


def asked(setting: Setting) -> list[str]:
    return [line["path"] for line in setting.harness.provider.log if line["method"] == "GET"]


@pytest.mark.parametrize(
    "line",
    [
        {"status": 500},
        {"status": 503, "body": "<html><title>Just a moment</title></html>"},
        {"status": 200, "body": "<html><title>Just a moment</title></html>"},
        {"status": 404},
        {"status": 429},
        {"status": 200, "body": {"data": {"page": 1, "items": "see the dashboard"}}},
        {"status": 200, "body": []},
        {"status": 200, "body": {"jobs": [{"id": "somebody's", "status": "failed"}]}},
        {"action": "cut_body"},
        {"action": "reset_before", "times": 2},
    ],
)
async def test_a_list_that_names_none_of_ours_says_nothing(setting: Setting, line: dict[str, Any]) -> None:
    await at_provider(setting, await setting.running(), "completed")
    setting.harness.provider.control.merge({"script": [{"path": "/jobs$", "method": "GET", **line}]})
    await setting.ask(by_list=True)
    assert setting.harness.scheduler.told == []
    assert setting.harness.scheduler.doubted == []
    assert setting.fetched == []
    assert (await setting.harness.job()).status is Status.RUNNING


@pytest.mark.parametrize(
    "said",
    [
        {"status": "completed"},
        {"status": "completed", "output": {"images": []}},
        {"status": "completed", "output": {"image": "https://temp.pixeldojo.ai/only-one.png"}},
        {"status": "failed"},
        {"status": "failed", "error": {"code": "content_policy_violation", "message": "no"}},
        {"status": "expired"},
    ],
)
async def test_an_end_that_a_list_does_not_prove_is_confirmed_by_the_job(
    setting: Setting, said: dict[str, Any]
) -> None:
    job = await setting.running(options=Options(count=2))
    body = {"jobs": [{"id": job.provider_job_id, **said}]}
    setting.harness.provider.control.merge({"script": [{"path": "/jobs$", "status": 200, "body": body}]})
    await setting.ask(by_list=True)
    assert setting.harness.scheduler.doubted == ["i1"]
    assert setting.harness.scheduler.told == setting.fetched == setting.ended == []
    assert (await setting.harness.job()).status is Status.RUNNING


async def test_an_answer_that_comes_when_the_job_has_moved_on_charges_nothing(setting: Setting) -> None:
    job = await setting.running()
    await setting.harness.database.run(
        lambda tx: tx.execute("UPDATE jobs SET status = 'delivering'").fetchall()
    )
    failed = JobReply(job_id=job.provider_job_id or "", state=State.FAILED, failure=Failure.PROVIDER)
    assert await setting.harness.parts.life._collect(job, Answered(failed)) is None
    assert (await setting.harness.job()).status is Status.DELIVERING
    assert [kind for kind, _, _ in await setting.harness.entries()] == [EntryKind.RESERVE]
    assert await setting.harness.images(Role.RESULT) == []
