"""The engine: takes every job up where its row says, hands jobs on, and stops without losing anything."""

import asyncio
import time
from collections import Counter
from typing import Any

import pytest

from domain.errors import Reason
from domain.job import Kind, Rung, Status
from domain.limits import HARD_DEADLINE, MINUTE
from storage import job_rows
from tests.jobs.promises import check_at_rest
from tests.jobs.simulation import ANN, BEN, Simulation
from tests.storage.rows import put_job

EXPECTED_CALLS = 60
"""The budget of a simulation, in requests a minute."""


def stopped_at(sim: Simulation, *statuses: Status) -> str:
    """Ask for an edit and kill the bot once its job has a status."""
    job_id = sim.edit(images=2)
    sim.until(*statuses, job_id=job_id)
    sim.kill()
    return job_id


def start(sim: Simulation) -> None:
    sim.kill_points.revive()
    sim._begin()


def test_a_job_goes_through_its_life_and_everybody_is_told(sim: Simulation) -> None:
    seen: list[Status] = []
    job_id = sim.edit(images=2)
    while not seen or seen[-1] is not Status.DONE:
        sim.pass_time(0.05)
        shown = sim.messenger.messages[sim.job(job_id).card.message_id or 0].status
        if shown is not None and shown not in seen:
            seen.append(shown)
    assert seen == [Status.SUBMITTING, Status.RUNNING, Status.DONE]
    sim.until(Status.DONE, job_id=job_id)
    job = sim.job(job_id)
    assert (job.card.rung, job.charged, job.collected, job.card.token) == (Rung.TOKEN, 8_000, True, None)
    sim.pass_time(3_600)
    check_at_rest(sim, given_up=set())


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.DELIVERING])
def test_an_open_job_goes_on_where_its_row_says(sim: Simulation, status: Status) -> None:
    job_id = stopped_at(sim, status)
    start(sim)
    sim.until(Status.DONE, job_id=job_id)
    assert len(sim.provider.runs) == 1
    assert sim.spent(ANN) == 8_000
    assert len(sim.messenger.of_job(job_id)) == 1


def test_a_job_killed_between_sent_and_stored_is_parked_said_and_found(sim: Simulation) -> None:
    sim.provider.faults = ["slow"]
    job_id = sim.edit()
    sim.until(Status.SUBMITTING, job_id=job_id)
    sim.pass_time(2.0)
    sim.provider.webhooks, sim.provider.down = "off", True
    sim.crash()
    assert sim.job(job_id).status is Status.UNKNOWN
    sim.pass_time(1.0)
    assert sim.messenger.of_job(job_id)[0].status is Status.UNKNOWN
    sim.provider.down = False
    sim.until(Status.DONE, job_id=job_id)
    assert len(sim.provider.runs) == 1


def test_a_job_that_was_parked_stays_parked_over_a_start(sim: Simulation) -> None:
    sim.provider.faults = ["lost_before"]
    job_id = sim.edit()
    sim.until(Status.UNKNOWN, job_id=job_id)
    sim.crash()
    sim.pass_time(300)
    assert sim.job(job_id).status is Status.UNKNOWN


@pytest.mark.parametrize("ends", [True, False])
def test_how_a_job_ended_is_shown_after_a_kill_in_the_last_moment(sim: Simulation, ends: bool) -> None:
    """Killed after the row has failed and before its card says so."""
    sim.provider.faults = ["moderated"]
    job_id = sim.edit()
    while sim.job(job_id).status is not Status.FAILED:
        sim.loop.run_until_complete(asyncio.sleep(0.001))
    sim.kill()
    if ends:
        sim.loop.run_until_complete(asyncio.sleep(1_000))
    start(sim)
    sim.pass_time(10)
    assert [message.status for message in sim.messenger.of_job(job_id)] == [Status.FAILED]


def test_queued_jobs_queue_again_in_the_order_in_which_they_were_asked_for(sim: Simulation) -> None:
    asked = [sim.edit() for _ in range(9)]
    sim.pass_time(20.0)
    assert Counter(job.status for job in sim.jobs()) == {Status.RUNNING: 3, Status.QUEUED: 6}
    sim.crash()
    sim.pass_time(200)
    left = [sim.job(job_id).submitted_at or 0 for job_id in asked]
    assert left == sorted(left)
    assert len(set(left)) > 3


def test_a_token_that_ran_out_while_the_bot_was_away_leaves_the_next_way(sim: Simulation) -> None:
    job_id = stopped_at(sim, Status.RUNNING)
    sim.loop.run_until_complete(asyncio.sleep(16 * 60))
    start(sim)
    job = sim.until(Status.DONE, job_id=job_id)
    assert job.card.rung is Rung.MESSAGE


def test_a_running_job_that_is_old_at_the_start_holds_no_slot_and_is_asked_now_and_then(
    sim: Simulation,
) -> None:
    sim.provider.outcomes, sim.provider.webhooks = ["stuck"], "off"
    job_id = stopped_at(sim, Status.RUNNING)
    sim.loop.run_until_complete(asyncio.sleep(HARD_DEADLINE / 1000 + 1))
    asked = count_asks(sim)
    start(sim)
    assert not sim.bot.parts.slots.held()
    sim.pass_time(3_600)
    assert sim.job(job_id).status is Status.RUNNING
    assert 5 <= asked() <= 8


def count_asks(sim: Simulation) -> "Counter[str] | object":
    """Count the questions about jobs from now on."""
    asked: list[str] = []
    ask = sim.provider.job

    async def counting(job_id: str, **told: Any) -> object:
        asked.append(job_id)
        return await ask(job_id, **told)

    sim.provider.job = counting  # type: ignore[method-assign, assignment]
    return lambda: len(asked)


def test_a_thousand_open_jobs_are_taken_up_at_once_and_within_the_budget(sim: Simulation) -> None:
    sim.kill()
    sim.kill_points.revive()
    sim.bot.database.__init__(sim.bot.database.path, sim.kill_points)  # type: ignore[misc]
    now = sim.clock.now()
    sim.bot.database.tx.execute("BEGIN")
    for number in range(1_000):
        status = Status.RUNNING if number % 2 else Status.QUEUED
        sim.look(
            put_job,
            f"i{number}",
            status=status,
            kind=Kind.GENERATE,
            member_id=ANN + number % 7,
            created_at=now - 1_000 + number,
            submitted_at=now - 500 * number,
            card_id=number + 1,
            card_channel_id=5,
        )
    sim.bot.database.tx.execute("COMMIT")
    sim.bot.database.close()
    calls = count_calls(sim)
    sim.webhooks = False
    began = time.process_time()
    sim._begin()
    sim.pass_time(0.5)
    taken = time.process_time() - began
    assert taken < 5.0
    assert len(sim.bot.scheduler._agenda._jobs) == 500
    sim.pass_time(59.0)
    assert 30 <= len(calls) <= EXPECTED_CALLS


def count_calls(sim: Simulation) -> list[str]:
    calls: list[str] = []
    travel = sim.provider._travel

    async def counting(*seconds: float) -> None:
        if not seconds:
            calls.append("call")
        await travel(*seconds)

    sim.provider._travel = counting  # type: ignore[method-assign]
    return calls


# Webhooks


def test_a_webhook_leads_to_one_question_however_often_it_comes(sim: Simulation) -> None:
    sim.provider.webhooks, sim.provider.seconds = "off", 10.0
    job_id = sim.edit()
    job = sim.until(Status.RUNNING, job_id=job_id)
    asked = count_asks(sim)
    for _ in range(20):
        assert sim.run(sim.bot.parts.engine.poke(job.secret or "", None))
    sim.pass_time(2.0)
    assert asked() == 1  # type: ignore[operator]


def test_a_webhook_for_a_job_that_has_ended_changes_nothing(sim: Simulation) -> None:
    job_id = sim.done()
    before = sim.job(job_id)
    assert sim.run(sim.bot.parts.engine.poke(before.secret or "", "p1"))
    sim.pass_time(5.0)
    assert sim.job(job_id) == before


@pytest.mark.parametrize("secret", ["", "0" * 32, "x' OR 1=1 --"])
def test_a_secret_that_is_nobodys_is_refused(sim: Simulation, secret: str) -> None:
    sim.edit()
    assert sim.run(sim.bot.parts.engine.poke(secret, "p1")) is False


# Stopping


def test_stopping_waits_for_an_answer_that_is_on_its_way_and_stores_it(sim: Simulation) -> None:
    sim.provider.faults = ["slow"]
    job_id = sim.edit()
    sim.until(Status.SUBMITTING, job_id=job_id)
    sim.pass_time(1.0)
    began = sim.clock.monotonic()
    sim.run(sim.bot.parts.engine.close())
    assert 15 < sim.clock.monotonic() - began < 30
    assert sim.job(job_id).status is Status.RUNNING
    sim.crash()
    sim.until(Status.DONE, job_id=job_id)
    assert len(sim.provider.runs) == 1


def test_stopping_without_a_request_on_its_way_takes_no_time(sim: Simulation) -> None:
    sim.provider.seconds = 400.0
    for _ in range(3):
        sim.edit()
    sim.pass_time(5.0)
    began = sim.clock.monotonic()
    sim.run(sim.bot.parts.engine.close())
    assert sim.clock.monotonic() - began < 1.0


def test_nothing_is_accepted_once_it_stops(sim: Simulation) -> None:
    sim.run(sim.bot.parts.engine.close())
    job_id = sim.edit()
    assert [refusal.reason for refusal in sim.refused] == [Reason.SHUTTING_DOWN]
    assert sim.look(job_rows.get, job_id) is None


# FairQueue and slots


def test_no_more_jobs_are_in_flight_than_allowed_in_all_and_for_one_member(sim: Simulation) -> None:
    sim.provider.seconds = 30.0
    for member in (ANN, BEN, 7, 8):
        for _ in range(5):
            sim.generate(member)
    sim.pass_time(300.0)
    assert {job.status for job in sim.jobs()} == {Status.DONE}
    runs = sim.provider.runs.values()
    members = {run.id: sim.job(sim.provider.made_by[run.id]).member_id for run in runs}
    flying = [[other for other in runs if other.began <= run.began < other.ends] for run in runs]
    assert max(map(len, flying)) == 8
    assert max(max(Counter(members[run.id] for run in each).values()) for each in flying) == 3


def test_a_late_card_is_called_late(sim: Simulation) -> None:
    sim.provider.outcomes, sim.provider.webhooks = ["stuck"], "off"
    job_id = sim.edit()
    sim.until(Status.RUNNING, job_id=job_id)
    sim.pass_time(5 * MINUTE / 1000 + 30)
    view = sim.messenger.of_job(job_id)[0].view
    assert view is not None
    assert view.expectation.late


def test_a_job_whose_first_answer_failed_gets_its_card_another_way(sim: Simulation) -> None:
    sim.messenger.answers_fail = True
    job_id = sim.edit()
    sim.until(Status.DONE, job_id=job_id)
    (card,) = [message for message in sim.messenger.of_job(job_id) if message.purpose == "card"]
    assert card.status is Status.DONE
    assert sim.job(job_id).card.rung in {Rung.MESSAGE, Rung.CHANNEL}


@pytest.mark.parametrize("trouble", [False, True])
def test_a_job_whose_model_has_ended_goes_on_as_another_whatever_goes_wrong_in_between(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch, trouble: bool
) -> None:
    health, failures = sim.bot.parts.models.health, [OSError("the disk is full")] * trouble
    load = health.load

    async def load_or_fail() -> None:
        if failures:
            raise failures.pop()
        await load()

    monkeypatch.setattr(health, "load", load_or_fail)
    sim.provider.faults = ["model_gone"]
    ended = sim.edit()
    assert sim.until(Status.FAILED, job_id=ended).failure is Reason.MODEL_GONE
    following = sim.look(job_rows.follow_up_of, ended)
    assert sim.until(Status.DONE, job_id=following).follows == ended
    assert failures == []
