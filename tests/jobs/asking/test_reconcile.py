"""Unknown jobs: parked until a webhook or the list names them, given up after a day, never mixed up."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest

from domain.entries import EntryKind
from domain.errors import Reason
from domain.job import Job, Status
from domain.limits import DAY, HOUR, MINUTE
from domain.options import Options
from domain.request import Assigned
from jobs import transitions
from jobs.asking.likeness import Sent, may_be
from pixeldojo.errors import JobDenied, Unavailable, UnreadableReply
from pixeldojo.kinds import State
from pixeldojo.listed import Echo
from pixeldojo.replies import JobList, JobReply
from storage import job_rows
from storage.errors import Unusable
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


def test_what_a_webhook_claims_is_asked_about_and_not_believed(sim: Simulation) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", "unreadable"
    job_id = parked(sim)
    secret, asked = sim.job(job_id).secret or "", questions_of(sim)
    for _ in range(3):
        assert sim.run(sim.bot.parts.engine.poke(secret, "somebody-elses"))
    sim.pass_time(0.5)
    assert asked == ["somebody-elses"], "however often it is claimed"
    sim.pass_time(1_000.0)
    assert 3 <= len(asked) <= 16, "then it has been denied for long enough"
    assert sim.job(job_id).status is Status.UNKNOWN
    asked.clear()
    [name] = sim.provider.runs
    assert sim.run(sim.bot.parts.engine.poke(secret, name))
    sim.until(Status.DONE, job_id=job_id)
    assert asked[0] == name
    assert sim.spent(ANN) == 4_000


def test_a_name_that_could_not_be_stored_once_is_stored_in_the_end(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", "unreadable"
    job_id = parked(sim)
    named, failures = transitions.named, [Unusable("database is locked")]

    def locked_once(*given: Any, **values: Any) -> object:
        if failures:
            raise failures.pop()
        return named(*given, **values)

    monkeypatch.setattr(transitions, "named", locked_once)
    [name] = sim.provider.runs
    assert sim.run(sim.bot.parts.engine.poke(sim.job(job_id).secret or "", name))
    sim.until(Status.DONE, job_id=job_id)
    assert failures == []
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


def looks_of(sim: Simulation) -> list[float]:
    """Return the moments at which the list is asked for from now on."""
    asked: list[float] = []
    jobs = sim.provider.jobs

    async def noting(more: str | None = None) -> JobList:
        asked.append(sim.clock.monotonic())
        return await jobs(more)

    sim.provider.jobs = noting  # type: ignore[method-assign]
    return asked


def test_a_list_that_cannot_be_read_is_looked_at_again(sim: Simulation) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", "unreadable"
    asked = looks_of(sim)
    job_id = parked(sim)
    sim.pass_time(400)
    assert sim.job(job_id).status is Status.UNKNOWN
    pauses = [round(later - earlier) for earlier, later in pairwise(asked)]
    assert pauses[:4] == [5, 30, 120, 120]
    sim.provider.listing = "full"
    sim.until(Status.DONE, job_id=job_id)
    assert sim.spent(ANN) == 4_000


def test_what_is_parked_is_looked_for_as_soon_as_the_bot_starts(sim: Simulation) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", "unreadable"
    job_id = parked(sim)
    sim.pass_time(100)
    sim.provider.listing = "full"
    sim.crash()
    sim.until(Status.DONE, job_id=job_id, seconds=5)


def test_a_job_on_a_later_page_of_the_list_is_found(sim: Simulation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.jobs.model_provider.LISTED", 2)
    sim.provider.webhooks, sim.provider.listing = "off", "unreadable"
    job_id = parked(sim)
    for _ in range(5):
        sim.generate(BEN)
        sim.pass_time(15)
    sim.provider.listing = "full"
    sim.until(Status.DONE, job_id=job_id)


def test_after_a_day_without_the_bot_the_list_is_looked_at_before_a_job_is_given_up(sim: Simulation) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", "unreadable"
    job_id = parked(sim)
    sim.kill()
    sim.clock.shift += DAY + HOUR
    sim.kill_points.revive()
    sim.provider.listing, sim.provider.down = "full", True
    sim._begin()
    sim.pass_time(300)
    assert sim.job(job_id).status is Status.UNKNOWN
    sim.provider.down = False
    sim.until(Status.DONE, job_id=job_id)
    assert sim.spent(ANN) == 4_000


def test_a_wall_clock_that_is_a_day_ahead_for_a_moment_gives_no_job_up(sim: Simulation) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", "unreadable"
    job_id = parked(sim)
    sim.clock.shift += DAY + HOUR
    sim.pass_time(300)
    sim.clock.shift -= DAY + HOUR
    assert sim.job(job_id).status is Status.UNKNOWN


def test_of_two_equal_requests_of_one_moment_neither_run_is_taken_for_either(sim: Simulation) -> None:
    """Who pays is decided by identity: the operator is shown both sides, and says whose each is."""
    sim.provider.webhooks, sim.provider.listing = "off", "prompt"
    both = [parked(sim, member=ANN), parked(sim, member=BEN)]
    # Those that went out first may have been seen alone on the list.
    sim.pass_time(600)
    waiting = [job_id for job_id in both if sim.job(job_id).status is Status.UNKNOWN]
    assert sim.spent(ANN) == 4_000 * (both[0] not in waiting)
    for job_id in waiting:
        [run_id] = [name for name, made_by in sim.provider.made_by.items() if made_by == job_id]
        assert sim.run(sim.bot.parts.reconciler.assign(job_id, run_id)) is Assigned.TAKEN
        sim.until(Status.DONE, job_id=job_id)
    assert all(sim.provider.made_by[sim.job(each).provider_job_id or ""] == each for each in both)


def test_the_operator_can_assign_neither_a_name_that_is_taken_nor_one_that_is_not_there(
    sim: Simulation,
) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", "unreadable"
    theirs = sim.job(sim.done(BEN))
    job_id, assign = parked(sim), sim.bot.parts.reconciler.assign
    assert sim.run(assign(job_id, theirs.provider_job_id or "")) is Assigned.NOT_PARKED
    assert sim.run(assign(job_id, "nowhere")) is Assigned.NOT_THERE
    assert sim.run(assign(theirs.id, "nowhere")) is Assigned.NOT_PARKED
    assert sim.job(job_id).status is Status.UNKNOWN


def test_a_stranger_that_asks_for_the_same_with_other_sources_is_never_taken(sim: Simulation) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", "prompt"
    sim.provider.faults = ["lost_before"]
    job_id = sim.edit(prompt="the same", sources=2)
    sim.until(Status.UNKNOWN, job_id=job_id)
    job = sim.job(job_id)
    body = {"prompt": "the same", "image_urls": ["https://cdn.discordapp.com/1.png"], "num_images": 3}
    sim.provider.whose = lambda _secret: "nobody's"

    async def stranger() -> None:
        sim.provider._book(job.model, body)

    sim.run(stranger())
    sim.pass_time(300)
    assert sim.job(job_id).status is Status.UNKNOWN
    assert [key for key, _ in sim.operator.warned][-1] == "parked_alike"


def test_a_name_that_a_webhook_claims_is_asked_about_until_the_job_shows(sim: Simulation) -> None:
    sim.provider.webhooks, sim.provider.listing = "off", "unreadable"
    job_id = parked(sim)
    [name] = sim.provider.runs
    job, denied = sim.provider.job, [JobDenied()] * 5

    async def late(job_id: str, **told: Any) -> JobReply:
        if denied:
            raise denied.pop()
        return await job(job_id, **told)

    sim.provider.job = late  # type: ignore[method-assign]
    assert sim.run(sim.bot.parts.engine.poke(sim.job(job_id).secret or "", name))
    sim.until(Status.DONE, job_id=job_id)


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

    async def jobs(self, more: str | None = None) -> JobList:
        assert more is None
        self.asked += 1
        answer = self._answers.pop(0) if self._answers else []
        if isinstance(answer, Exception):
            raise answer
        return JobList(answer)


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


async def test_trouble_with_the_list_is_tried_again(harness: Harness) -> None:
    await harness.put(status=Status.UNKNOWN, submitted_at=START)
    _, listed = await look(harness, Unavailable("down"), UnreadableReply("?"), [], [])
    assert listed.asked == 4


@pytest.mark.parametrize(
    ("answer", "given_up"), [([], True), (UnreadableReply("?"), False), (Unavailable("down"), False)]
)
async def test_what_is_a_day_old_is_given_up_once_the_provider_was_asked(
    harness: Harness, answer: list[JobReply] | Exception, given_up: bool
) -> None:
    await harness.put(status=Status.UNKNOWN, submitted_at=START - DAY - 1, card_id=77, card_channel_id=5)
    await look(harness, answer)
    assert (await harness.job()).status is Status.UNKNOWN, "one list may hide what the next one has"
    harness.parts.reconciler._looking_since -= 601.0
    await look(harness, answer)
    job = await harness.job()
    assert job.failure is (Reason.NEVER_ANSWERED if given_up else None)
    kinds = [kind for kind, _, _ in await harness.entries()]
    assert kinds == [EntryKind.RESERVE, EntryKind.RELEASE][: 1 + given_up]
    if not given_up:
        harness.parts.reconciler._looking_since -= 3_601.0
        await look(harness, answer)
        assert (await harness.job()).failure is Reason.NEVER_ANSWERED


SOURCE = "https://cdn.discordapp.com/attachments/1/2/a.png?ex=1&hm=2"
JOB = a_job(
    status=Status.UNKNOWN,
    submitted_at=START,
    secret=SECRET,
    prompt="Make it blue",
    options=Options(count=2, quality="low"),
)


@pytest.mark.parametrize(
    ("echo", "is_it"),
    [
        ({"webhook_url": f"https://bot.example/hooks/{SECRET}"}, True),
        ({"webhook_url": f"https://bot.example/hooks/{SECRET}/"}, True),
        ({"webhook_url": f"https://bot.example/hooks/{'cd' * 16}", "prompt": "Make it blue"}, False),
        ({"webhook_url": f"https://bot.example/hooks/x{SECRET}"}, False),
        ({"prompt": "Make it blue", "model": JOB.model, "created_at": START}, True),
        ({"prompt": "Make it blue"}, False),
        ({"prompt": "Make it blue", "sources": (SOURCE,)}, True),
        ({"prompt": "Make it blue", "sources": (SOURCE.partition("?")[0],), "created_at": START}, True),
        ({"prompt": "Make it blue", "sources": (SOURCE, SOURCE), "created_at": START}, False),
        ({"prompt": "Make it blue", "sources": ("https://x.example/1.png",), "created_at": START}, False),
        ({"prompt": "Make it blue", "count": 2, "created_at": START}, True),
        ({"prompt": "Make it blue", "count": 3, "created_at": START}, False),
        ({"prompt": "Make it blue", "options": {"quality": "low"}, "created_at": START}, True),
        ({"prompt": "Make it blue", "options": {"quality": "high"}, "created_at": START}, False),
        ({"prompt": "Make it blue", "options": {"background": "auto"}, "created_at": START}, True),
        ({"prompt": "Make it blue", "options": {"background": "opaque"}, "created_at": START}, False),
        ({"prompt": "Make it blue", "model": "another"}, False),
        ({"prompt": "Make it blue", "created_at": START + 3 * MINUTE}, False),
        ({"prompt": "Make it blue", "created_at": START - 3 * MINUTE}, False),
        ({"prompt": "Make it red", "created_at": START}, False),
        ({}, False),
    ],
)
def test_a_run_is_ours_by_its_webhook_or_else_by_all_that_is_echoed(
    echo: dict[str, Any], is_it: bool
) -> None:
    assert may_be(Sent(JOB, (SOURCE,)), reply(**echo)) is is_it
