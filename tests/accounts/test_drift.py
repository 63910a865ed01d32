"""What the provider's balance says beyond our own charges."""

from dataclasses import dataclass

import pytest

from accounts import balance
from domain.errors import Reason
from domain.job import Job, Status
from domain.reports import Drift
from jobs import transitions
from storage import balances
from tests.accounts.book import Book


@dataclass
class Account:
    """The provider's side: what is left, in thousandths."""

    left: int = 1_000_000

    def take(self, job: Job) -> int:
        self.left -= job.reserved
        return self.left


def submit(book: Book, account: Account) -> Job:
    """Submit a job with no other beside it; its reply is a reading."""
    job = book.accept()
    book.at += 1_000
    book.send(job)
    book.at += 1_000
    book.answer(job, remaining=account.take(job))
    return job


def drifts(book: Book) -> list[Drift]:
    return balances.drifts(book.tx, since=0, until=book.at + 1, limit=100)[::-1]


def amounts(book: Book) -> list[int]:
    return [drift.amount for drift in drifts(book)]


def test_jobs_that_go_well_show_no_drift(book: Book) -> None:
    account = Account()
    for _ in range(3):
        book.finish(submit(book, account))
    submit(book, account)
    submit(book, account)
    assert amounts(book) == []


def test_another_user_of_the_key_shows_with_its_moments_and_amount(book: Book) -> None:
    account = Account()
    submit(book, account)
    before = book.at
    account.left -= 7_500
    submit(book, account)
    (drift,) = drifts(book)
    assert (drift.since, drift.at, drift.amount, list(drift.suspects)) == (before, book.at, 7_500, [])


def test_a_top_up_is_a_gain(book: Book) -> None:
    account = Account()
    submit(book, account)
    account.left += 100_000
    submit(book, account)
    assert amounts(book) == [-100_000]
    assert balances.drift_sums(book.tx, since=0, until=book.at + 1) == (0, 100_000)


def test_a_failure_that_was_billed_is_drift_and_names_the_job(book: Book) -> None:
    account = Account()
    job = submit(book, account)
    book.fail(job, expect=Status.RUNNING)
    submit(book, account)
    (drift,) = drifts(book)
    assert (drift.amount, [trace.job_id for trace in drift.suspects]) == (4_000, [job.id])


def test_a_failure_that_was_given_back_is_none(book: Book) -> None:
    account = Account()
    job = submit(book, account)
    book.fail(job, expect=Status.RUNNING)
    account.left += job.reserved
    submit(book, account)
    assert amounts(book) == []


def test_fewer_images_for_the_whole_price_are_drift(book: Book) -> None:
    account = Account()
    submit(book, account)
    job = book.accept(book.job(images=4))
    book.at += 1
    book.send(job)
    book.at += 1
    book.answer(job, remaining=account.take(job))
    book.finish(job, images=1)
    submit(book, account)
    (drift,) = drifts(book)
    assert (drift.amount, [trace.job_id for trace in drift.suspects]) == (12_000, [job.id])


def test_an_unknown_submission_that_went_through_is_suspected_and_taken_back_when_named(book: Book) -> None:
    account = Account()
    submit(book, account)
    lost = book.accept()
    book.send(lost)
    account.take(lost)
    book.at += 30_000
    book.lose(lost)
    submit(book, account)
    (drift,) = drifts(book)
    assert drift.amount == 4_000
    assert [(trace.job_id, trace.status) for trace in drift.suspects] == [(lost.id, Status.UNKNOWN)]
    book.run(lambda tx: transitions.named(tx, lost.id, provider_job_id="late", cost=4_000, at=book.at))
    submit(book, account)
    assert amounts(book) == [4_000, -4_000]
    assert [trace.job_id for trace in drifts(book)[1].suspects] == [lost.id]


def test_a_job_given_up_after_a_day_is_suspected(book: Book) -> None:
    account = Account()
    submit(book, account)
    lost = book.accept()
    book.send(lost)
    book.lose(lost)
    book.fail(lost, expect=Status.UNKNOWN, reason=Reason.NEVER_ANSWERED)
    account.take(lost)
    submit(book, account)
    (drift,) = drifts(book)
    assert [(trace.job_id, trace.failure) for trace in drift.suspects] == [(lost.id, Reason.NEVER_ANSWERED)]


@pytest.mark.parametrize("first_sent_is_answered_first", [True, False])
def test_replies_that_overlap_are_not_compared(book: Book, first_sent_is_answered_first: bool) -> None:
    account = Account()
    submit(book, account)
    one, other = book.accept(), book.accept()
    book.at += 1
    book.send(one)
    book.at += 1
    book.send(other)
    replies = [(one, account.take(one)), (other, account.take(other))]
    for job, remaining in replies if first_sent_is_answered_first else reversed(replies):
        book.at += 1
        book.answer(job, remaining=remaining)
    assert amounts(book) == []
    submit(book, account)
    assert amounts(book) == []


def test_a_submission_still_open_makes_the_reply_incomparable(book: Book) -> None:
    account = Account()
    submit(book, account)
    still_open = book.accept()
    book.send(still_open)
    account.take(still_open)
    submit(book, account)
    assert amounts(book) == []
    assert balances.last(book.tx) is not None


def test_a_refused_submission_that_tells_a_balance_is_a_reading(book: Book) -> None:
    account = Account()
    submit(book, account)
    account.left = 1_000
    job = book.accept()
    book.at += 1
    book.send(job)
    book.at += 1
    with book.transaction() as tx:
        transitions.fail(tx, job.id, expect=Status.SUBMITTING, reason=Reason.OUT_OF_CREDITS, at=book.at)
        drift = balance.record_reply(tx, job_id=job.id, cost=None, remaining=account.left, at=book.at)
    assert drift == 1_000_000 - 4_000 - 1_000


def test_a_balance_from_elsewhere_is_only_written_down(book: Book) -> None:
    submit(book, Account())
    with book.transaction() as tx:
        assert balance.record_reply(tx, job_id=None, cost=None, remaining=5, at=book.at) is None
    last = balances.last(book.tx)
    assert last is not None
    assert last.remaining == 5


def test_unknown_jobs_are_listed_as_parked(book: Book) -> None:
    lost, _ = book.accept(), book.accept()
    book.send(lost)
    book.lose(lost)
    assert [trace.job_id for trace in balances.parked(book.tx, limit=5)] == [lost.id]
