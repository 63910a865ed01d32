"""Tracking over real HTTP: what each answer does to a job, and what silence does not."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from domain.entries import EntryKind
from domain.errors import Reason
from domain.images import Role
from domain.job import Job, Status
from domain.limits import GIVE_UP, HARD_DEADLINE
from jobs.scheduling.durations import Bounds
from jobs.scheduling.permits import Ask
from jobs.tracker import GONE_TRIES, Tracker
from pixeldojo.kinds import Failure, State
from pixeldojo.replies import JobReply
from tests.jobs.kit import Kit, until

CARD = {"card_id": 77, "card_channel_id": 5}


@dataclass
class Setting:
    kit: Kit
    ended: list[str] = field(default_factory=list[str])
    fetched: list[tuple[str, JobReply]] = field(default_factory=list[tuple[str, JobReply]])

    def __post_init__(self) -> None:
        given: Any = self
        projector = self.kit.projector()
        self.tracker = Tracker(
            tools=self.kit.tools,
            projector=projector,
            fetcher=given,
            follow_up=self.kit.follow_up(projector),
            ended=self.ended.append,
        )

    async def fetch(self, job: Job, reply: JobReply, bounds: Bounds | None) -> None:
        assert bounds is None
        self.fetched.append((job.id, reply))

    async def ask(self, *job_ids: str, by_list: bool = False) -> None:
        closed: list[int] = []
        ask = Ask(lambda: closed.append(1), job_ids=job_ids or ("i1",), by_list=by_list)
        await self.tracker._ask(ask)
        assert closed == [1]
        tasks = self.kit.tools.tasks
        await until(lambda: not tasks._free, what="what follows an answer")

    async def running(self, job_id: str = "i1", **values: Any) -> Job:
        """A job that the provider is really running."""
        body = {"prompt": "sepia", "webhook_url": "https://nobody.invalid/x"}
        taken = await self.kit.tools.client.submit("gpt-image-1-5", body)
        given = {
            "provider_job_id": taken.job_id,
            "submitted_at": self.kit.clock.now(),
            "cost": taken.credit_cost,
        }
        return await self.kit.put(job_id, status=Status.RUNNING, **{**CARD, **given, **values})


@pytest.fixture
def setting(kit: Kit) -> Setting:
    kit.provider.control.merge({"webhooks": "off", "latency": 0})
    return Setting(kit)


async def at_provider(setting: Setting, job: Job, *states: str) -> None:
    def there() -> bool:
        books = {line["job"]: line["status"] for line in setting.kit.provider.control.books()}
        return books[job.provider_job_id] in states

    await until(there, what=f"one of {states}")


async def test_a_running_job_goes_on(setting: Setting) -> None:
    setting.kit.provider.control.merge({"latency": 1.0})
    await setting.running()
    await setting.ask()
    assert setting.kit.scheduler.told == [("i1", True)]
    assert setting.ended == []
    assert (await setting.kit.job()).status is Status.RUNNING


async def test_a_completed_job_is_fetched_and_frees_its_slot(setting: Setting) -> None:
    job = await setting.running()
    await at_provider(setting, job, "completed")
    await setting.ask()
    ((job_id, reply),) = setting.fetched
    assert (job_id, reply.state, len(reply.images)) == ("i1", State.COMPLETED, 1)
    assert setting.ended == ["i1"]
    assert setting.kit.scheduler.told == [("i1", False)]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("fail", Reason.PROVIDER_TROUBLE),
        ("moderated", Reason.MODERATED),
        ("cancelled", Reason.PROVIDER_TROUBLE),
        ("expired", Reason.PROVIDER_TROUBLE),
        ("no_images", Reason.NO_IMAGES),
    ],
)
@pytest.mark.parametrize("shape", ["object", "string", "list", "none"])
async def test_a_failed_job_ends_at_no_cost_with_its_reason(
    setting: Setting, fault: str, reason: Reason, shape: str
) -> None:
    setting.kit.provider.control.merge({"next": [fault], "job_error_shape": shape})
    job = await setting.running()
    await at_provider(setting, job, "failed", "cancelled", "expired", "completed")
    await setting.ask()
    ended = await setting.kit.job()
    told = reason if shape != "none" or reason is not Reason.MODERATED else Reason.PROVIDER_TROUBLE
    assert (ended.status, ended.failure) == (Status.FAILED, told)
    assert [kind for kind, _, _ in await setting.kit.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]
    assert setting.ended == setting.kit.scheduler.forgotten == ["i1"]
    assert setting.kit.stage.brought[-1][1].job.status is Status.FAILED


async def test_a_job_that_the_provider_does_not_know_is_asked_about_a_few_times(setting: Setting) -> None:
    await setting.running(provider_job_id="nobody")
    for _ in range(GONE_TRIES - 1):
        await setting.ask()
        assert (await setting.kit.job()).status is Status.RUNNING
    await setting.ask()
    assert (await setting.kit.job()).failure is Reason.PROVIDER_TROUBLE


async def test_a_job_that_is_known_again_in_between_is_not_given_up(setting: Setting) -> None:
    setting.kit.provider.control.merge({"latency": 1.0})
    job = await setting.running()
    gone = {"path": "/jobs/", "method": "GET", "status": 404, "body": {"error": {"code": "job_not_found"}}}
    for _ in range(3):
        setting.kit.provider.control.merge({"script": [gone] * (GONE_TRIES - 1)})
        for _ in range(GONE_TRIES):
            await setting.ask()
    assert (await setting.kit.job()).status is Status.RUNNING
    assert job.provider_job_id is not None


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
    setting.kit.provider.control.merge({"script": [{"path": "/jobs/", "method": "GET", **line}]})
    await setting.ask()
    assert (await setting.kit.job()).status is Status.RUNNING
    assert setting.ended == []
    assert ("i1", True) not in setting.kit.scheduler.told, "nothing was learned: it is asked again"
    await setting.ask()
    assert [job_id for job_id, _ in setting.fetched] == ["i1"]


async def test_a_job_beyond_the_hard_deadline_is_asked_about_now_and_then_and_frees_its_slot(
    setting: Setting,
) -> None:
    setting.kit.provider.control.merge({"latency": 1.0})
    await setting.running(submitted_at=setting.kit.clock.now() - HARD_DEADLINE - 1)
    await setting.ask()
    assert setting.kit.scheduler.slowed == {"i1": 600.0}
    assert setting.ended == ["i1"]
    assert (await setting.kit.job()).status is Status.RUNNING


async def test_a_job_that_runs_for_a_day_is_given_up(setting: Setting) -> None:
    setting.kit.provider.control.merge({"latency": 1.0})
    await setting.running(submitted_at=setting.kit.clock.now() - GIVE_UP - 1)
    await setting.ask()
    assert (await setting.kit.job()).failure is Reason.TIMED_OUT


@pytest.mark.parametrize("status", [Status.DELIVERING, Status.FAILED])
async def test_a_job_that_moved_on_is_not_asked_about(setting: Setting, status: Status) -> None:
    await setting.kit.put(status=status)
    asked = len(setting.kit.provider.log)
    await setting.ask()
    assert setting.kit.scheduler.forgotten == ["i1"]
    assert len(setting.kit.provider.log) == asked


async def test_one_list_answers_for_many(setting: Setting) -> None:
    jobs = [await setting.running(f"i{number}") for number in range(3)]
    for job in jobs:
        await at_provider(setting, job, "completed")
    await setting.kit.put("i9", status=Status.RUNNING, provider_job_id="somewhere")
    await setting.ask("i0", "i1", "i2", "i9", by_list=True)
    assert sorted(job_id for job_id, _ in setting.fetched) == ["i0", "i1", "i2"]
    assert (await setting.kit.job("i9")).status is Status.RUNNING
    gets = [line for line in setting.kit.provider.log if line["method"] == "GET"]
    assert [line["path"] for line in gets] == ["/api/v1/jobs"]


async def test_a_list_that_cannot_be_read_is_not_asked_for_again(setting: Setting) -> None:
    setting.kit.provider.control.merge({"list_shape": "unreadable"})
    await setting.running()
    await setting.ask(by_list=True)
    assert setting.kit.scheduler.usable is False
    assert setting.fetched == []


async def test_trouble_with_the_list_is_only_trouble(setting: Setting) -> None:
    setting.kit.provider.control.merge({"script": [{"path": "/jobs$", "status": 500}]})
    await setting.running()
    await setting.ask(by_list=True)
    assert setting.kit.scheduler.usable is None


async def test_an_answer_that_comes_when_the_job_has_moved_on_charges_nothing(setting: Setting) -> None:
    job = await setting.running()
    await setting.kit.database.run(lambda tx: tx.execute("UPDATE jobs SET status = 'delivering'").fetchall())
    failed = JobReply(job_id=job.provider_job_id or "", state=State.FAILED, failure=Failure.PROVIDER)
    await setting.tracker.take(job, failed)
    assert (await setting.kit.job()).status is Status.DELIVERING
    assert [kind for kind, _, _ in await setting.kit.entries()] == [EntryKind.RESERVE]
    assert await setting.kit.images(Role.RESULT) == []
