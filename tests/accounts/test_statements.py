"""What a member sees of their own account."""

from accounts.allowances import Ceilings
from accounts.statements import RECENT, statement
from domain.errors import Reason
from domain.job import Status
from domain.limits import DAY
from domain.reports import Statement
from tests.accounts.book import ANN, BEN, GUILD, OTHER_GUILD, Book


def read(book: Book, member: int = ANN) -> Statement:
    return statement(
        book.tx, guild_id=GUILD, member_id=member, role_ids=(), at=book.at, ceilings=Ceilings(member=50_000)
    )


def test_today_week_and_month_are_summed_apart(book: Book) -> None:
    book.at -= 10 * DAY
    book.done(book.job(cost=1_000))
    book.at += 8 * DAY
    book.done(book.job(cost=2_000))
    book.at += 2 * DAY
    book.done(book.job(cost=4_000))
    found = read(book)
    assert (found.today.spent, found.week.spent, found.month.spent) == (4_000, 6_000, 7_000)


def test_it_is_about_one_member_and_one_server(book: Book) -> None:
    book.done(book.job(member=BEN))
    book.done(book.job(guild=OTHER_GUILD))
    found = read(book)
    assert (found.month.jobs, found.holds.jobs, list(found.recent)) == (0, 0, [])


def test_what_is_left_counts_what_is_held(book: Book) -> None:
    book.done()
    book.accept()
    found = read(book)
    assert found.holds.held == 4_000
    assert [(stand.used, stand.left) for stand in found.standings] == [(8_000, 42_000)]


def test_the_last_ten_jobs_come_newest_first_with_what_they_cost(book: Book) -> None:
    for _ in range(RECENT):
        book.done()
        book.at += 1_000
    failed = book.accept()
    book.fail(failed, expect=Status.QUEUED)
    book.at += 1_000
    lost = book.accept()
    book.send(lost)
    book.answer(lost)
    book.finish(lost)
    book.fail(lost, expect=Status.DELIVERING, reason=Reason.RESULT_GONE)
    book.at += 1_000
    waiting = book.accept()
    recent = read(book).recent
    assert [job.job_id for job in recent[:3]] == [waiting.id, lost.id, failed.id]
    assert [job.spent for job in recent] == [None, 0, 0, *[4_000] * 7]
