"""Who may spend how much, asked in the transaction that reserves it."""

from datetime import UTC, datetime

import pytest

from accounts import ledger
from accounts.allowances import Ceilings, standings
from domain.allowances import Allowance, Giver, TargetKind
from domain.errors import Reason, Refusal
from domain.job import Job
from domain.limits import DAY
from domain.periods import Period
from storage import allowances
from tests.accounts.book import ANN, BEN, GUILD, MOD, OTHER_GUILD, Book

ARTIST, PATRON = 31, 32
MIDNIGHT = int(datetime(2026, 9, 20, tzinfo=UTC).timestamp() * 1000)
MONDAY = int(datetime(2026, 9, 21, tzinfo=UTC).timestamp() * 1000)
OCTOBER = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp() * 1000)


def allow(book: Book, amount: int, period: Period, kind: TargetKind, target: int = 0) -> None:
    allowance = Allowance(kind=kind, target_id=target, period=period, credits=amount * 1_000)
    book.run(lambda tx: allowances.put(tx, allowance, guild_id=GUILD, set_by=MOD, at=book.at))


def refusal(
    book: Book, job: Job | None = None, *, member: int = ANN, roles: tuple[int, ...] = (), cost: int = 4_000
) -> Refusal:
    with pytest.raises(Refusal) as caught:
        book.accept(job or book.job(member=member, cost=cost), roles=roles)
    return caught.value


def test_without_any_allowance_everything_goes(book: Book) -> None:
    assert book.accept(book.job(cost=10**9)).reserved == 10**9


@pytest.mark.parametrize(
    ("period", "renews_at"),
    [(Period.DAY, MIDNIGHT), (Period.WEEK, MONDAY), (Period.MONTH, OCTOBER)],
)
def test_a_spent_allowance_says_what_is_left_and_when_it_renews(
    book: Book, period: Period, renews_at: int
) -> None:
    allow(book, 10, period, TargetKind.MEMBER, ANN)
    book.done()
    book.accept()
    refused = refusal(book)
    assert refused.reason is Reason.ALLOWANCE_SPENT
    assert refused.values == {
        "credits": 4_000,
        "left": 2_000,
        "renews_at": renews_at,
        "period": period,
        "whose": Giver.MEMBER,
    }


@pytest.mark.parametrize(
    ("period", "renews_at"),
    [(Period.DAY, MIDNIGHT), (Period.WEEK, MONDAY), (Period.MONTH, OCTOBER)],
)
def test_it_renews_at_that_moment_and_not_before(book: Book, period: Period, renews_at: int) -> None:
    allow(book, 4, period, TargetKind.MEMBER, ANN)
    book.done()
    book.at = renews_at - 1
    refusal(book)
    book.at = renews_at
    book.accept()


def test_a_refusal_leaves_no_trace(book: Book) -> None:
    allow(book, 3, Period.DAY, TargetKind.SERVER)
    refusal(book)
    for table in ("jobs", "entries", "usage"):
        assert book.tx.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_what_is_used_to_the_last_thousandth_is_allowed(book: Book) -> None:
    allow(book, 8, Period.DAY, TargetKind.MEMBER, ANN)
    book.done()
    book.done()
    assert refusal(book, cost=1).values["left"] == 0


def test_day_and_month_both_apply_and_the_later_renewal_is_named(book: Book) -> None:
    allow(book, 4, Period.DAY, TargetKind.MEMBER, ANN)
    allow(book, 8, Period.MONTH, TargetKind.MEMBER, ANN)
    book.done()
    assert refusal(book).values["period"] is Period.DAY
    book.at += DAY
    book.done()
    assert refusal(book).values["period"] is Period.MONTH


def test_a_members_own_replaces_what_their_roles_give(book: Book) -> None:
    allow(book, 100, Period.DAY, TargetKind.ROLE, ARTIST)
    allow(book, 4, Period.DAY, TargetKind.MEMBER, ANN)
    book.done()
    assert refusal(book, roles=(ARTIST,)).values["whose"] is Giver.MEMBER


def test_a_members_own_may_be_more_than_their_roles_give(book: Book) -> None:
    allow(book, 4, Period.DAY, TargetKind.ROLE, ARTIST)
    allow(book, 8, Period.DAY, TargetKind.MEMBER, ANN)
    book.done()
    book.accept(roles=(ARTIST,))
    refusal(book, roles=(ARTIST,))


def test_what_roles_give_for_another_period_still_applies(book: Book) -> None:
    allow(book, 4, Period.DAY, TargetKind.ROLE, ARTIST)
    allow(book, 100, Period.MONTH, TargetKind.MEMBER, ANN)
    book.done()
    assert refusal(book, roles=(ARTIST,)).values["whose"] is Giver.ROLE


def test_of_several_roles_the_most_generous_counts(book: Book) -> None:
    allow(book, 4, Period.DAY, TargetKind.ROLE, ARTIST)
    allow(book, 8, Period.DAY, TargetKind.ROLE, PATRON)
    book.done()
    book.accept(roles=(ARTIST, PATRON))
    refusal(book, roles=(PATRON, ARTIST))


def test_a_role_gives_each_holder_their_own(book: Book) -> None:
    allow(book, 4, Period.DAY, TargetKind.ROLE, ARTIST)
    book.done()
    book.accept(book.job(member=BEN), roles=(ARTIST,))
    refusal(book, roles=(ARTIST,))


def test_the_role_of_everyone_counts_though_discord_leaves_it_out(book: Book) -> None:
    allow(book, 3, Period.DAY, TargetKind.ROLE, GUILD)
    assert refusal(book, roles=()).values["whose"] == Giver.EVERYONE


def test_a_role_that_the_member_lacks_does_not_count(book: Book) -> None:
    allow(book, 0, Period.DAY, TargetKind.ROLE, PATRON)
    book.accept(roles=(ARTIST,))


def test_the_server_is_one_pot_for_all(book: Book) -> None:
    allow(book, 8, Period.WEEK, TargetKind.SERVER)
    book.done()
    book.accept(book.job(member=BEN))
    refused = refusal(book)
    assert (refused.values["whose"], refused.values["left"]) == (Giver.SERVER, 0)


def test_the_server_applies_beside_a_members_own(book: Book) -> None:
    allow(book, 4, Period.DAY, TargetKind.SERVER)
    allow(book, 100, Period.DAY, TargetKind.MEMBER, ANN)
    book.done()
    assert refusal(book).values["whose"] is Giver.SERVER


@pytest.mark.parametrize(
    ("kind", "target", "giver"),
    [
        (TargetKind.MEMBER, ANN, Giver.MEMBER),
        (TargetKind.ROLE, ARTIST, Giver.ROLE),
        (TargetKind.SERVER, 0, Giver.SERVER),
    ],
)
def test_zero_blocks_even_what_costs_nothing(book: Book, kind: TargetKind, target: int, giver: Giver) -> None:
    allow(book, 0, Period.MONTH, kind, target)
    refused = refusal(book, roles=(ARTIST,), cost=0)
    assert (refused.reason, refused.values) == (Reason.BLOCKED, {"blocked": giver})


def test_another_server_has_its_own_allowances_and_figures(book: Book) -> None:
    allow(book, 4, Period.DAY, TargetKind.MEMBER, ANN)
    book.done(book.job(guild=OTHER_GUILD))
    book.accept()
    book.accept(book.job(guild=OTHER_GUILD))


def test_nobody_goes_beyond_the_operators_limit_for_members(book: Book) -> None:
    book.ceilings = Ceilings(member=4_000)
    allow(book, 100, Period.MONTH, TargetKind.MEMBER, ANN)
    book.done()
    assert refusal(book).values["whose"] is Giver.OPERATOR_MEMBER
    book.accept(book.job(member=BEN))


def test_the_operators_limit_for_a_member_is_about_all_servers_together(book: Book) -> None:
    book.ceilings = Ceilings(member=12_000)
    book.done()
    book.accept(book.job(guild=OTHER_GUILD))
    book.accept(book.job(guild=OTHER_GUILD + 1))
    assert refusal(book, book.job(guild=OTHER_GUILD + 2)).values["left"] == 0
    book.accept(book.job(member=BEN))


def test_nobody_goes_beyond_the_operators_limit_for_servers(book: Book) -> None:
    book.ceilings = Ceilings(server=4_000)
    book.done(book.job(member=BEN))
    assert refusal(book).values["whose"] is Giver.OPERATOR_SERVER
    book.accept(book.job(guild=OTHER_GUILD))


def test_a_correction_makes_room_in_the_servers_allowances_but_not_in_the_operators(book: Book) -> None:
    allow(book, 4, Period.MONTH, TargetKind.MEMBER, ANN)
    book.done()
    book.run(
        lambda tx: ledger.adjust(
            tx, guild_id=GUILD, member_id=ANN, amount=4_000, cause="sorry", moderator_id=MOD, at=book.at
        )
    )
    book.ceilings = Ceilings(member=4_000)
    assert refusal(book).values["whose"] is Giver.OPERATOR_MEMBER
    book.ceilings = Ceilings()
    book.accept()


def test_what_was_held_yesterday_counts_today(book: Book) -> None:
    allow(book, 4, Period.DAY, TargetKind.MEMBER, ANN)
    book.accept()
    book.at += DAY
    assert refusal(book).values["left"] == 0


def test_standings_tell_what_each_limit_has_left(book: Book) -> None:
    allow(book, 10, Period.DAY, TargetKind.MEMBER, ANN)
    allow(book, 50, Period.MONTH, TargetKind.SERVER)
    book.done()
    book.accept(book.job(cost=5_000))
    book.accept(book.job(member=BEN, cost=1_000))
    stands = standings(
        book.tx, guild_id=GUILD, member_id=ANN, role_ids=(), at=book.at, ceilings=Ceilings(server=8_000)
    )
    assert [(stand.limit.giver, stand.used, stand.left) for stand in stands] == [
        (Giver.MEMBER, 9_000, 1_000),
        (Giver.SERVER, 10_000, 40_000),
        (Giver.OPERATOR_SERVER, 10_000, 0),
    ]


def test_clearing_one_period_keeps_the_others(book: Book) -> None:
    allow(book, 4, Period.DAY, TargetKind.MEMBER, ANN)
    allow(book, 9, Period.MONTH, TargetKind.MEMBER, ANN)
    gone = book.run(
        lambda tx: allowances.clear(
            tx, guild_id=GUILD, kind=TargetKind.MEMBER, target_id=ANN, period=Period.DAY
        )
    )
    assert [allowance.period for allowance in gone] == [Period.DAY]
    left, count = allowances.page(book.tx, guild_id=GUILD, limit=10, offset=0)
    assert ([allowance.credits for allowance in left], count) == ([9_000], 1)


def test_allowances_are_listed_server_first_then_roles_then_members(book: Book) -> None:
    allow(book, 1, Period.DAY, TargetKind.MEMBER, ANN)
    allow(book, 2, Period.MONTH, TargetKind.ROLE, ARTIST)
    allow(book, 3, Period.DAY, TargetKind.ROLE, ARTIST)
    allow(book, 4, Period.WEEK, TargetKind.SERVER)
    listed, count = allowances.page(book.tx, guild_id=GUILD, limit=3, offset=0)
    assert ([allowance.credits for allowance in listed], count) == ([4_000, 3_000, 2_000], 4)
    rest, _ = allowances.page(book.tx, guild_id=GUILD, limit=3, offset=3)
    assert [allowance.credits for allowance in rest] == [1_000]
