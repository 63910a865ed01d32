"""A take-over while a paid request is on its way: its answer counts, whoever works by now, and it is sent once."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from domain.entries import EntryKind
from domain.errors import Reason
from domain.job import OPEN, Job, Rung, Status
from domain.limits import HOUR
from jobs import transitions
from jobs.engine import ANSWERED
from pixeldojo.client import PixelDojo
from pixeldojo.errors import Unavailable
from pixeldojo.sessions import Sessions
from scheduling.scheduler import Call
from storage import job_rows
from storage.errors import LeaseLost
from storage.tx import Tx
from tests.jobs.harness import Harness, until
from tests.jobs.test_submitter import queued, submissions, submit

Elsewhere = Callable[[Tx, Job], object]


def parks(tx: Tx, job: Job) -> object:
    return job_rows.move(tx, job.id, expect=Status.SUBMITTING, to=Status.UNKNOWN)


def finds(tx: Tx, job: Job, name: str = "found") -> object:
    parks(tx, job)
    return transitions.named(tx, job.id, provider_job_id=name, cost=None, at=1)


def gives_up(tx: Tx, job: Job) -> object:
    parks(tx, job)
    return transitions.fail(tx, job.id, expect=Status.UNKNOWN, reason=Reason.NEVER_ANSWERED, at=1)


async def taken_over(harness: Harness, elsewhere: Elsewhere, *, fault: str = "ok") -> Job:
    """Submit while another process takes over, does something with the job, and writes all that is fenced."""
    await queued(harness)
    harness.provider.control.merge({"next": [fault]})
    client, database = harness.parts.outside.client, harness.database
    send, run = client.submit, database.run

    async def lost(*_: object, **__: object) -> None:
        raise LeaseLost("Another process has taken over the work.")

    async def meanwhile(*given: Any) -> Any:
        assert harness.parts.submitter.owes
        try:
            return await send(*given)
        finally:
            await run(elsewhere, await harness.job())
            # What SQLite lets through without a fence goes by the other name only.
            database.run_unfenced, database.run = run, lost  # type: ignore[method-assign]

    client.submit = meanwhile  # type: ignore[method-assign]
    turn = asyncio.create_task(submit(harness))
    await until(lambda: bool(submissions(harness)) and not harness.parts.submitter.owes, what="the answer")
    database.run = run  # type: ignore[method-assign]
    await asyncio.wait({turn})
    assert len(submissions(harness)) == 1
    return await harness.job()


async def test_a_late_answer_is_stored_though_the_job_was_parked(harness: Harness) -> None:
    job = await taken_over(harness, parks)
    (theirs,) = harness.provider.control.books()
    assert (job.status, job.provider_job_id, job.cost) == (Status.RUNNING, theirs["job"], 4_000)


async def test_a_late_refusal_ends_the_job_at_no_cost(harness: Harness) -> None:
    job = await taken_over(harness, parks, fault="refuse")
    assert (job.status, job.failure) == (Status.FAILED, Reason.MODERATED)
    assert [kind for kind, _, _ in await harness.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]


async def test_a_job_that_was_parked_and_proves_never_accepted_waits_for_its_turn_again(
    harness: Harness,
) -> None:
    job = await taken_over(harness, parks, fault="rate_limited")
    assert (job.status, job.secret, job.submitted_at) == (Status.QUEUED, None, None)
    assert [kind for kind, _, _ in await harness.entries()] == [EntryKind.RESERVE]


@pytest.mark.parametrize("status", [Status.SUBMITTING, Status.UNKNOWN])
async def test_what_a_webhook_has_named_is_not_put_back(harness: Harness, status: Status) -> None:
    job = await harness.put(status=status, secret="a" * 32, claim="p")
    assert await harness.database.run(transitions.put_back, job.id, secret="a" * 32) is None
    assert await harness.job() == job


@pytest.mark.parametrize("may_send", [True, False], ids=["as far as it knows", "and it knows"])
async def test_a_model_that_ended_ends_the_job_and_nothing_that_the_next_one_has_learned(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, may_send: bool
) -> None:
    def parks_and_is_over(tx: Tx, job: Job) -> object:
        # The request was sent while nobody else could work.
        monkeypatch.setattr(harness.parts.submitter, "_may_send", lambda: may_send)
        return parks(tx, job)

    job = await taken_over(harness, parks_and_is_over, fault="model_gone")
    assert (job.status, job.failure) == (Status.FAILED, Reason.MODEL_GONE)
    assert [kind for kind, _, _ in await harness.entries()] == [EntryKind.RESERVE, EntryKind.RELEASE]
    assert await harness.database.read(job_rows.follow_up_of, job.id) is None
    assert await harness.database.read(lambda tx: tx.execute("SELECT * FROM learned").fetchall()) == []
    assert harness.operator.warned == []
    assert (Call.CATALOGUE in harness.scheduler.calls) == may_send, "nothing more is asked of the provider"


async def test_a_request_is_waited_for_from_before_its_row_says_that_it_leaves(harness: Harness) -> None:
    """Who was stopped right after that can still say that it did not."""
    await queued(harness)
    database, submitter = harness.database, harness.parts.submitter
    run, seen = database.run, list[bool]()

    async def watched(fn: Any, *given: Any, **named: Any) -> Any:
        if fn is transitions.begin_submit:
            seen.append(submitter.owes)
        return await run(fn, *given, **named)

    database.run = watched  # type: ignore[method-assign]
    await submit(harness)
    assert seen == [True]
    assert not submitter.owes


async def test_what_cannot_be_stored_since_another_process_works_is_nobodys_trouble(harness: Harness) -> None:
    await harness.parts.storing.warn_of(LeaseLost("Another process has taken over the work."))
    assert harness.operator.warned == []


async def test_whoever_works_goes_on_with_a_job_that_another_process_has_moved(harness: Harness) -> None:
    job = await harness.put(status=Status.UNKNOWN, secret="a" * 32)
    reconciler = harness.parts.reconciler
    found = asyncio.create_task(reconciler.named(job))
    glances = asyncio.create_task(reconciler.glance())
    with harness.clock.standing(after=3):
        await until(lambda: len(harness.clock.slept) > 3, what="glances")
        assert not found.done()
        await harness.database.run(
            transitions.submitted, "i1", secret="a" * 32, provider_job_id="p", cost=1, remaining=None, at=1
        )
    assert await found is None
    glances.cancel()


async def test_silence_leaves_it_parked(harness: Harness) -> None:
    assert (await taken_over(harness, parks, fault="lose_reply")).status is Status.UNKNOWN


@pytest.mark.parametrize("fault", ["ok", "refuse", "rate_limited", "lose_reply"])
async def test_what_the_other_process_found_stays(harness: Harness, fault: str) -> None:
    job = await taken_over(harness, finds, fault=fault)
    assert (job.status, job.provider_job_id) == (Status.RUNNING, "found")


async def test_what_the_other_process_gave_up_stays_given_up(harness: Harness) -> None:
    job = await taken_over(harness, gives_up)
    assert (job.status, job.failure) == (Status.FAILED, Reason.NEVER_ANSWERED)


async def test_the_answer_to_another_request_proves_nothing(harness: Harness) -> None:
    job = await harness.put(status=Status.UNKNOWN, secret="a" * 32)
    for stored in (
        lambda tx: transitions.submitted(
            tx, job.id, secret="b" * 32, provider_job_id="p", cost=1, remaining=None, at=1
        ),
        lambda tx: transitions.submitted(tx, job.id, provider_job_id="p", cost=1, remaining=None, at=1),
        lambda tx: transitions.refused(tx, job.id, secret="b" * 32, reason=Reason.MODERATED, at=1),
        lambda tx: transitions.put_back(tx, job.id, secret="b" * 32),
    ):
        assert await harness.database.run(stored) is None
    assert (await harness.job()).status is Status.UNKNOWN


async def test_nothing_is_begun_while_too_little_of_the_lease_is_left(harness: Harness) -> None:
    await queued(harness)
    seen: list[Status] = []
    answers = iter([False, False, True])

    def may_send() -> bool:
        seen.append(Status.QUEUED if not submissions(harness) else Status.SUBMITTING)
        return next(answers)

    harness.parts.submitter._may_send = may_send
    job = await submit(harness)
    assert job is not None
    assert seen == [Status.QUEUED] * 3
    assert len(submissions(harness)) == 1


async def test_a_request_is_held_back_when_the_lease_ran_short_while_it_was_connecting(
    harness: Harness,
) -> None:
    sessions = Sessions(trusted_origins=[], may_send=lambda: False)
    client = PixelDojo(
        session=sessions.provider,
        downloads=sessions.downloads,
        api_url=harness.provider.api_url,
        key=harness.provider.key,
    )
    with pytest.raises(Unavailable):
        await client.submit("gpt-image-1-5-edit", {"prompt": "held back"})
    with pytest.raises(Unavailable):
        await client.models()
    await sessions.close()
    assert harness.provider.log == []
    harness.parts.outside.client.submit = client.submit  # type: ignore[method-assign]
    await queued(harness)
    assert await submit(harness) is None
    assert (await harness.job()).status is Status.QUEUED


@pytest.mark.parametrize(
    ("columns", "age", "seconds"),
    [
        ({"card_id": None}, 3_000, 12.0),
        ({"card_id": None}, ANSWERED, 0.0),
        # Clocks that differ: never for longer.
        ({"card_id": None}, -3_600_000, 15.0),
        ({"card_id": 7}, 3_000, 0.0),
        # A reaction, or what goes on for another job: no answer comes before its card.
        ({"card_id": None, "token": None}, 3_000, 0.0),
        ({"card_id": None, "status": Status.RUNNING}, 3_000, 12.0),
        ({"card_id": None, "status": Status.FAILED}, 3_000, 12.0),
    ],
)
async def test_after_a_take_over_a_first_answer_is_waited_for_as_long_as_it_may_come(
    harness: Harness, columns: dict[str, Any], age: int, seconds: float
) -> None:
    harness.scheduler.run = None  # type: ignore[attr-defined]
    engine = harness.parts.engine
    job = await harness.put(**{"token": "t", "card_channel_id": 5, **columns})
    harness.clock.jump(age)
    assert engine._until_answered(job) <= 0, "one process: whoever answered is gone"
    engine._settling = ANSWERED
    assert max(0, engine._until_answered(job)) == pytest.approx(seconds)


@pytest.mark.parametrize("status", [*sorted(OPEN), Status.FAILED, Status.CANCELLED])
async def test_whatever_there_is_to_show_waits_for_the_first_answer_and_is_shown_on_it(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, status: Status
) -> None:
    harness.scheduler.run = None  # type: ignore[attr-defined]
    engine, clock = harness.parts.engine, harness.clock
    engine._settling, engine._loops = ANSWERED, {}
    ends = clock.now() + HOUR
    job = await harness.put(status=status, token="t", token_expires_at=ends, secret="a" * 32)
    clock.jump(3_000)
    waiting, there = asyncio.Event(), asyncio.Event()
    sleep = clock.sleep

    async def slept(seconds: float) -> None:
        if seconds == pytest.approx(12.0):
            waiting.set()
            await there.wait()
        await sleep(seconds)

    monkeypatch.setattr(clock, "sleep", slept)
    await engine.start()
    await waiting.wait()
    # A webhook, or a member who withdraws it: somebody has something to show.
    harness.parts.cards.refresh(job.id)
    await asyncio.sleep(0.2)
    assert harness.messenger.brought == []
    await engine.answered(job, message_id=77)
    there.set()
    await until(lambda: harness.messenger.brought, what="the card")
    await harness.parts.tasks.close(patience=5)
    assert set(harness.messenger.rungs()) == {Rung.TOKEN}
    assert {view.job.card.message_id for _, view, _ in harness.messenger.brought} == {77}
