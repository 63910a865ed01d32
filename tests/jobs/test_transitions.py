"""The moves that touch money: row and ledger go together, once, whoever else moves the job."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.allowances import Ceilings
from accounts.verify import verify
from domain.entries import EntryKind
from domain.errors import Reason, Refusal
from domain.images import Image, Role
from domain.job import HELD, Job, Rung, Status
from domain.options import Options
from domain.views import Placed
from jobs import transitions
from jobs.holding import Price
from jobs.transitions import Finished, price
from storage import balances, facts, images, job_rows
from storage.facts import Took
from storage.tx import Tx
from tests.engines import Engine
from tests.storage.rows import ANN, NOON, a_job, an_image

PRICE = Price(each=0, ceilings=Ceilings())
TOOK = Took(model="m", quality="high", count=1, low=1, high=2, at=NOON)

UNLIMITED = Ceilings()


@pytest.fixture
def tx(engine: Engine) -> Iterator[Tx]:
    connection = engine.in_memory()
    yield connection
    assert verify(connection) == []


def accept(tx: Tx, job: Job | None = None, ceilings: Ceilings = UNLIMITED) -> Job:
    wanted = job or a_job()
    sources = [an_image(wanted.id, url="https://cdn/a", url_expires_at=1)]
    accepted, new = transitions.accept(tx, wanted, sources, event=wanted.id, role_ids=(), ceilings=ceilings)
    assert new
    return accepted


def submitting(tx: Tx, **values: object) -> Job:
    job = accept(tx, a_job(**values))  # type: ignore[arg-type]
    moved = transitions.begin_submit(tx, job.id, price=PRICE, at=NOON + 1)
    assert moved is not None
    return moved


def running(tx: Tx, *, cost: int | None = 4_000, **values: object) -> Job:
    job = submitting(tx, **values)
    moved = transitions.submitted(
        tx, job.id, provider_job_id=f"p{job.id}", cost=cost, remaining=None, at=NOON + 2
    )
    assert moved is not None
    return moved


def finished(job: Job, count: int, *, cost: int | None = None) -> Finished:
    results = tuple(
        Image(job_id=job.id, role=Role.RESULT, position=place, name=f"{place}.png", url="https://temp/r")
        for place in range(1, count + 1)
    )
    return Finished(results=results, cost=cost, asked=job.options.images)


def delivering(tx: Tx) -> Job:
    job = running(tx)
    moved = transitions.finish(tx, job.id, finished(job, 1), took=None, at=NOON + 3)
    assert moved is not None
    return moved


AT: dict[Status, Callable[[Tx], Job]] = {
    Status.QUEUED: accept,
    Status.SUBMITTING: submitting,
    Status.RUNNING: running,
    Status.DELIVERING: delivering,
}


def entries(tx: Tx) -> list[tuple[str, int, int]]:
    return tx.execute("SELECT kind, held, spent FROM entries ORDER BY id").fetchall()


def test_accepting_writes_job_sources_and_reserve(tx: Tx) -> None:
    accept(tx)
    assert entries(tx) == [(EntryKind.RESERVE, 4_000, 0)]
    assert len(images.of_job(tx, "i1")) == 1
    again, new = transitions.accept(
        tx, a_job("other", member_id=999), [], event="i1", role_ids=(), ceilings=Ceilings()
    )
    assert (again.member_id, new) == (ANN, False)
    assert len(entries(tx)) == 1


@pytest.mark.parametrize("status", sorted(HELD & AT.keys()))
def test_a_job_that_fails_without_images_is_released_once(tx: Tx, status: Status) -> None:
    job = AT[status](tx)
    failed = transitions.fail(tx, job.id, expect=status, reason=Reason.MODERATED, at=NOON + 9)
    assert failed is not None
    assert (failed.status, failed.failure, failed.ended_at) == (Status.FAILED, Reason.MODERATED, NOON + 9)
    assert entries(tx)[1:] == [(EntryKind.RELEASE, -4_000, 0)]
    assert all(image.url for image in images.of_job(tx, job.id, Role.SOURCE)), "its card shows them"
    transitions.close(tx, job.id)
    assert all(image.url is None for image in images.of_job(tx, job.id, Role.SOURCE))
    assert transitions.fail(tx, job.id, expect=status, reason=Reason.INTERNAL, at=NOON + 10) is None
    assert len(entries(tx)) == 2


def test_a_job_whose_images_were_lost_after_the_charge_is_refunded_whole(tx: Tx) -> None:
    job = delivering(tx)
    transitions.fail(tx, job.id, expect=Status.DELIVERING, reason=Reason.RESULT_GONE, at=NOON + 9)
    assert entries(tx)[1:] == [(EntryKind.CHARGE, -4_000, 4_000), (EntryKind.REFUND, 0, -4_000)]


def test_a_queued_job_is_cancelled_and_released(tx: Tx) -> None:
    accept(tx)
    cancelled = transitions.cancel(tx, "i1", at=NOON + 1)
    assert cancelled is not None
    assert (cancelled.status, cancelled.failure) == (Status.CANCELLED, Reason.CANCELLED)
    assert entries(tx)[1:] == [(EntryKind.RELEASE, -4_000, 0)]
    assert transitions.cancel(tx, "i1", at=NOON + 2) is None


@pytest.mark.parametrize("status", sorted(AT.keys() - {Status.QUEUED}))
def test_later_it_is_too_late_to_cancel(tx: Tx, status: Status) -> None:
    job = AT[status](tx)
    assert transitions.cancel(tx, job.id, at=NOON + 9) is None
    assert job_rows.get(tx, job.id) == job


def test_a_job_gets_a_new_secret_whenever_it_is_about_to_leave(tx: Tx) -> None:
    first = submitting(tx)
    job_rows.move(tx, "i1", expect=Status.SUBMITTING, to=Status.QUEUED, secret=None)
    second = transitions.begin_submit(tx, "i1", price=PRICE, at=NOON + 5)
    assert second is not None
    assert len(second.secret or "") == len(first.secret or "") == 32
    assert second.secret != first.secret
    assert second.submitted_at == NOON + 5
    assert transitions.begin_submit(tx, "i1", price=PRICE, at=NOON + 6) is None


def test_an_answer_that_is_stored_once_more_changes_nothing(tx: Tx) -> None:
    job = submitting(tx)
    for _ in range(2):
        moved = transitions.submitted(
            tx, job.id, provider_job_id="p", cost=4_000, remaining=90_000, at=NOON + 2
        )
        assert moved is not None
        assert (moved.status, moved.cost) == (Status.RUNNING, 4_000)
    assert tx.execute("SELECT cost FROM balances").fetchall() == [(4_000,)]


def test_the_reply_to_a_submission_is_stored_with_the_balance(tx: Tx) -> None:
    submitting(tx)
    moved = transitions.submitted(tx, "i1", provider_job_id="p1", cost=5_000, remaining=90_000, at=NOON + 2)
    assert moved is not None
    assert (moved.status, moved.provider_job_id, moved.cost) == (Status.RUNNING, "p1", 5_000)
    told = balances.last(tx)
    assert told is not None
    assert told.remaining == 90_000


def test_an_unknown_job_is_taken_up_under_the_name_that_was_found(tx: Tx) -> None:
    submitting(tx)
    job_rows.move(tx, "i1", expect=Status.SUBMITTING, to=Status.UNKNOWN)
    found = transitions.named(tx, "i1", provider_job_id="p1", cost=None, at=NOON)
    assert found is not None
    assert (found.status, found.provider_job_id) == (Status.RUNNING, "p1")


def test_a_name_that_another_job_has_is_nobody_elses(tx: Tx) -> None:
    running(tx)
    submitting(tx, job_id="i2")
    job_rows.move(tx, "i2", expect=Status.SUBMITTING, to=Status.UNKNOWN)
    assert transitions.named(tx, "i2", provider_job_id="pi1", cost=None, at=NOON) is None


@pytest.mark.parametrize("status", [Status.QUEUED, Status.SUBMITTING, Status.RUNNING])
def test_only_an_unknown_job_is_named(tx: Tx, status: Status) -> None:
    job = AT[status](tx)
    assert transitions.named(tx, job.id, provider_job_id="other", cost=None, at=NOON) is None
    assert job_rows.get(tx, job.id) == job


@pytest.mark.parametrize(
    ("asked", "given", "cost", "paid"),
    [
        (1, 1, 4_000, 4_000),
        (4, 4, 16_000, 7_000),
        (4, 3, 16_000, 5_250),
        (3, 2, 7_000, 4_667),
        (2, 1, 6_000, 6_000),
        (1, 1, 0, 0),
        (2, 2, None, 7_000),
        (2, 1, None, 3_500),
    ],
)
def test_a_member_pays_in_proportion_to_the_images_they_were_given(
    tx: Tx, asked: int, given: int, cost: int | None, paid: int
) -> None:
    job = running(tx, cost=7_000, options=Options(count=asked))
    moved = transitions.finish(tx, job.id, finished(job, given, cost=cost), took=TOOK, at=NOON + 3)
    assert moved is not None
    assert (moved.status, moved.charged, moved.completed_at) == (Status.DELIVERING, paid, NOON + 3)
    assert (moved.cost, moved.billed) == (7_000, cost)
    assert entries(tx)[1:] == [(EntryKind.RAISE, 3_000, 0), (EntryKind.CHARGE, -7_000, paid)]
    assert len(images.of_job(tx, job.id, Role.RESULT)) == given
    assert facts.durations(tx, limit=9) == [TOOK]
    assert transitions.finish(tx, job.id, finished(job, given, cost=cost), took=TOOK, at=NOON + 4) is None
    assert len(entries(tx)) == 3


@given(st.integers(0, 10**9), st.integers(0, 10**9) | st.none(), st.integers(1, 8), st.integers(0, 7))
def test_nobody_pays_more_than_the_provider_ever_said_nor_nothing_for_something(
    cost: int, billed: int | None, asked: int, missing: int
) -> None:
    given = max(1, asked - missing)
    job = a_job(options=Options(count=asked), cost=cost)
    paid = price(job, finished(job, given, cost=billed))
    if billed is not None and billed < cost:
        assert paid == billed
        return
    assert 0 <= paid <= cost
    assert cost * given <= paid * asked < cost * given + asked


def test_without_any_word_of_the_provider_the_reserve_is_the_price(tx: Tx) -> None:
    job = running(tx, cost=None)
    moved = transitions.finish(tx, job.id, finished(job, 1), took=None, at=NOON + 3)
    assert moved is not None
    assert moved.charged == 4_000
    assert facts.durations(tx, limit=9) == []


def test_a_delivery_notes_where_the_card_is_and_forgets_the_token(tx: Tx) -> None:
    job = delivering(tx)
    tx.execute("UPDATE jobs SET token = 'token'")
    placed = Placed(channel_id=5, message_id=77, urls={})
    done = transitions.delivered(
        tx, job.id, rung=Rung.CHANNEL, placed=placed, note="spread", collected=True, at=NOON + 5
    )
    assert done is not None
    assert (done.status, done.card.rung, done.card.message_id, done.card.token) == (
        Status.DONE,
        Rung.CHANNEL,
        77,
        None,
    )
    assert (done.note, done.collected, done.ended_at) == ("spread", True, NOON + 5)


def test_results_that_reached_nobody_wait_and_the_card_stays_where_it_was(tx: Tx) -> None:
    job = delivering(tx)
    job_rows.place_card(tx, job.id, channel_id=5, message_id=77, by_new_message=False)
    kept = transitions.delivered(tx, job.id, rung=Rung.KEPT, placed=None, note=None, collected=False, at=NOON)
    assert kept is not None
    assert (kept.status, kept.collected, kept.card.message_id) == (Status.DONE, False, 77)
    assert (
        transitions.delivered(tx, job.id, rung=Rung.KEPT, placed=None, note=None, collected=True, at=1)
        is None
    )


def test_too_many_waiting_jobs_of_one_member_are_refused(tx: Tx) -> None:
    for number in range(3):
        accept(tx, a_job(f"i{number}"), ceilings=Ceilings(waiting=3))
    with pytest.raises(Refusal) as caught:
        accept(tx, a_job("one more"), ceilings=Ceilings(waiting=3))
    assert caught.value.reason is Reason.QUEUE_FULL
    assert caught.value.values["count"] == 3
