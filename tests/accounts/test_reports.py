"""Who spent what, in which days: the rollup's answers beside those of the plain entries."""

from datetime import UTC, date, datetime

import pytest

from accounts import ledger
from accounts.reports import operator_report, report
from domain.job import Status
from domain.limits import DAY
from domain.periods import Span, date_of, day_number, day_of
from domain.reports import (
    Grain,
    Question,
    Report,
    ReportPeriod,
    bar_grain,
    bar_starts,
    report_span,
    span_before,
)
from tests.accounts.book import ANN, BEN, GUILD, MOD, MODEL, NOON, OTHER_GUILD, SECOND_MODEL, Book


def ask(
    book: Book, period: ReportPeriod, *, member: int | None = None, model: str | None = None, offset: int = 0
) -> Report:
    question = Question(period=period, member_id=member, model=model, offset=offset)
    return report(book.tx, question, guild_id=GUILD, at=book.at)


def dates(span: Span) -> tuple[str, str]:
    return date_of(span.first).isoformat(), date_of(span.end - 1).isoformat()


@pytest.mark.parametrize(
    ("period", "expected", "before"),
    [
        (ReportPeriod.TODAY, ("2026-09-19", "2026-09-19"), ("2026-09-18", "2026-09-18")),
        (ReportPeriod.DAYS_7, ("2026-09-13", "2026-09-19"), ("2026-09-06", "2026-09-12")),
        (ReportPeriod.DAYS_30, ("2026-08-21", "2026-09-19"), ("2026-07-22", "2026-08-20")),
        (ReportPeriod.THIS_MONTH, ("2026-09-01", "2026-09-19"), ("2026-08-01", "2026-08-19")),
        (ReportPeriod.LAST_MONTH, ("2026-08-01", "2026-08-31"), ("2026-07-01", "2026-07-31")),
    ],
)
def test_each_period_covers_its_days_and_those_before(
    period: ReportPeriod, expected: tuple[str, str], before: tuple[str, str]
) -> None:
    previous = span_before(period, NOON)
    assert previous is not None
    assert (dates(report_span(period, NOON)), dates(previous)) == (expected, before)


def test_on_the_last_of_a_long_month_the_comparison_stays_within_the_short_one_before() -> None:
    at = int(datetime(2026, 3, 31, tzinfo=UTC).timestamp() * 1000)
    previous = span_before(ReportPeriod.THIS_MONTH, at)
    assert previous is not None
    assert dates(previous) == ("2026-02-01", "2026-02-28")


def test_all_time_begins_with_the_first_day_and_compares_with_nothing() -> None:
    assert span_before(ReportPeriod.ALL, NOON) is None
    assert report_span(ReportPeriod.ALL, NOON, first=20_000) == Span(20_000, day_of(NOON) + 1)
    assert report_span(ReportPeriod.ALL, NOON) == Span(day_of(NOON), day_of(NOON) + 1)


def test_bars_are_days_then_months_then_years() -> None:
    end = day_number(date(2026, 9, 20))
    grains = [bar_grain(Span(end - days, end)) for days in (31, 32, 1000, 1100)]
    assert grains == [Grain.DAY, Grain.MONTH, Grain.MONTH, Grain.YEAR]
    starts = bar_starts(Grain.YEAR, Span(end - 1100, end))
    assert [date_of(start).isoformat() for start in starts] == [f"{year}-01-01" for year in range(2023, 2027)]


def test_totals_count_jobs_images_failures_and_credits(book: Book) -> None:
    book.done(book.job(images=2))
    failed = book.accept(book.job(member=BEN))
    book.fail(failed, expect=Status.QUEUED)
    book.accept(book.job(member=BEN, cost=1_500))
    found = ask(book, ReportPeriod.TODAY)
    assert (found.figures.jobs, found.figures.images, found.figures.failures) == (2, 2, 1)
    assert (found.figures.spent, found.holds.held, found.holds.jobs) == (8_000, 1_500, 1)


def test_refunds_and_corrections_are_told_apart(book: Book) -> None:
    job = book.done()
    with book.transaction() as tx:
        ledger.refund(tx, job, amount=1_000, cause="gone", at=book.at)
        ledger.adjust(tx, guild_id=GUILD, member_id=ANN, amount=500, cause="x", moderator_id=MOD, at=book.at)
    figures = ask(book, ReportPeriod.TODAY).figures
    assert (figures.spent, figures.refunded, figures.adjusted, figures.charged) == (2_500, 1_000, 500, 4_000)


def test_the_period_before_is_compared(book: Book) -> None:
    book.at -= DAY
    book.done(book.job(cost=6_000))
    book.at += DAY
    book.done()
    found = ask(book, ReportPeriod.TODAY)
    assert found.before is not None
    assert (found.figures.spent, found.before.spent) == (4_000, 6_000)


def test_the_biggest_spenders_come_first_and_pages_follow(book: Book) -> None:
    for member in range(201, 214):
        book.done(book.job(member=member, cost=(member - 200) * 1_000))
    first, second = ask(book, ReportPeriod.DAYS_7), ask(book, ReportPeriod.DAYS_7, offset=10)
    assert [share.key for share in first.shares] == list(range(213, 203, -1))
    assert [share.key for share in second.shares] == [203, 202, 201]
    assert (first.count, second.count) == (13, 13)
    assert first.bars == second.bars


def test_the_chart_stacks_the_five_biggest_and_the_rest(book: Book) -> None:
    for member in range(201, 208):
        book.done(book.job(member=member, cost=(member - 200) * 1_000))
    book.at += DAY
    book.done(book.job(member=201, cost=500))
    bars = ask(book, ReportPeriod.DAYS_7).bars
    assert [(line.key, line.total) for line in bars.lines] == [
        (207, 7_000),
        (206, 6_000),
        (205, 5_000),
        (204, 4_000),
        (203, 3_000),
        ("", 3_500),
    ]
    assert list(bars.lines[-1].values) == [3_000, 500]  # from the first day of use


def test_one_members_chart_stacks_their_models(book: Book) -> None:
    book.done()
    book.done(book.job(model=SECOND_MODEL, cost=5_000))
    book.done(book.job(member=BEN, model="other"))
    found = ask(book, ReportPeriod.THIS_MONTH, member=ANN)
    assert [(line.key, line.total) for line in found.bars.lines] == [(SECOND_MODEL, 5_000), (MODEL, 4_000)]
    assert [share.key for share in found.shares] == [SECOND_MODEL, MODEL]


def test_a_model_can_be_asked_about_for_all_and_for_one(book: Book) -> None:
    book.done()
    book.done(book.job(model=SECOND_MODEL, cost=5_000))
    book.done(book.job(member=BEN, cost=1_000))
    everyone = ask(book, ReportPeriod.ALL, model=MODEL)
    assert [(share.key, share.figures.spent) for share in everyone.shares] == [(ANN, 4_000), (BEN, 1_000)]
    assert everyone.figures.spent == sum(line.total for line in everyone.bars.lines) == 5_000
    ann = ask(book, ReportPeriod.ALL, member=ANN, model=SECOND_MODEL)
    assert (ann.figures.spent, [share.key for share in ann.shares]) == (5_000, [SECOND_MODEL])


def test_a_correction_on_a_quiet_day_makes_no_negative_bar(book: Book) -> None:
    book.done()
    book.at += DAY
    book.run(
        lambda tx: ledger.adjust(
            tx, guild_id=GUILD, member_id=ANN, amount=9_000, cause="x", moderator_id=MOD, at=book.at
        )
    )
    found = ask(book, ReportPeriod.DAYS_7)
    assert min(value for line in found.bars.lines for value in line.values) == 0
    assert found.figures.spent == -5_000


def test_other_servers_do_not_show(book: Book) -> None:
    book.done(book.job(guild=OTHER_GUILD))
    found = ask(book, ReportPeriod.ALL)
    assert (found.figures.jobs, found.count, list(found.bars.lines)) == (0, 0, [])


def test_all_time_sums_years_into_bars(book: Book) -> None:
    for _ in range(5):
        book.done()
        book.at += 300 * DAY
    found = ask(book, ReportPeriod.ALL)
    assert found.bars.grain is Grain.YEAR
    assert (found.figures.spent, sum(found.bars.lines[0].values)) == (20_000, 20_000)


def test_the_operator_sees_balance_and_drift_of_the_days_and_parked_jobs(book: Book) -> None:
    for remaining in (100_000, 90_000):
        job = book.accept()
        book.at += 1
        book.send(job)
        book.at += 1
        book.answer(job, remaining=remaining)
    lost = book.accept()
    book.send(lost)
    book.lose(lost)
    today = Span(day_of(book.at), day_of(book.at) + 1)
    found = operator_report(book.tx, span=today, at=book.at)
    assert found.balance is not None
    assert (found.balance.remaining, found.lost, found.gained) == (90_000, 6_000, 0)
    assert [trace.job_id for trace in found.parked] == [lost.id]
    yesterday = operator_report(book.tx, span=Span(today.first - 1, today.first), at=book.at)
    assert (yesterday.lost, list(yesterday.drifts)) == (0, [])
