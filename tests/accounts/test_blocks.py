"""Who may not ask, what the safety check's refusals lead to, and what the key may spend in a day."""

import pytest

from accounts import announcements, blocks, manage, notices
from accounts.allowances import Ceilings
from accounts.overview import overview
from domain.announcements import Announcement, Topic
from domain.blocks import EVERYBODY, EVERYWHERE, Block, Cause, pause_of
from domain.errors import Reason, Refusal
from domain.job import Job, Status
from domain.limits import DAY, HOUR, MINUTE
from domain.reports import Correction
from storage import job_rows
from tests.accounts.book import ANN, BEN, GUILD, MOD, OTHER_GUILD, Book

CHANNEL = 77


def refusal(book: Book, job: Job | None = None) -> Refusal:
    with pytest.raises(Refusal) as caught:
        book.accept(job)
    return caught.value


def block(
    book: Book, member: int, guild: int = EVERYWHERE, *, by: Cause = Cause.OPERATOR, lasts: int = DAY
) -> None:
    wanted = Block(
        guild_id=guild,
        member_id=member,
        cause=by,
        reason="too loud",
        set_by=MOD,
        since=book.at,
        until=book.at + lasts if lasts else None,
    )
    book.run(lambda tx: blocks.block(tx, wanted))


def lift(book: Book, member: int, guild: int = EVERYWHERE, *, by: Cause = Cause.OPERATOR) -> int:
    """Lift somebody's blocks, and return how many there were."""
    return len(book.run(lambda tx: blocks.lift(tx, guild_id=guild, member_id=member, by=by, at=book.at)))


def moderated(book: Book, *, member: int = ANN, guild: int = GUILD) -> None:
    job = book.accept(book.job(member=member, guild=guild))
    book.send(job)
    book.fail(job, expect=Status.SUBMITTING, reason=Reason.MODERATED)


def told(book: Book) -> list[Announcement]:
    return book.run(announcements.waiting)


@pytest.mark.parametrize(
    ("member", "guild", "reason"),
    [
        (EVERYBODY, EVERYWHERE, Reason.PAUSED),
        (EVERYBODY, GUILD, Reason.SERVER_BLOCKED),
        (ANN, EVERYWHERE, Reason.MEMBER_BLOCKED),
        (ANN, GUILD, Reason.BLOCKED_HERE),
    ],
)
def test_whoever_is_blocked_is_told_why_and_until_when_and_may_ask_again_then(
    book: Book, member: int, guild: int, reason: Reason
) -> None:
    block(book, member, guild, by=Cause.MANAGER if reason is Reason.BLOCKED_HERE else Cause.OPERATOR)
    refused = refusal(book)
    assert (refused.reason, refused.values) == (reason, {"until": book.at + DAY, "why": "too loud"})
    if reason is not Reason.PAUSED:
        book.accept(book.job(member=BEN, guild=OTHER_GUILD))
    book.at += DAY
    book.accept()


def test_a_block_without_an_end_lasts_until_it_is_lifted(book: Book) -> None:
    block(book, ANN, lasts=0)
    book.at += 400 * DAY
    assert refusal(book).values["until"] == 0
    assert lift(book, ANN) == 1
    assert lift(book, ANN) == 0
    book.accept()


def test_a_managers_block_counts_in_their_server_and_only_they_lift_it(book: Book) -> None:
    block(book, ANN, GUILD, by=Cause.MANAGER)
    book.accept(book.job(guild=OTHER_GUILD))
    assert lift(book, ANN) == 0
    assert refusal(book).reason is Reason.BLOCKED_HERE
    block(book, ANN)
    assert lift(book, ANN, GUILD, by=Cause.MANAGER) == 1
    assert refusal(book).reason is Reason.MEMBER_BLOCKED


def test_a_third_refusal_by_the_safety_check_pauses_a_member_everywhere(book: Book) -> None:
    book.run(lambda tx: notices.choose_channel(tx, guild_id=GUILD, channel_id=CHANNEL))
    moderated(book)
    moderated(book, guild=OTHER_GUILD)
    book.at += 10 * MINUTE
    moderated(book)
    moderated(book)
    assert told(book) == []
    book.accept()
    moderated(book)
    refused = refusal(book, book.job(guild=OTHER_GUILD))
    assert (refused.reason, refused.values["until"]) == (Reason.SAFETY_PAUSE, book.at + 10 * MINUTE)
    (line,) = told(book)
    assert (line.topic, line.channel_id) == (Topic.PAUSED, CHANNEL)
    assert line.values == {"member": ANN, "count": 3, "until": book.at + 10 * MINUTE}
    book.accept(book.job(member=BEN))


def test_each_pause_in_a_row_is_twice_as_long_up_to_a_day_and_one_of_long_ago_is_forgiven(book: Book) -> None:
    assert [pause_of(strikes) // MINUTE for strikes in (1, 2, 3, 8, 9, 99)] == [
        10,
        20,
        40,
        1_280,
        1_440,
        1_440,
    ]
    for strikes in range(1, 4):
        for _ in range(3):
            moderated(book)
        assert refusal(book).values["until"] == book.at + pause_of(strikes)
        book.at += pause_of(strikes)
    book.at += 31 * DAY
    for _ in range(3):
        moderated(book)
    assert refusal(book).values["until"] == book.at + pause_of(1)


def test_the_card_of_the_second_refusal_warns_and_that_of_the_third_says_how_long(book: Book) -> None:
    after = []
    for _ in range(3):
        job = book.accept()
        book.send(job)
        book.fail(job, expect=Status.SUBMITTING, reason=Reason.MODERATED)
        failed = book.run(lambda tx: job_rows.get(tx, job.id))  # noqa: B023
        assert failed is not None
        after.append(book.run(lambda tx: blocks.after_refusal(tx, failed)))  # noqa: B023
        book.at += 1
    assert [each.next_pauses for each in after] == [False, True, False]
    assert [each.paused_until for each in after] == [None, None, book.at - 1 + 10 * MINUTE]


def test_the_operator_lifts_a_pause(book: Book) -> None:
    for _ in range(3):
        moderated(book)
    assert lift(book, ANN) == 1
    book.accept()


def test_the_operator_is_told_once_a_day_how_many_were_refused(book: Book) -> None:
    moderated(book)
    moderated(book, member=BEN)
    book.run(lambda tx: blocks.sum_up(tx, at=book.at))
    assert told(book) == []
    for _ in range(2):
        book.run(lambda tx: blocks.sum_up(tx, at=book.at + DAY))
    (line,) = told(book)
    assert line.for_operator
    assert line.values == {"jobs": 2, "members": 2, "day": book.at // DAY * DAY}
    book.run(lambda tx: announcements.said(tx, line))
    book.run(lambda tx: blocks.sum_up(tx, at=book.at + 2 * DAY))
    assert told(book) == []


# The key


def test_at_the_days_limit_new_work_is_refused_until_there_is_room(book: Book) -> None:
    book.ceilings = Ceilings(key=10_000)
    first = book.at
    book.done()
    book.at += HOUR
    book.done()
    book.at += HOUR
    refused = refusal(book, book.job(member=BEN, guild=OTHER_GUILD))
    assert (refused.reason, refused.values) == (Reason.KEY_SPENT, {"goes_on": first + DAY})
    book.at = first + DAY
    book.accept(book.job(member=BEN))


def test_what_is_held_counts_and_may_take_a_day(book: Book) -> None:
    book.ceilings = Ceilings(key=4_000)
    job = book.accept()
    assert refusal(book).values == {"goes_on": book.at + DAY}
    book.send(job)
    book.fail(job, expect=Status.SUBMITTING)
    book.accept()


def test_more_than_a_day_allows_is_never_promised(book: Book) -> None:
    book.ceilings = Ceilings(key=7_000)
    refused = refusal(book, book.job(images=2))
    assert (refused.reason, refused.values) == (Reason.BEYOND_KEY, {"credits": 8_000, "key_limit": 7_000})


def test_the_operator_is_told_at_eighty_percent_once_a_day(book: Book) -> None:
    book.ceilings = Ceilings(key=20_000)
    for _ in range(3):
        book.done()
    assert told(book) == []
    book.done()
    book.done()
    (line,) = told(book)
    assert line.for_operator
    assert (line.topic, line.values) == (Topic.KEY, {"used": 16_000, "limit": 20_000})


# Corrections


def correct(book: Book, amount: int, *, event: str = "i1") -> int | None:
    correction = Correction(at=book.at, member_id=ANN, amount=amount, cause="sorry", moderator_id=MOD)
    return book.run(lambda tx: manage.correct(tx, correction, guild_id=GUILD, event=event))


def test_nobody_is_given_more_than_they_were_charged_and_not_given_back(book: Book) -> None:
    assert correct(book, 1) == 0
    book.done()
    assert correct(book, 4_001) == 4_000
    assert correct(book, 3_000, event="i2") is None
    assert correct(book, 1_001, event="i3") == 1_000
    assert correct(book, -5_000, event="i4") is None
    assert correct(book, 6_000, event="i5") is None


def test_a_repeated_event_corrects_once_whenever_it_comes(book: Book) -> None:
    assert correct(book, -2_000) is None
    book.at += 40 * DAY
    assert correct(book, -2_000) is None
    assert book.run(lambda tx: tx.execute("SELECT count(*) FROM entries").fetchone()) == (1,)
    correct(book, -2_000, event="i2")
    assert book.run(lambda tx: tx.execute("SELECT count(*) FROM entries").fetchone()) == (2,)


def test_corrections_are_told_where_notices_are(book: Book) -> None:
    correct(book, -2_000)
    assert told(book) == []
    book.run(lambda tx: notices.choose_channel(tx, guild_id=GUILD, channel_id=CHANNEL))
    correct(book, -2_000, event="i2")
    (line,) = told(book)
    assert line.values == {"moderator": MOD, "member": ANN, "amount": -2_000, "reason": "sorry"}


def test_the_operator_sees_what_is_open(book: Book) -> None:
    book.ceilings = Ceilings(key=20_000)
    book.accept()
    book.send(book.accept(book.job(member=BEN, guild=OTHER_GUILD)))
    block(book, EVERYBODY, 999)
    found = book.run(lambda tx: overview(tx, at=book.at, ceilings=book.ceilings))
    assert (found.statuses, found.servers) == ({"queued": 1, "submitting": 1}, {GUILD: 1, OTHER_GUILD: 1})
    assert (found.members, found.held, found.used, found.limit) == (2, 8_000, 8_000, 20_000)
    assert [each.guild_id for each in found.blocks] == [999]
