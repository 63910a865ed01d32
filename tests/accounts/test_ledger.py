"""What the ledger's rows and triggers allow, on a real file."""

import sqlite3

import pytest

from accounts import ledger
from accounts.verify import verify
from domain.errors import Reason
from domain.job import Status
from storage import entries, holds
from tests.accounts.book import ANN, GUILD, MOD, Book


def sums(book: Book, member: int = ANN) -> tuple[int, int]:
    row = book.tx.execute(
        "SELECT COALESCE(SUM(held), 0), COALESCE(SUM(spent), 0) FROM entries WHERE member_id = ?", (member,)
    ).fetchone()
    return row[0], row[1]


def test_a_finished_job_holds_nothing_and_has_spent_its_cost(book: Book) -> None:
    job = book.accept()
    assert sums(book) == (4_000, 0)
    book.send(job)
    book.answer(job)
    book.finish(job)
    assert sums(book) == (0, 4_000)


def test_a_cost_above_the_reserve_is_charged_all_the_same(book: Book) -> None:
    job = book.done(cost=6_500)
    assert sums(book) == (0, 6_500)
    assert entries.spent_on(book.tx, [job.id]) == {job.id: 6_500}


def test_fewer_images_than_asked_are_charged_in_proportion(book: Book) -> None:
    job = book.accept(book.job(images=4))
    book.send(job)
    book.answer(job)
    book.finish(job, images=3)
    assert sums(book) == (0, 12_000)


@pytest.mark.parametrize("expect", [Status.QUEUED, Status.SUBMITTING, Status.RUNNING])
def test_a_failed_job_costs_nothing(book: Book, expect: Status) -> None:
    job = book.accept()
    if expect is not Status.QUEUED:
        book.send(job)
    if expect is Status.RUNNING:
        book.answer(job)
    book.fail(job, expect=expect)
    assert sums(book) == (0, 0)


def test_a_lost_result_is_refunded_whole(book: Book) -> None:
    job = book.accept()
    book.send(job)
    book.answer(job)
    book.finish(job)
    book.fail(job, expect=Status.DELIVERING, reason=Reason.RESULT_GONE)
    assert sums(book) == (0, 0)
    assert verify(book.tx) == []


def test_reserve_charge_and_release_are_booked_once(book: Book) -> None:
    job = book.accept()
    with book.transaction() as tx:
        assert not ledger.reserve(tx, job, at=book.at)
        assert ledger.charge(tx, job, amount=4_000, images=1, at=book.at)
        assert not ledger.charge(tx, job, amount=9_000, images=1, at=book.at)
    assert sums(book) == (0, 4_000)


def test_refunds_and_corrections_may_repeat(book: Book) -> None:
    job = book.done()
    with book.transaction() as tx:
        for _ in range(2):
            assert ledger.refund(tx, job, amount=1_000, cause="gone", moderator_id=None, at=book.at)
            assert ledger.adjust(
                tx, guild_id=GUILD, member_id=ANN, amount=500, cause="sorry", moderator_id=MOD, at=book.at
            )
    assert sums(book) == (0, 1_000)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET spent = 0",
        "DELETE FROM entries",
        "DELETE FROM entries WHERE kind = 'charge'",
        (
            "INSERT OR REPLACE INTO entries SELECT id, 'refund', job_id, guild_id, member_id, model, at,"
            " 0, -1, 0, 'x', NULL, 1 FROM entries WHERE kind = 'charge'"
        ),
    ],
)
def test_an_entry_cannot_be_changed_or_deleted(book: Book, statement: str) -> None:
    book.done()
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        book.tx.execute(statement)
    assert sums(book) == (0, 4_000)


def test_replacing_an_entry_of_the_same_job_and_kind_changes_nothing(book: Book) -> None:
    book.done()
    book.tx.execute(
        "INSERT OR REPLACE INTO entries (kind, job_id, guild_id, member_id, model, at, held, spent, images)"
        " SELECT kind, job_id, guild_id, member_id, model, at, held, 1, images FROM entries"
        " WHERE kind = 'charge'"
    )
    assert sums(book) == (0, 4_000)


def test_a_charge_without_its_reserve_is_refused(book: Book) -> None:
    stranger = book.job()
    with pytest.raises(sqlite3.IntegrityError, match="without its reserve"), book.transaction() as tx:
        ledger.charge(tx, stranger, amount=4_000, images=1, at=book.at)


def test_a_hold_cannot_end_twice(book: Book) -> None:
    job = book.done()
    with pytest.raises(sqlite3.IntegrityError, match="ends once"), book.transaction() as tx:
        ledger.release(tx, job, cause="oops", at=book.at)


def test_a_correction_needs_a_cause_and_a_moderator(book: Book) -> None:
    with pytest.raises(sqlite3.IntegrityError), book.transaction() as tx:
        ledger.adjust(tx, guild_id=GUILD, member_id=ANN, amount=1, cause="", moderator_id=MOD, at=book.at)


def test_corrections_are_listed_with_who_made_them(book: Book) -> None:
    with book.transaction() as tx:
        ledger.adjust(
            tx, guild_id=GUILD, member_id=ANN, amount=2_500, cause="test", moderator_id=MOD, at=book.at
        )
    (made,) = entries.by_hand(book.tx, guild_id=GUILD, member_id=ANN, limit=5)
    assert (made.amount, made.cause, made.moderator_id, made.at) == (2_500, "test", MOD, book.at)


def test_what_is_held_follows_the_open_jobs(book: Book) -> None:
    first, second = book.accept(), book.accept(book.job(images=2))
    assert holds.held(book.tx, guild_id=GUILD, member_id=ANN).held == 12_000
    book.fail(first, expect=Status.QUEUED)
    assert holds.held(book.tx, guild_id=GUILD).held == second.reserved
