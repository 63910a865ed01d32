"""No question of the hot path or of a report looks at every row: SQLite's own plans say so.

A partial index is used only where its condition is repeated word for word, which nothing else would notice.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from accounts import allowances, balance, ledger, notices, reports
from accounts.allowances import Ceilings
from domain.allowances import Allowance, TargetKind
from domain.errors import Reason
from domain.job import Status
from domain.job_filter import ALL_JOBS
from domain.periods import Period, Span
from domain.reports import Question, ReportPeriod
from storage import allowances as allowance_rows
from storage import balances, entries, holds, job_lists, job_rows
from storage import notices as notice_rows
from storage.tx import Tx
from tests.accounts.book import ANN, GUILD, MOD, NOON, Book, open_book
from tests.accounts.test_beyond import taken_and_failed

pytestmark = pytest.mark.sqlite_only

CEILINGS = Ceilings(member=10**9, server=10**9)
SMALL = {"notice_channels", "drifts", "suspects", "erased"}
"""Tables with few rows."""


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    opened = open_book(tmp_path)
    opened.done()
    with opened.transaction() as tx:
        for kind in TargetKind:
            allowance = Allowance(
                kind=kind,
                target_id=0 if kind is TargetKind.SERVER else ANN,
                period=Period.WEEK,
                credits=10**9,
            )
            allowance_rows.put(tx, allowance, guild_id=GUILD, set_by=MOD, at=NOON)
        notice_rows.set_channel(tx, guild_id=GUILD, channel_id=5)
    yield opened
    opened.close()


def plans(book: Book, fn: Callable[[Tx], object]) -> list[tuple[str, str]]:
    """Run a function and return (statement, step of its plan) for everything that it asked."""
    asked: list[str] = []
    book.tx.set_trace_callback(asked.append)
    try:
        with book.transaction() as tx:
            fn(tx)
    finally:
        book.tx.set_trace_callback(None)
    statements = [sql for sql in asked if re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE)", sql)]
    assert statements
    return [
        (sql, str(step[3])) for sql in statements for step in book.tx.execute(f"EXPLAIN QUERY PLAN {sql}")
    ]


def scans(book: Book, fn: Callable[[Tx], object]) -> list[tuple[str, str]]:
    """Return the steps that look at every row of a table or of an index which holds them all."""
    return [
        (sql, step)
        for sql, step in plans(book, fn)
        if (table := re.match(r"SCAN (\w+)", step))
        and table[1] not in SMALL
        and "jobs_open" not in step
        and "CONSTANT ROW" not in step
        and table[1] not in {"booked", "suspected"}
        and "ORDER BY id DESC LIMIT 1" not in sql
    ]


def check(tx: Tx) -> None:
    allowances.check(
        tx, guild_id=GUILD, member_id=ANN, role_ids=(1, 2, ANN), amount=1, at=NOON, ceilings=CEILINGS
    )


def due(tx: Tx) -> None:
    notices.due(tx, guild_id=GUILD, member_id=ANN, role_ids=(1,), at=NOON, ceilings=CEILINGS)


def test_the_allowance_check_reads_single_rows(book: Book) -> None:
    assert scans(book, check) == []
    assert scans(book, due) == []


def test_booking_reads_single_rows(book: Book) -> None:
    job = book.job()

    def life(tx: Tx) -> None:
        job_rows.insert(tx, job)
        ledger.reserve(tx, job, at=NOON)
        ledger.charge(tx, job, amount=1, images=1, at=NOON)
        ledger.refund(tx, job, amount=1, cause="x", at=NOON)
        ledger.adjust(tx, guild_id=GUILD, member_id=ANN, amount=1, cause="x", moderator_id=MOD, at=NOON)

    assert scans(book, life) == []


def test_recording_a_balance_reads_few_rows(book: Book) -> None:
    for remaining in (100_000, 50_000):
        job = book.accept()
        book.at += 1
        book.send(job)
        book.at += 1
        found = scans(
            book,
            lambda tx: balance.record_reply(tx, job_id=job.id, cost=1, remaining=remaining, at=book.at),  # noqa: B023
        )
        assert found == []
        book.fail(job, expect=Status.SUBMITTING, reason=Reason.BAD_INPUT)


@pytest.mark.parametrize("period", list(ReportPeriod))
@pytest.mark.parametrize("member", [None, ANN])
def test_a_report_reads_its_stretch_of_the_rollup(
    book: Book, period: ReportPeriod, member: int | None
) -> None:
    question = Question(period=period, member_id=member)
    assert scans(book, lambda tx: reports.report(tx, question, guild_id=GUILD, at=NOON)) == []


def test_what_the_operator_sees_reads_few_rows(book: Book) -> None:
    assert scans(book, lambda tx: reports.operator_report(tx, span=Span(0, 30_000), at=NOON)) == []


def test_what_a_key_used_reads_the_jobs_that_failed_and_no_release_of_others(book: Book) -> None:
    taken_and_failed(book)
    asked = plans(book, lambda tx: holds.used_in_a_day(tx, key_id=1, at=book.at))
    steps = [step for _, step in asked if not any(small in step for small in SMALL)]
    assert any("SEARCH j USING INDEX jobs_failed (ended_at>?)" in step for step in steps)
    assert any("jobs_dearer" in step for step in steps)
    # Newest first, and no further than is needed.
    scanned = [step for step in steps if "SCAN" in step and "jobs_open" not in step]
    assert scanned == ["SCAN balances USING INDEX balances_alone"]


def test_questions_about_open_jobs_use_their_index(book: Book) -> None:
    for ask in (
        lambda tx: holds.held(tx, guild_id=GUILD),
        lambda tx: holds.held(tx, guild_id=GUILD, member_id=ANN),
        lambda tx: job_rows.all_open(tx),
        lambda tx: job_rows.with_status(tx, Status.UNKNOWN),
        lambda tx: job_rows.count_waiting(tx, ANN),
        lambda tx: balances.books(tx),
    ):
        steps = [step for _, step in plans(book, ask) if " jobs" in step]
        assert steps
        assert all("jobs_open" in step for step in steps), steps


def test_costs_of_a_page_of_jobs_read_single_rows(book: Book) -> None:
    assert scans(book, lambda tx: entries.spent_on(tx, ["i1", "i2"])) == []
    assert scans(book, lambda tx: entries.by_hand(tx, guild_id=GUILD, member_id=ANN, limit=5)) == []


def test_the_allowance_check_does_not_read_other_members_allowances(book: Book) -> None:
    steps = [step for _, step in plans(book, check) if " allowances " in step]
    assert len(steps) == 3
    assert all("guild_id=? AND target_kind=?" in step for step in steps), steps


def test_waiting_notices_are_found_by_their_index(book: Book) -> None:
    steps = [step for _, step in plans(book, lambda tx: notice_rows.waiting(tx, at=NOON)) if " n " in step]
    assert steps == ["SCAN n USING INDEX notices_waiting"]


def test_a_page_of_jobs_reads_its_members_newest_here_and_what_waits(book: Book) -> None:
    def page(tx: Tx) -> object:
        return job_lists.of_member(tx, member_id=ANN, guild_id=GUILD, wanted=ALL_JOBS)

    steps = [step for _, step in plans(book, page) if "jobs" in step]
    assert {step.split(" USING ")[1] for step in steps} == {
        "INDEX sqlite_autoindex_jobs_1 (id=?)",
        "INDEX jobs_of_member (member=? AND guild_id=?)",
        "INDEX jobs_waiting (member=?)",
    }


def test_a_scan_would_be_noticed(book: Book) -> None:
    def careless(tx: sqlite3.Connection) -> None:
        tx.execute("SELECT SUM(spent) FROM entries WHERE member = 1")

    assert scans(book, careless)
