"""Once a period somebody is told that an allowance is nearly, or all, used."""

from accounts.allowances import Ceilings
from accounts.notices import due
from domain.allowances import Allowance, TargetKind
from domain.limits import DAY
from domain.notices import Notice
from domain.periods import Period
from storage import allowances, notices
from tests.accounts.book import ANN, BEN, GUILD, MOD, Book

CHANNEL = 77


def allow(book: Book, amount: int, period: Period, kind: TargetKind, target: int) -> None:
    allowance = Allowance(kind=kind, target_id=target, period=period, credits=amount * 1_000)
    book.run(lambda tx: allowances.put(tx, allowance, guild_id=GUILD, set_by=MOD, at=book.at))


def listen(book: Book) -> None:
    book.run(lambda tx: notices.set_channel(tx, guild_id=GUILD, channel_id=CHANNEL))


def spend(book: Book, amount: int, member: int = ANN) -> list[Notice]:
    """Accept a job of so many credits; return the notices that became due with it."""
    before = notices.waiting(book.tx, at=book.at)
    book.accept(book.job(member=member, cost=amount * 1_000))
    return [found.notice for found in notices.waiting(book.tx, at=book.at) if found not in before]


def shown(found: list[Notice]) -> list[tuple[int, int, int]]:
    return [(notice.member_id, notice.percent, notice.used) for notice in found]


def test_eighty_and_a_hundred_percent_are_said_once_each(book: Book) -> None:
    listen(book)
    allow(book, 10, Period.DAY, TargetKind.MEMBER, ANN)
    assert shown(spend(book, 7)) == []
    assert shown(spend(book, 1)) == [(ANN, 80, 8_000)]
    assert shown(spend(book, 1)) == []
    assert shown(spend(book, 1)) == [(ANN, 100, 10_000)]
    assert shown(spend(book, 0)) == []


def test_passing_both_at_once_says_only_the_higher(book: Book) -> None:
    listen(book)
    allow(book, 10, Period.DAY, TargetKind.MEMBER, ANN)
    assert shown(spend(book, 10)) == [(ANN, 100, 10_000)]
    assert [waiting.notice.percent for waiting in notices.waiting(book.tx, at=book.at)] == [100]


def test_the_next_period_says_it_again(book: Book) -> None:
    listen(book)
    allow(book, 10, Period.DAY, TargetKind.MEMBER, ANN)
    book.done(book.job(cost=9_000))
    assert shown([found.notice for found in notices.waiting(book.tx, at=book.at)]) == [(ANN, 80, 9_000)]
    book.at += DAY
    assert shown(spend(book, 7)) == []
    assert shown(spend(book, 2)) == [(ANN, 80, 9_000)]


def test_the_server_and_the_member_are_told_apart(book: Book) -> None:
    listen(book)
    allow(book, 10, Period.DAY, TargetKind.SERVER, 0)
    allow(book, 5, Period.MONTH, TargetKind.MEMBER, ANN)
    assert shown(spend(book, 4)) == [(ANN, 80, 4_000)]
    assert shown(spend(book, 4, member=BEN)) == [(0, 80, 8_000)]


def test_the_operators_limit_counts_where_it_is_tighter(book: Book) -> None:
    listen(book)
    book.ceilings = Ceilings(member=10_000)
    allow(book, 100, Period.MONTH, TargetKind.MEMBER, ANN)
    assert [(notice.percent, notice.credits) for notice in spend(book, 8)] == [(80, 10_000)]


def test_what_is_due_already_is_not_due_again(book: Book) -> None:
    listen(book)
    allow(book, 10, Period.DAY, TargetKind.MEMBER, ANN)
    spend(book, 8)
    with book.transaction() as tx:
        again = due(tx, guild_id=GUILD, member_id=ANN, role_ids=(), at=book.at, ceilings=book.ceilings)
    assert again == []


def test_a_server_without_a_channel_gets_none(book: Book) -> None:
    allow(book, 10, Period.DAY, TargetKind.MEMBER, ANN)
    assert spend(book, 10) == []
    listen(book)
    assert notices.waiting(book.tx, at=book.at) == []


def test_a_notice_waits_until_it_was_said_or_its_period_is_over(book: Book) -> None:
    listen(book)
    allow(book, 10, Period.DAY, TargetKind.MEMBER, ANN)
    (notice,) = spend(book, 8)
    (waiting,) = notices.waiting(book.tx, at=book.at)
    assert (waiting.channel_id, waiting.notice) == (CHANNEL, notice)
    assert notices.waiting(book.tx, at=notice.ends_at) == []
    book.run(lambda tx: notices.mark_sent(tx, notice))
    assert notices.waiting(book.tx, at=book.at) == []


def test_a_block_is_nothing_to_be_told_of(book: Book) -> None:
    listen(book)
    allow(book, 0, Period.DAY, TargetKind.MEMBER, BEN)
    allow(book, 0, Period.DAY, TargetKind.ROLE, 5)
    assert spend(book, 8) == []
