"""The engine: takes every job up where its row says, hands jobs on, and stops without losing anything."""

import asyncio
import time
from collections import Counter
from typing import Any

import pytest

from domain.errors import Reason
from domain.job import Kind, Rung, Status
from domain.limits import HARD_DEADLINE, MINUTE
from storage import jobs
from tests.jobs.promises import check_at_rest
from tests.jobs.town import ANN, BEN, Town
from tests.storage.rows import put_job

EXPECTED_CALLS = 60
"""The budget of a town, in requests a minute."""


def stopped_at(town: Town, *statuses: Status) -> str:
    """Ask for an edit and kill the bot once its job has a status."""
    job_id = town.edit(images=2)
    town.until(*statuses, job_id=job_id)
    town.kill()
    return job_id


def start(town: Town) -> None:
    town.outside.revive()
    town._begin()


def test_a_job_goes_through_its_life_and_everybody_is_told(town: Town) -> None:
    seen: list[Status] = []
    job_id = town.edit(images=2)
    while not seen or seen[-1] is not Status.DONE:
        town.pass_time(0.05)
        shown = town.stage.messages[town.job(job_id).card_id or 0].status
        if shown is not None and shown not in seen:
            seen.append(shown)
    assert seen == [Status.SUBMITTING, Status.RUNNING, Status.DONE]
    town.until(Status.DONE, job_id=job_id)
    job = town.job(job_id)
    assert (job.rung, job.charged, job.collected, job.token) == (Rung.TOKEN, 8_000, True, None)
    town.pass_time(3_600)
    check_at_rest(town, given_up=set())


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.DELIVERING])
def test_an_open_job_goes_on_where_its_row_says(town: Town, status: Status) -> None:
    job_id = stopped_at(town, status)
    start(town)
    town.until(Status.DONE, job_id=job_id)
    assert len(town.provider.runs) == 1
    assert town.spent(ANN) == 8_000
    assert len(town.stage.of_job(job_id)) == 1


def test_a_job_killed_between_sent_and_stored_is_parked_said_and_found(town: Town) -> None:
    town.provider.faults = ["slow"]
    job_id = town.edit()
    town.until(Status.SUBMITTING, job_id=job_id)
    town.pass_time(2.0)
    town.provider.webhooks = "off"
    town.crash()
    assert town.job(job_id).status is Status.UNKNOWN
    town.pass_time(1.0)
    assert town.stage.of_job(job_id)[0].status is Status.UNKNOWN
    town.until(Status.DONE, job_id=job_id)
    assert len(town.provider.runs) == 1


def test_a_job_that_was_parked_stays_parked_over_a_start(town: Town) -> None:
    town.provider.faults = ["lost_before"]
    job_id = town.edit()
    town.until(Status.UNKNOWN, job_id=job_id)
    town.crash()
    town.pass_time(300)
    assert town.job(job_id).status is Status.UNKNOWN


@pytest.mark.parametrize("ends", [True, False])
def test_how_a_job_ended_is_shown_after_a_kill_in_the_last_moment(town: Town, ends: bool) -> None:
    """Killed after the row has failed and before its card says so."""
    town.provider.faults = ["moderated"]
    job_id = town.edit()
    while town.job(job_id).status is not Status.FAILED:
        town.loop.run_until_complete(asyncio.sleep(0.001))
    town.kill()
    if ends:
        town.loop.run_until_complete(asyncio.sleep(1_000))
    start(town)
    town.pass_time(10)
    assert [message.status for message in town.stage.of_job(job_id)] == [Status.FAILED]


def test_queued_jobs_queue_again_in_the_order_in_which_they_were_asked_for(town: Town) -> None:
    asked = [town.edit() for _ in range(9)]
    town.pass_time(20.0)
    assert Counter(job.status for job in town.jobs()) == {Status.RUNNING: 3, Status.QUEUED: 6}
    town.crash()
    town.pass_time(200)
    left = [town.job(job_id).submitted_at or 0 for job_id in asked]
    assert left == sorted(left)
    assert len(set(left)) > 3


def test_a_token_that_ran_out_while_the_bot_was_away_leaves_the_next_way(town: Town) -> None:
    job_id = stopped_at(town, Status.RUNNING)
    town.loop.run_until_complete(asyncio.sleep(16 * 60))
    start(town)
    job = town.until(Status.DONE, job_id=job_id)
    assert job.rung is Rung.MESSAGE


def test_a_running_job_that_is_old_at_the_start_holds_no_slot_and_is_asked_now_and_then(town: Town) -> None:
    town.provider.outcomes, town.provider.webhooks = ["stuck"], "off"
    job_id = stopped_at(town, Status.RUNNING)
    town.loop.run_until_complete(asyncio.sleep(HARD_DEADLINE / 1000 + 1))
    asked = count_asks(town)
    start(town)
    assert town.bot.engine.queue.in_flight == 0
    town.pass_time(3_600)
    assert town.job(job_id).status is Status.RUNNING
    assert 5 <= asked() <= 8


def count_asks(town: Town) -> "Counter[str] | object":
    """Count the questions about jobs from now on."""
    asked: list[str] = []
    ask = town.provider.job

    async def counting(job_id: str, **told: Any) -> object:
        asked.append(job_id)
        return await ask(job_id, **told)

    town.provider.job = counting  # type: ignore[method-assign, assignment]
    return lambda: len(asked)


def test_a_thousand_open_jobs_are_taken_up_at_once_and_within_the_budget(town: Town) -> None:
    town.kill()
    town.outside.revive()
    town.bot.database.__init__(town.bot.database.path, town.outside)  # type: ignore[misc]
    now = town.clock.now()
    town.bot.database.tx.execute("BEGIN")
    for number in range(1_000):
        status = Status.RUNNING if number % 2 else Status.QUEUED
        town.look(
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
    town.bot.database.tx.execute("COMMIT")
    town.bot.database.close()
    calls = count_calls(town)
    town.webhooks = False
    began = time.process_time()
    town._begin()
    town.pass_time(0.5)
    taken = time.process_time() - began
    assert taken < 5.0
    assert len(town.bot.engine._tools.scheduler._agenda._jobs) == 500
    town.pass_time(59.0)
    assert 30 <= len(calls) <= EXPECTED_CALLS


def count_calls(town: Town) -> list[str]:
    calls: list[str] = []
    travel = town.provider._travel

    async def counting(*seconds: float) -> None:
        if not seconds:
            calls.append("call")
        await travel(*seconds)

    town.provider._travel = counting  # type: ignore[method-assign]
    return calls


# Webhooks


def test_a_webhook_leads_to_one_question_however_often_it_comes(town: Town) -> None:
    town.provider.webhooks, town.provider.seconds = "off", 10.0
    job_id = town.edit()
    job = town.until(Status.RUNNING, job_id=job_id)
    asked = count_asks(town)
    for _ in range(20):
        assert town.run(town.bot.engine.poke(job.secret or "", None))
    town.pass_time(2.0)
    assert asked() == 1  # type: ignore[operator]


def test_a_webhook_for_a_job_that_has_ended_changes_nothing(town: Town) -> None:
    job_id = town.done()
    before = town.job(job_id)
    assert town.run(town.bot.engine.poke(before.secret or "", "p1"))
    town.pass_time(5.0)
    assert town.job(job_id) == before


@pytest.mark.parametrize("secret", ["", "0" * 32, "x' OR 1=1 --"])
def test_a_secret_that_is_nobodys_is_refused(town: Town, secret: str) -> None:
    town.edit()
    assert town.run(town.bot.engine.poke(secret, "p1")) is False


# Stopping


def test_stopping_waits_for_an_answer_that_is_on_its_way_and_stores_it(town: Town) -> None:
    town.provider.faults = ["slow"]
    job_id = town.edit()
    town.until(Status.SUBMITTING, job_id=job_id)
    town.pass_time(1.0)
    began = town.clock.monotonic()
    town.run(town.bot.engine.close())
    assert 15 < town.clock.monotonic() - began < 30
    assert town.job(job_id).status is Status.RUNNING
    town.crash()
    town.until(Status.DONE, job_id=job_id)
    assert len(town.provider.runs) == 1


def test_stopping_without_a_request_on_its_way_takes_no_time(town: Town) -> None:
    town.provider.seconds = 400.0
    for _ in range(3):
        town.edit()
    town.pass_time(5.0)
    began = town.clock.monotonic()
    town.run(town.bot.engine.close())
    assert town.clock.monotonic() - began < 1.0


def test_nothing_is_accepted_once_it_stops(town: Town) -> None:
    town.run(town.bot.engine.close())
    job_id = town.edit()
    assert [refusal.reason for refusal in town.refused] == [Reason.SHUTTING_DOWN]
    assert town.look(jobs.get, job_id) is None


# Turns and slots


def test_no_more_jobs_are_in_flight_than_allowed_in_all_and_for_one_member(town: Town) -> None:
    town.provider.seconds = 30.0
    for member in (ANN, BEN, 7, 8):
        for _ in range(5):
            town.generate(member)
    town.pass_time(300.0)
    assert {job.status for job in town.jobs()} == {Status.DONE}
    runs = town.provider.runs.values()
    members = {run.id: town.job(town.provider.made_by[run.id]).member_id for run in runs}
    flying = [[other for other in runs if other.began <= run.began < other.ends] for run in runs]
    assert max(map(len, flying)) == 8
    assert max(max(Counter(members[run.id] for run in each).values()) for each in flying) == 3


def test_a_late_card_is_called_late(town: Town) -> None:
    town.provider.outcomes, town.provider.webhooks = ["stuck"], "off"
    job_id = town.edit()
    town.until(Status.RUNNING, job_id=job_id)
    town.pass_time(5 * MINUTE / 1000 + 30)
    view = town.stage.of_job(job_id)[0].view
    assert view is not None
    assert view.expectation.late


def test_a_job_whose_first_answer_failed_gets_its_card_another_way(town: Town) -> None:
    town.stage.answers_fail = True
    job_id = town.edit()
    town.until(Status.DONE, job_id=job_id)
    (card,) = [message for message in town.stage.of_job(job_id) if message.purpose == "card"]
    assert card.status is Status.DONE
    assert town.job(job_id).rung in {Rung.MESSAGE, Rung.CHANNEL}
