"""Unknown jobs: parked until a webhook or the list names them, given up after a day, never mixed up."""

from typing import Any

import pytest

from domain.entries import EntryKind
from domain.errors import Reason
from domain.job import Job, Status
from domain.limits import DAY, MINUTE
from jobs.unknown import Unknown, may_be
from pixeldojo.errors import Unavailable, UnreadableReply
from pixeldojo.kinds import State
from pixeldojo.replies import Echo, JobReply
from tests.clock import START
from tests.jobs.kit import Kit
from tests.jobs.town import ANN, BEN, Town
from tests.storage.rows import a_job

SECRET = "ab" * 16


def parked(town: Town, *, fault: str = "lost_after", member: int = ANN, prompt: str = "the same") -> str:
    town.provider.faults = [fault]
    job_id = town.generate(member, prompt=prompt)
    town.until(Status.UNKNOWN, job_id=job_id)
    return job_id


@pytest.mark.parametrize("listing", ["full", "prompt"])
def test_a_lost_submission_is_found_in_the_list_and_paid_when_its_images_come(
    town: Town, listing: str
) -> None:
    town.provider.webhooks, town.provider.listing = "off", listing
    job_id = parked(town)
    town.until(Status.DONE, job_id=job_id)
    assert town.spent(ANN) == 4_000
    assert len(town.provider.runs) == 1


def test_a_webhook_names_a_lost_submission(town: Town) -> None:
    town.provider.listing = "unreadable"
    job_id = parked(town)
    town.until(Status.DONE, job_id=job_id, seconds=60)
    assert town.spent(ANN) == 4_000


def test_a_webhook_that_came_before_the_answer_was_lost_names_it(town: Town) -> None:
    town.provider.listing, town.provider.seconds = "unreadable", 2.0
    town.provider.faults = ["silence"]
    job_id = town.generate(prompt="quick")
    town.until(Status.DONE, job_id=job_id, seconds=60)


def questions_of(town: Town) -> list[str]:
    """Return the names that the provider is asked about from now on, as they are asked."""
    asked: list[str] = []
    job = town.provider.job

    async def noting(name: str, **told: Any) -> JobReply:
        asked.append(name)
        return await job(name, **told)

    town.provider.job = noting  # type: ignore[method-assign]
    return asked


def test_what_a_webhook_claims_is_asked_about_once_and_not_believed(town: Town) -> None:
    town.provider.webhooks, town.provider.listing = "off", "unreadable"
    job_id = parked(town)
    secret, asked = town.job(job_id).secret or "", questions_of(town)
    for _ in range(3):
        assert town.run(town.bot.engine.poke(secret, "somebody-elses"))
    town.pass_time(5.0)
    assert asked == ["somebody-elses"]
    assert town.job(job_id).status is Status.UNKNOWN
    [name] = town.provider.runs
    assert town.run(town.bot.engine.poke(secret, name))
    town.until(Status.DONE, job_id=job_id)
    assert asked[:2] == ["somebody-elses", name]
    assert town.spent(ANN) == 4_000


def test_one_question_is_enough_for_a_lost_submission_that_has_ended(town: Town) -> None:
    town.provider.webhooks, town.provider.listing = "off", "unreadable"
    job_id = parked(town)
    town.pass_time(600)
    asked, [name] = questions_of(town), town.provider.runs
    assert town.run(town.bot.engine.poke(town.job(job_id).secret or "", name))
    town.until(Status.DONE, job_id=job_id)
    assert asked == [name]


def test_the_name_of_another_job_of_ours_is_not_taken(town: Town) -> None:
    town.provider.webhooks, town.provider.listing = "off", "unreadable"
    theirs = town.job(town.done(BEN)).provider_job_id
    job_id = parked(town)
    assert town.run(town.bot.engine.poke(town.job(job_id).secret or "", theirs))
    town.pass_time(5.0)
    assert town.job(job_id).status is Status.UNKNOWN


@pytest.mark.parametrize("status", [Status.SUBMITTING, Status.UNKNOWN])
def test_what_a_webhook_said_outlives_a_crash(town: Town, status: Status) -> None:
    """Nobody says it again: the images would be lost and the job released a day later."""
    town.provider.webhooks, town.provider.listing = "off", "unreadable"
    town.provider.faults = ["silence" if status is Status.SUBMITTING else "lost_after"]
    job_id = town.generate(prompt="quick")
    secret = town.until(status, job_id=job_id).secret or ""
    town.pass_time(2.0)
    [name] = town.provider.runs
    town.provider.down = True
    assert town.run(town.bot.engine.poke(secret, name))
    town.crash()
    assert town.job(job_id).status is Status.UNKNOWN
    town.provider.down = False
    town.until(Status.DONE, job_id=job_id, seconds=700)
    assert town.spent(ANN) == 4_000


def test_a_submission_that_never_arrived_is_released_after_a_day(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.engine.GLANCE", 3_600.0)
    job_id = parked(town, fault="lost_before")
    town.pass_time(DAY / 1000 - 60)
    assert town.job(job_id).status is Status.UNKNOWN
    assert town.held(ANN) == town.job(job_id).reserved
    town.pass_time(300)
    assert town.job(job_id).failure is Reason.NEVER_ANSWERED
    assert town.held(ANN) == town.spent(ANN) == 0
    assert town.provider.runs == {}


def test_a_list_that_cannot_be_read_is_asked_once_and_jobs_wait_for_a_webhook(town: Town) -> None:
    town.provider.webhooks, town.provider.listing = "off", "unreadable"
    asked: list[int] = []
    jobs = town.provider.jobs

    async def counting() -> list[JobReply]:
        asked.append(1)
        return await jobs()

    town.provider.jobs = counting  # type: ignore[method-assign]
    job_id = parked(town)
    town.pass_time(1_000)
    assert town.job(job_id).status is Status.UNKNOWN
    assert len(asked) == 1


def test_two_equal_requests_of_one_moment_get_one_run_each(town: Town) -> None:
    town.provider.webhooks, town.provider.listing = "off", "prompt"
    both = [parked(town, member=ANN), parked(town, member=BEN)]
    for job_id in both:
        town.until(Status.DONE, job_id=job_id)
    assert len({town.job(job_id).provider_job_id for job_id in both}) == 2


def test_a_run_is_not_given_to_a_parked_job_while_another_ones_answer_may_yet_name_it(town: Town) -> None:
    """Ann's submission never arrived; Ben asked for the same, and his answer is on its way."""
    town.provider.webhooks, town.provider.listing = "off", "prompt"
    anns = parked(town, fault="lost_before", member=ANN)
    town.provider.faults = ["slow"]
    bens = town.generate(BEN, prompt="the same")
    town.until(Status.SUBMITTING, job_id=bens)
    town.pass_time(5.0)
    assert len(town.provider.runs) == 1
    town.run(town.bot.engine.unknown.look())
    assert town.job(anns).status is Status.UNKNOWN
    town.until(Status.DONE, job_id=bens)
    assert (town.spent(ANN), town.spent(BEN)) == (0, 4_000)


class Listed:
    """A client whose job list is what a test says."""

    def __init__(self, *answers: list[JobReply] | Exception) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def jobs(self) -> list[JobReply]:
        self.asked += 1
        answer = self._answers.pop(0) if self._answers else []
        if isinstance(answer, Exception):
            raise answer
        return answer


async def no_answer(_job: Job, _reply: JobReply) -> None:
    raise AssertionError("the list said nothing of an end")


async def look(kit: Kit, *answers: list[JobReply] | Exception) -> tuple[list[Job], Listed]:
    named: list[Job] = []
    listed = Listed(*answers)
    object.__setattr__(kit.tools, "client", listed)
    worker = Unknown(tools=kit.tools, projector=kit.projector(), named=named.append, take=no_answer)
    for _ in answers:
        await worker.look()
    return named, listed


def reply(job_id: str = "p1", **echo: Any) -> JobReply:
    return JobReply(job_id=job_id, state=State.RUNNING, echo=Echo(**echo))


async def test_nothing_is_asked_while_nothing_is_parked(kit: Kit) -> None:
    _, listed = await look(kit, [])
    assert listed.asked == 0


async def test_a_name_that_is_taken_by_another_job_is_nobody_elses(kit: Kit) -> None:
    await kit.put("i1", status=Status.RUNNING)
    await kit.put("i2", status=Status.UNKNOWN, submitted_at=START)
    named, _ = await look(kit, [reply("pi1", prompt="Make it blue", created_at=START)])
    assert named == []


async def test_trouble_with_the_list_is_tried_again_and_an_unreadable_one_is_not(kit: Kit) -> None:
    await kit.put(status=Status.UNKNOWN, submitted_at=START)
    _, listed = await look(kit, Unavailable("down"), UnreadableReply("?"), [], [])
    assert listed.asked == 2


async def test_what_is_given_up_is_released_and_said(kit: Kit) -> None:
    await kit.put(status=Status.UNKNOWN, submitted_at=START - DAY - 1, card_id=77, card_channel_id=5)
    _, listed = await look(kit, [])
    assert listed.asked == 0
    assert (await kit.job()).failure is Reason.NEVER_ANSWERED
    assert [kind for kind, _, _ in await kit.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]


JOB = a_job(status=Status.UNKNOWN, submitted_at=START, secret=SECRET, prompt="Make it blue")


@pytest.mark.parametrize(
    ("echo", "is_it"),
    [
        ({"webhook_url": f"https://bot.example/hooks/{SECRET}"}, True),
        ({"webhook_url": f"https://bot.example/hooks/{SECRET}/"}, True),
        ({"webhook_url": f"https://bot.example/hooks/{'cd' * 16}", "prompt": "Make it blue"}, False),
        ({"webhook_url": f"https://bot.example/hooks/x{SECRET}"}, False),
        ({"prompt": "Make it blue", "model": JOB.model, "created_at": START}, True),
        ({"prompt": "Make it blue"}, True),
        ({"prompt": "Make it blue", "model": "another"}, False),
        ({"prompt": "Make it blue", "created_at": START + 3 * MINUTE}, False),
        ({"prompt": "Make it blue", "created_at": START - 3 * MINUTE}, False),
        ({"prompt": "Make it red", "created_at": START}, False),
        ({}, False),
    ],
)
def test_a_run_is_ours_by_its_webhook_or_else_by_prompt_model_and_moment(
    echo: dict[str, Any], is_it: bool
) -> None:
    assert may_be(JOB, reply(**echo)) is is_it
