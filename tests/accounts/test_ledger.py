"""What the ledger's rows and triggers allow, on a real file."""

import pytest

from accounts import ledger
from accounts.allowances import Ceilings
from accounts.verify import verify
from domain.allowances import Allowance, TargetKind
from domain.errors import Reason, Refusal
from domain.job import Status
from domain.limits import DAY, HOUR
from domain.periods import Period
from jobs import transitions
from storage import allowances as allowance_rows
from storage import balances, entries, holds
from tests.accounts.book import ANN, BEN, GUILD, MOD, NOON, Book
from tests.engines import REFUSED


def sums(book: Book, member: int = ANN) -> tuple[int, int]:
    row = book.tx.execute(
        "SELECT COALESCE(SUM(held), 0), COALESCE(SUM(spent), 0) FROM ledger WHERE member_id = ?", (member,)
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


def test_a_cost_above_the_reserve_is_held_from_the_moment_in_which_it_is_known(book: Book) -> None:
    job = book.accept()
    book.send(job)
    book.answer(job, cost=40_000)
    assert sums(book) == (40_000, 0)
    assert holds.held(book.tx, guild_id=GUILD, member_id=ANN).held == 40_000
    assert verify(book.tx) == []
    book.finish(job)
    assert sums(book) == (0, 40_000)


def test_a_cost_below_the_reserve_moves_nothing_until_the_charge(book: Book) -> None:
    job = book.accept()
    book.send(job)
    book.answer(job, cost=1_000)
    assert sums(book) == (4_000, 0)
    book.finish(job)
    assert sums(book) == (0, 1_000)


def test_the_release_of_a_raised_job_ends_the_whole_hold(book: Book) -> None:
    job = book.accept()
    book.send(job)
    book.answer(job, cost=40_000)
    book.fail(job, expect=Status.RUNNING)
    assert sums(book) == (0, 0)
    assert verify(book.tx) == []


def test_an_unknown_job_is_raised_when_it_is_named(book: Book) -> None:
    job = book.accept()
    book.send(job)
    book.lose(job)
    book.run(lambda tx: transitions.named(tx, job.id, provider_job_id="late", cost=9_000, at=book.at))
    assert sums(book) == (9_000, 0)


def test_six_submissions_dearer_than_said_stop_at_the_ceiling(book: Book) -> None:
    """Each was reserved with 4 and taken for 40: the second no longer fits into 40."""
    book.ceilings = Ceilings(member=40_000)
    first = book.accept()
    book.send(first)
    book.answer(first, cost=40_000)
    with pytest.raises(Refusal, match="allowance_spent"):
        book.accept()


@pytest.mark.parametrize(
    ("told", "images", "spent"),
    [
        (None, 4, 16_000),
        (None, 3, 12_000),
        (16_000, 4, 16_000),
        (16_000, 1, 4_000),
        (12_000, 4, 12_000),
        (12_000, 3, 12_000),
        (0, 4, 0),
        (400_000_000, 4, 16_000),
        (400_000_000, 1, 4_000),
    ],
)
def test_what_is_told_at_the_end_is_never_above_what_was_told_before(
    book: Book, told: int | None, images: int, spent: int
) -> None:
    """Lower is taken as it is; the same for fewer images in proportion; more is the operator's to look at."""
    job = book.accept(book.job(images=4))
    book.send(job)
    book.answer(job)
    book.finish(job, images=images, cost=told)
    assert sums(book) == (0, spent)
    assert verify(book.tx) == []


def test_a_bill_above_the_submission_is_summed_up_for_the_operator(book: Book) -> None:
    job = book.accept()
    book.send(job)
    book.answer(job)
    book.finish(job, cost=7_000)
    assert balances.billed_beyond(book.tx, since=book.at, until=book.at + 1) == 3_000


def test_what_a_key_used_in_a_day_counts_jobs_that_were_never_answered(book: Book) -> None:
    book.done()
    lost = book.accept()
    book.send(lost)
    book.lose(lost)
    assert holds.used_in_a_day(book.tx, key_id=1, at=book.at) == 8_000
    book.fail(lost, expect=Status.UNKNOWN, reason=Reason.NEVER_ANSWERED)
    book.fail(book.accept(), expect=Status.QUEUED)
    assert holds.used_in_a_day(book.tx, key_id=1, at=book.at) == 8_000
    assert holds.used_in_a_day(book.tx, key_id=1, at=book.at + DAY - 1) == 8_000
    assert holds.used_in_a_day(book.tx, key_id=1, at=book.at + DAY) == 0
    assert holds.used_in_a_day(book.tx, key_id=2, at=book.at) == 0


def test_a_clock_that_is_set_back_over_midnight_opens_no_second_day(book: Book) -> None:
    book.run(
        lambda tx: allowance_rows.put(
            tx,
            Allowance(kind=TargetKind.MEMBER, target_id=ANN, period=Period.DAY, credits=4_000),
            guild_id=GUILD,
            set_by=MOD,
            at=NOON,
        )
    )
    midnight = (NOON // DAY + 1) * DAY
    book.at = midnight + HOUR
    book.done()
    book.at = midnight - HOUR
    with pytest.raises(Refusal, match="allowance_spent"):
        book.accept()
    # Whoever has room is booked in the day that has begun already, too.
    book.done(book.job(member=BEN))
    days = {row[0] for row in book.tx.execute("SELECT at / 86400000 FROM entries")}
    assert days == {midnight // DAY}
    assert verify(book.tx) == []


def test_a_clock_that_was_far_ahead_does_not_hold_the_books_there(book: Book) -> None:
    book.at += 400 * DAY
    book.done()
    book.at = NOON
    book.done()
    assert max(row[0] for row in book.tx.execute("SELECT at FROM entries WHERE id > 2")) == NOON


def test_reserve_charge_and_release_are_booked_once(book: Book) -> None:
    job = book.accept()
    with book.transaction() as tx:
        assert not ledger.reserve(tx, job, at=book.at)
        assert ledger.charge(tx, job, amount=4_000, images=1, at=book.at)
        assert not ledger.charge(tx, job, amount=1_000, images=1, at=book.at)
    assert sums(book) == (0, 4_000)


def test_refunds_and_corrections_may_repeat(book: Book) -> None:
    job = book.done()
    with book.transaction() as tx:
        for _ in range(2):
            assert ledger.refund(tx, job, amount=1_000, cause="gone", at=book.at)
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
        pytest.param(
            "INSERT OR REPLACE INTO entries SELECT id, 'refund', 1, job_id, guild_id, member, model, at,"
            " 0, -1, 0, 'x', NULL, NULL, 1 FROM entries WHERE kind = 'charge'",
            marks=pytest.mark.sqlite_only,
        ),
    ],
)
def test_an_entry_cannot_be_changed_or_deleted(book: Book, statement: str) -> None:
    book.done()
    with pytest.raises(REFUSED, match="append-only"):
        book.tx.execute(statement)
    assert sums(book) == (0, 4_000)


@pytest.mark.sqlite_only
def test_replacing_an_entry_of_the_same_job_and_kind_changes_nothing(book: Book) -> None:
    book.done()
    book.tx.execute(
        "INSERT OR REPLACE INTO entries (kind, job_id, guild_id, member, model, at, held, spent, images)"
        " SELECT kind, job_id, guild_id, member, model, at, held, 1, images FROM entries"
        " WHERE kind = 'charge'"
    )
    assert sums(book) == (0, 4_000)


def test_a_charge_without_its_reserve_is_refused(book: Book) -> None:
    stranger = book.job()
    with pytest.raises(REFUSED, match="without its reserve"), book.transaction() as tx:
        ledger.charge(tx, stranger, amount=4_000, images=1, at=book.at)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ("'charge', 1, 'i1', 10, 1, 'gpt-image-1-5-edit', 0, -3999, 0, 1", "ends whole"),
        ("'charge', 1, 'i1', 10, 1, 'gpt-image-1-5-edit', 0, -4000, 4001, 1", "above what was held"),
        ("'release', 1, 'i1', 10, 1, 'gpt-image-1-5-edit', 0, 0, 0, 0", "ends whole"),
        ("'release', 2, 'i1', 10, 1, 'gpt-image-1-5-edit', 0, -4000, 0, 0", "without its reserve"),
        ("'release', 1, 'i1', 10, 1, 'another', 0, -4000, 0, 0", "without its reserve"),
        ("'release', 1, 'i1', 10, 2, 'gpt-image-1-5-edit', 0, -4000, 0, 0", "without its reserve"),
        ("'raise', 1, 'i2', 10, 1, 'gpt-image-1-5-edit', 0, 1, 0, 0", "without its reserve"),
        ("'raise', 1, 'i1', 10, 1, 'gpt-image-1-5-edit', 0, 0, 0, 0", "CHECK|check"),
    ],
)
def test_each_trigger_guards_what_it_says(book: Book, values: str, problem: str) -> None:
    book.accept()
    with pytest.raises(REFUSED, match=problem):
        book.tx.execute(
            "INSERT INTO entries (kind, key_id, job_id, guild_id, member, model, at, held, spent, images)"
            f" VALUES ({values})"
        )


def test_an_ended_hold_is_not_raised(book: Book) -> None:
    job = book.done()
    with pytest.raises(REFUSED, match="ends once"), book.transaction() as tx:
        ledger.raise_hold(tx, job, by=1_000, at=book.at)


def test_a_job_is_raised_as_often_as_it_turns_out_to_cost_more(book: Book) -> None:
    job = book.accept()
    with book.transaction() as tx:
        assert ledger.raise_hold(tx, job, by=1_000, at=book.at)
        assert ledger.raise_hold(tx, job, by=2_000, at=book.at)
    assert sums(book) == (7_000, 0)


def test_no_surrogate_is_used_twice(book: Book) -> None:
    book.accept()
    with pytest.raises(REFUSED, match="never used again"):
        book.tx.execute("DELETE FROM members")


def test_a_reason_can_be_taken_away_and_the_correction_stays(book: Book) -> None:
    with book.transaction() as tx:
        ledger.adjust(
            tx, guild_id=GUILD, member_id=ANN, amount=1, cause="secret", moderator_id=MOD, at=book.at
        )
        tx.execute("UPDATE reasons SET text = NULL")
    (made,) = entries.by_hand(book.tx, guild_id=GUILD, member_id=ANN, limit=5)
    assert (made.amount, made.cause) == (1, "")
    assert verify(book.tx) == []


def test_a_hold_cannot_end_twice(book: Book) -> None:
    job = book.done()
    with pytest.raises(REFUSED, match="ends once"), book.transaction() as tx:
        ledger.release(tx, job, cause="oops", at=book.at)


def test_a_correction_needs_a_cause_and_a_moderator(book: Book) -> None:
    with pytest.raises(REFUSED), book.transaction() as tx:
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
