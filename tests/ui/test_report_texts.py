"""What reports, statements, allowances and notices say."""

from collections.abc import Sequence
from typing import Any

import discord
import pytest

from domain.errors import Reason
from domain.job import Status
from domain.periods import Span
from domain.reports import (
    Balance,
    Bars,
    Correction,
    Drift,
    Grain,
    Line,
    OperatorReport,
    Question,
    Report,
    ReportPeriod,
    Trace,
    bar_starts,
    report_span,
    span_before,
)
from domain.usage import Figures, Holds, Share
from ui import reports

NOON = 1_789_819_200_000
GUILD = 10
HOSTILE = "**@everyone** <@1> `x` [a](https://evil.example)\n# head"


def a_report(
    period: ReportPeriod = ReportPeriod.DAYS_30,
    *,
    figures: Figures | None = None,
    before: Figures | None = None,
    shares: Sequence[Share] = (),
    count: int = 0,
    **question: Any,
) -> Report:
    span = report_span(period, NOON, first=20_000)
    return Report(
        question=Question(period=period, **question),
        at=NOON,
        span=span,
        previous=span_before(period, NOON),
        figures=figures or Figures(jobs=3, images=4, spent=12_000),
        before=before,
        holds=Holds(),
        shares=shares,
        count=count,
        bars=Bars(
            grain=Grain.DAY, starts=bar_starts(Grain.DAY, Span(20_000, 20_002)), lines=[Line(1, [1_000, 0])]
        ),
    )


def share(key: int | str, spent: int) -> Share:
    return Share(key, Figures(jobs=2, images=3, spent=spent))


class Pressed(discord.ui.Button[Any]):
    """Stands for any button of a report."""


def built(found: Report, **more: Any) -> discord.ui.LayoutView:
    given: dict[str, Any] = {"operator": None, "corrections": (), "paging": (), **more}
    return reports.build_report(found, {}, menu=Pressed(label="menu"), **given)


# Reports


@pytest.mark.parametrize(
    ("now", "then", "text"),
    [
        (12_000, 10_000, "+20 % (10 in the 30 days before)"),
        (9_000, 12_000, "-25 % (12 in the 30 days before)"),
        (10_000, 10_000, "+0 % (10 in the 30 days before)"),
        (2_000_000, 1_000, "+199,900 % (1 in the 30 days before)"),
    ],
)
def test_the_change_is_told_in_percent_with_what_it_compares_to(now: int, then: int, text: str) -> None:
    said = reports.totals(a_report(figures=Figures(spent=now), before=Figures(spent=then)))
    assert text in said


def test_nothing_before_makes_no_percentage() -> None:
    said = reports.totals(a_report(before=Figures()))
    assert "%" not in said
    assert "**12 credits** for images · none in the 30 days before" in said


def test_one_measure_holds_for_headline_list_and_picture_whatever_was_corrected() -> None:
    # 136 credits for images, 8 of Ann's given back and 28 of Ben's: 128, 136 and 100 side by side once.
    shares = [
        Share(1, Figures(jobs=25, images=25, spent=100_000 - 8_000, adjusted=8_000)),
        Share(2, Figures(jobs=9, images=9, spent=36_000 - 28_000, refunded=28_000)),
    ]
    found = a_report(
        figures=Figures(jobs=34, images=34, spent=100_000, adjusted=8_000, refunded=28_000),
        shares=shares,
        count=2,
    )
    said = reports.totals(found)
    assert "**136 credits** for images" in said
    assert "-# Besides, 28 credits refunded, 8 credits given back: 100 credits in the end." in said
    assert reports.ranking(found, {1: "Ann", 2: "Ben"}).splitlines() == [
        "1. <@1> · **100 credits** · 25 jobs · 25 images · 8 credits given back",
        "2. <@2> · **36 credits** · 9 jobs · 9 images · 28 credits refunded",
    ]


def test_totals_name_refunds_and_corrections_only_where_there_are_any() -> None:
    assert "Besides" not in reports.totals(a_report())
    said = reports.totals(a_report(figures=Figures(spent=2_500, refunded=1_000, adjusted=-500)))
    assert "**3 credits** for images" in said
    assert "Besides, 1 credit refunded, 0.5 credits taken: 2.5 credits in the end." in said


def test_a_member_is_mentioned_and_one_who_left_is_an_id() -> None:
    found = a_report(shares=[share(1, 9_000), share(2, 1_000)], count=2)
    said = reports.ranking(found, {1: HOSTILE})
    assert said.splitlines() == [
        "1. <@1> · **9 credits** · 2 jobs · 3 images",
        "2. `2` · **1 credit** · 2 jobs · 3 images",
    ]


def test_a_page_says_which_ranks_it_shows() -> None:
    found = a_report(shares=[share(key, 1_000) for key in range(11, 21)], count=1_234, offset=10)
    said = reports.ranking(found, {})
    assert said.startswith("11. ")
    assert said.endswith("-# 11 to 20 of 1,234 members")


def test_one_members_models_are_listed_with_corrections_apart() -> None:
    found = a_report(
        shares=[share("gpt-image-2", 5_000), Share("", Figures(spent=-500, adjusted=500))],
        count=2,
        member_id=7,
    )
    said = reports.ranking(found, {})
    assert said.splitlines() == [
        "1. gpt-image-2 · **5 credits** · 2 jobs · 3 images",
        "2. Corrections · 0.5 credits given back",
    ]


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (Span(20_715, 20_716), "19 Sep 2026 (UTC)"),
        (Span(20_709, 20_716), "13 to 19 Sep 2026 (UTC)"),
        (Span(20_686, 20_716), "21 Aug to 19 Sep 2026 (UTC)"),
        (Span(20_400, 20_716), "8 Nov 2025 to 19 Sep 2026 (UTC)"),
    ],
)
def test_days_are_written_short(span: Span, text: str) -> None:
    assert reports.dates(span) == text


def test_the_picture_is_described_for_those_who_cannot_see_it() -> None:
    view = built(a_report())
    gallery = next(item for item in view.walk_children() if isinstance(item, discord.ui.MediaGallery))
    assert gallery.items[0].description == "Credits charged a day. 2024-10-04: 1"
    assert gallery.items[0].media.url == "attachment://usage.png"


def test_the_largest_report_fits_into_one_message() -> None:
    trace = Trace(
        job_id="r1234567890123456789-1234567890123456789-12",
        guild_id=GUILD,
        member_id=1,
        status=Status.UNKNOWN,
        failure=Reason.NEVER_ANSWERED,
        submitted_at=NOON,
        cost=123_456_789,
    )
    drift = Drift(since=NOON, at=NOON, amount=10**9, suspects=[trace] * 9)
    correction = Correction(at=NOON, member_id=1, amount=-(10**9), cause=HOSTILE * 10, moderator_id=2**63)
    found = a_report(
        ReportPeriod.THIS_MONTH,
        figures=Figures(jobs=10**7, images=10**7, failures=10**6, spent=10**12 + 1, refunded=1, adjusted=1),
        before=Figures(spent=10**12),
        shares=[share(2**63 + number, 10**12 + 1) for number in range(10)],
        count=5_000,
        model="m" * 50,
    )
    view = built(
        found,
        operator=OperatorReport(
            balance=Balance(at=NOON, remaining=10**12),
            used=10**12,
            beyond=10**9,
            lost=10**9,
            gained=1,
            drifts=[drift] * 5,
            parked=[trace] * 5,
        ),
        corrections=[correction] * 3,
        paging=[Pressed(label="a"), Pressed(label="b")],
    )
    assert view.content_length() <= 4_000
    assert view.total_children_count <= 40


def test_the_operators_part_is_absent_for_everybody_else() -> None:
    assert "operator" not in text_of(built(a_report()))


def test_a_drift_names_amount_moments_and_suspects() -> None:
    trace = Trace(
        job_id="i1", guild_id=1, member_id=1, status=Status.UNKNOWN, failure=None, submitted_at=1, cost=4_000
    )
    found = OperatorReport(
        balance=None,
        used=9_000,
        beyond=2_000,
        lost=4_000,
        gained=1_000,
        drifts=[
            Drift(since=NOON, at=NOON + 1_000, amount=4_000, suspects=[trace]),
            Drift(since=NOON, at=NOON, amount=-1_000),
        ],
        parked=[],
    )
    said = reports.operator_text(found)
    assert "Balance: not told yet" in said
    assert "Used in the last 24 hours, held and unanswered included: 9 credits" in said
    assert "Billed above what jobs were taken for, perhaps drift: 2 credits" in said
    assert "PixelDojo’s balance against our books: 4 credits lost, 1 credit gained" in said
    assert (
        "-# 4 credits lost, <t:1789819200:f> to <t:1789819201:f>; perhaps `i1` (unknown, 4 credits)" in said
    )
    assert said.endswith("-# 1 credit gained, <t:1789819200:f> to <t:1789819200:f>")


def test_the_reason_of_a_correction_cannot_ping_or_break_the_message() -> None:
    made = Correction(at=NOON, member_id=1, amount=500, cause=HOSTILE, moderator_id=2)
    said = text_of(built(a_report(member_id=1), corrections=[made]))
    assert "@everyone" not in said
    assert "\n# head" not in said
    assert "by <@2>: " in said


def text_of(view: discord.ui.LayoutView) -> str:
    return "\n".join(
        item.content for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay)
    )
