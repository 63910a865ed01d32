"""Unknown jobs: parked until a webhook or the list names them, given up after a day, never mixed up."""

import asyncio
from typing import Any

import pytest

from domain.entries import EntryKind
from domain.errors import Reason
from domain.job import Job, Status
from domain.limits import DAY, MINUTE
from jobs.reconcile import may_be
from pixeldojo.errors import Unavailable, UnreadableReply
from pixeldojo.kinds import State
from pixeldojo.replies import Echo, JobReply
from storage import job_rows
from tests.clock import START
from tests.jobs.harness import Harness
from tests.jobs.simulation import ANN, BEN, Simulation
from tests.storage.rows import a_job

SECRET = "ab" * 16


def parked(sim: Simulation, *, fault: str = "lost_after", member: int = ANN, prompt: str = "the same") -> str:
    sim.provider.faults = [fault]
    job_id = sim.generate(member, prompt=prompt)
    sim.until(Status.UNKNOWN, job_id=job_id)
    return job_id


@pytest.mark.parametrize("listing", ["full", "prompt"])
def test_a_lost_submission_is_found_in_the_list_and_paid_when_its_images_come(
    sim: Simulation, listing: str
) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", listing
    job_id = parked(sim)
    sim.until(Status.DONE, job_id=job_id)
    assert sim.spent(ANN) == 4_000
    assert len(sim.provider.runs) == 1


def test_a_webhook_names_a_lost_submission(sim: Simulation) -> None:
    sim.provider.listing = "unreadable"
    job_id = parked(sim)
    sim.until(Status.DONE, job_id=job_id, seconds=60)
    assert sim.spent(ANN) == 4_000


def test_a_webhook_that_came_before_the_answer_was_lost_names_it(sim: Simulation) -> None:
    sim.provider.listing, sim.provider.seconds = "unreadable", 2.0
    sim.provider.faults = ["silence"]
    job_id = sim.generate(prompt="quick")
    sim.until(Status.DONE, job_id=job_id, seconds=60)


def questions_of(sim: Simulation) -> list[str]:
    """Return the names that the provider is asked about from now on, as they are asked."""
    asked: list[str] = []
    job = sim.provider.job

    async def noting(name: str, **told: Any) -> JobReply:
        asked.append(name)
        return await job(name, **told)

    sim.provider.job = noting  # type: ignore[method-assign]
    return asked


def test_what_a_webhook_claims_is_asked_about_once_and_not_believed(sim: Simulation) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", "unreadable"
    job_id = parked(sim)
    secret, asked = sim.job(job_id).secret or "", questions_of(sim)
    for _ in range(3):
        assert sim.run(sim.bot.parts.engine.poke(secret, "somebody-elses"))
    sim.pass_time(5.0)
    assert asked == ["somebody-elses"]
    assert sim.job(job_id).status is Status.UNKNOWN
    [name] = sim.provider.runs
    assert sim.run(sim.bot.parts.engine.poke(secret, name))
    sim.until(Status.DONE, job_id=job_id)
    assert asked[:2] == ["somebody-elses", name]
    assert sim.spent(ANN) == 4_000


def test_one_question_is_enough_for_a_lost_submission_that_has_ended(sim: Simulation) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", "unreadable"
    job_id = parked(sim)
    sim.pass_time(600)
    asked, [name] = questions_of(sim), sim.provider.runs
    assert sim.run(sim.bot.parts.engine.poke(sim.job(job_id).secret or "", name))
    sim.until(Status.DONE, job_id=job_id)
    assert asked == [name]


def test_the_name_of_another_job_of_ours_is_not_taken(sim: Simulation) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", "unreadable"
    theirs = sim.job(sim.done(BEN)).provider_job_id
    job_id = parked(sim)
    assert sim.run(sim.bot.parts.engine.poke(sim.job(job_id).secret or "", theirs))
    sim.pass_time(5.0)
    assert sim.job(job_id).status is Status.UNKNOWN


@pytest.mark.parametrize("status", [Status.SUBMITTING, Status.UNKNOWN])
def test_what_a_webhook_said_outlives_a_crash(sim: Simulation, status: Status) -> None:
    """Nobody says it again: the images would be lost and the job released a day later."""
    sim.provider.webhooks, sim.provider.listing = "off", "unreadable"
    sim.provider.faults = ["silence" if status is Status.SUBMITTING else "lost_after"]
    job_id = sim.generate(prompt="quick")
    secret = sim.until(status, job_id=job_id).secret or ""
    sim.pass_time(2.0)
    [name] = sim.provider.runs
    sim.provider.down = True
    assert sim.run(sim.bot.parts.engine.poke(secret, name))
    sim.crash()
    assert sim.job(job_id).status is Status.UNKNOWN
    sim.provider.down = False
    sim.until(Status.DONE, job_id=job_id, seconds=700)
    assert sim.spent(ANN) == 4_000


def test_a_submission_that_never_arrived_is_released_after_a_day(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.engine.GLANCE", 3_600.0)
    job_id = parked(sim, fault="lost_before")
    sim.pass_time(DAY / 1000 - 60)
    assert sim.job(job_id).status is Status.UNKNOWN
    assert sim.held(ANN) == sim.job(job_id).reserved
    sim.pass_time(300)
    assert sim.job(job_id).failure is Reason.NEVER_ANSWERED
    assert sim.held(ANN) == sim.spent(ANN) == 0
    assert sim.provider.runs == {}


def test_a_list_that_cannot_be_read_is_asked_once_and_jobs_wait_for_a_webhook(sim: Simulation) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", "unreadable"
    asked: list[int] = []
    jobs = sim.provider.jobs

    async def counting() -> list[JobReply]:
        asked.append(1)
        return await jobs()

    sim.provider.jobs = counting  # type: ignore[method-assign]
    job_id = parked(sim)
    sim.pass_time(1_000)
    assert sim.job(job_id).status is Status.UNKNOWN
    assert len(asked) == 1


def test_two_equal_requests_of_one_moment_get_one_run_each(sim: Simulation) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", "prompt"
    both = [parked(sim, member=ANN), parked(sim, member=BEN)]
    for job_id in both:
        sim.until(Status.DONE, job_id=job_id)
    assert len({sim.job(job_id).provider_job_id for job_id in both}) == 2


def test_a_run_is_not_given_to_a_parked_job_while_another_ones_answer_may_yet_name_it(
    sim: Simulation,
) -> None:
    """Ann's submission never arrived; Ben asked for the same, and his answer is on its way."""
    sim.provider.webhooks, sim.provider.listing = "off", "prompt"
    anns = parked(sim, fault="lost_before", member=ANN)
    sim.provider.faults = ["slow"]
    bens = sim.generate(BEN, prompt="the same")
    sim.until(Status.SUBMITTING, job_id=bens)
    sim.pass_time(5.0)
    assert len(sim.provider.runs) == 1
    sim.run(sim.bot.parts.reconciler.look())
    assert sim.job(anns).status is Status.UNKNOWN
    sim.until(Status.DONE, job_id=bens)
    assert (sim.spent(ANN), sim.spent(BEN)) == (0, 4_000)


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


async def look(harness: Harness, *answers: list[JobReply] | Exception) -> tuple[list[Job], Listed]:
    named: list[Job] = []
    listed = Listed(*answers)
    worker = harness.parts.reconciler
    worker._client = listed  # type: ignore[assignment]

    async def wait_for(job: Job) -> None:
        if (found := await worker.named(job)) is not None:
            assert found[1] is None, "the list said nothing of an end"
            named.append(found[0])

    parked = await harness.database.read(job_rows.with_status, Status.UNKNOWN)
    waiting = [asyncio.create_task(wait_for(job)) for job in parked]
    await asyncio.sleep(0)
    for _ in answers:
        await worker.look()
    await asyncio.sleep(0)
    for each in waiting:
        each.cancel()
    return named, listed


def reply(job_id: str = "p1", **echo: Any) -> JobReply:
    return JobReply(job_id=job_id, state=State.RUNNING, echo=Echo(**echo))


async def test_nothing_is_asked_while_nothing_is_parked(harness: Harness) -> None:
    _, listed = await look(harness, [])
    assert listed.asked == 0


async def test_a_name_that_is_taken_by_another_job_is_nobody_elses(harness: Harness) -> None:
    await harness.put("i1", status=Status.RUNNING)
    await harness.put("i2", status=Status.UNKNOWN, submitted_at=START)
    named, _ = await look(harness, [reply("pi1", prompt="Make it blue", created_at=START)])
    assert named == []


async def test_trouble_with_the_list_is_tried_again_and_an_unreadable_one_is_not(harness: Harness) -> None:
    await harness.put(status=Status.UNKNOWN, submitted_at=START)
    _, listed = await look(harness, Unavailable("down"), UnreadableReply("?"), [], [])
    assert listed.asked == 2


async def test_what_is_given_up_is_released_and_said(harness: Harness) -> None:
    await harness.put(status=Status.UNKNOWN, submitted_at=START - DAY - 1, card_id=77, card_channel_id=5)
    _, listed = await look(harness, [])
    assert listed.asked == 0
    assert (await harness.job()).failure is Reason.NEVER_ANSWERED
    assert [kind for kind, _, _ in await harness.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]


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
