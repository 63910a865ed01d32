"""What the operator loses beyond charges counts for the operator's limits, and for nobody's account."""

import pytest

from accounts.allowances import Ceilings
from domain.errors import Reason, Refusal
from domain.job import Job, Status
from domain.limits import DAY
from storage import holds
from tests.accounts.book import Book
from tests.accounts.test_ledger import sums


def taken_and_failed(book: Book, *, images: int = 4, reason: Reason = Reason.PROVIDER_TROUBLE) -> None:
    job = book.accept(book.job(images=images))
    book.send(job)
    book.answer(job)
    book.fail(job, expect=Status.RUNNING, reason=reason)


@pytest.mark.parametrize(
    "reason", [Reason.PROVIDER_TROUBLE, Reason.MODERATED, Reason.BAD_INPUT, Reason.NO_IMAGES]
)
def test_a_job_that_the_provider_took_and_failed_counts_for_the_operator_for_a_day(
    book: Book, reason: Reason
) -> None:
    taken_and_failed(book, reason=reason)
    refused = book.accept()
    book.send(refused)
    book.fail(refused, expect=Status.SUBMITTING, reason=Reason.MODERATED)
    assert sums(book) == (0, 0), "its member pays nothing"
    assert holds.used_in_a_day(book.tx, key_id=1, at=book.at) == 16_000
    assert holds.used_in_a_day(book.tx, key_id=1, at=book.at + DAY) == 0
    assert holds.booked_in_a_day(book.tx, key_id=1, at=book.at) == [(book.at, 16_000)]


@pytest.mark.parametrize("ceilings", [Ceilings(key=40_000), Ceilings(member=40_000)])
def test_failing_jobs_cannot_spend_more_than_the_operator_allows(book: Book, ceilings: Ceilings) -> None:
    book.ceilings = ceilings
    taken_and_failed(book)
    taken_and_failed(book)
    with pytest.raises(Refusal):
        taken_and_failed(book)
    book.at += DAY
    taken_and_failed(book)


@pytest.mark.parametrize(
    ("told", "used"), [(None, 16_000), (16_000, 16_000), (4_000, 4_000), (160_000, 160_000)]
)
def test_what_the_provider_takes_counts_though_its_member_pays_less(
    book: Book, told: int | None, used: int
) -> None:
    job = book.accept(book.job(images=4))
    book.send(job)
    book.answer(job)
    book.finish(job, images=1, cost=told)
    assert sums(book) == (0, 4_000)
    assert holds.used_in_a_day(book.tx, key_id=1, at=book.at) == used
    assert holds.used_in_a_day(book.tx, key_id=1, at=book.at + DAY) == 0


@pytest.mark.parametrize(("back", "used"), [(0, 16_000), (6_000, 10_000), (16_000, 0), (900_000, 0)])
def test_what_the_balance_shows_to_have_come_back_counts_no_longer(book: Book, back: int, used: int) -> None:
    balance = 1_000_000

    def answered_alone(remaining: int) -> Job:
        book.at += 1_000
        job = book.accept()
        book.send(job)
        book.at += 1_000
        book.answer(job, cost=4_000, remaining=remaining)
        return job

    book.finish(answered_alone(balance - 4_000))
    lost = book.accept(book.job(images=4))
    book.at += 1_000
    book.send(lost)
    book.answer(lost)
    book.fail(lost, expect=Status.RUNNING)
    spent_before = 4_000
    assert holds.used_in_a_day(book.tx, key_id=1, at=book.at) == spent_before + 16_000
    book.finish(answered_alone(balance - 8_000 - 16_000 + back))
    assert holds.used_in_a_day(book.tx, key_id=1, at=book.at) == spent_before + 4_000 + used


def test_the_first_balance_of_all_shows_nothing_of_what_failed_before(book: Book) -> None:
    taken_and_failed(book)
    job = book.accept()
    book.at += 1_000
    book.send(job)
    book.answer(job, cost=4_000, remaining=500_000)
    assert holds.used_in_a_day(book.tx, key_id=1, at=book.at) == 16_000 + 4_000
