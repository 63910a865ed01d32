"""Reports: the spans they are about and what they say. Credits are thousandths, moments Unix milliseconds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.allowances import Standing
from domain.errors import Reason, Refusal
from domain.job import Status
from domain.periods import Span, date_of, day_number, day_of, month_of
from domain.usage import Figures, Holds, Share

PAGE = 10
"""Members on one page of a report."""
STACKED = 5
"""Members, or models, that a chart names; the rest are one."""
MOST_DAYS = 31
MOST_MONTHS = 36
"""More days are drawn as months, more months as years."""


class ReportPeriod(StrEnum):
    """What a report is about."""

    TODAY = "today"
    DAYS_7 = "7days"
    DAYS_30 = "30days"
    THIS_MONTH = "month"
    LAST_MONTH = "lastmonth"
    ALL = "all"


def report_span(period: ReportPeriod, at: int, *, first: int | None = None) -> Span:
    """Return the days of a report made at a moment; all time begins with the server's ``first`` day."""
    today = day_of(at)
    this_month = month_of(today)
    starts = {
        ReportPeriod.TODAY: today,
        ReportPeriod.DAYS_7: today - 6,
        ReportPeriod.DAYS_30: today - 29,
        ReportPeriod.THIS_MONTH: this_month,
        ReportPeriod.LAST_MONTH: month_of(this_month - 1),
        ReportPeriod.ALL: today if first is None else min(first, today),
    }
    return Span(starts[period], this_month if period is ReportPeriod.LAST_MONTH else today + 1)


def span_before(period: ReportPeriod, at: int) -> Span | None:
    """Return the days that a report compares with: as many days before, or as much of the month before."""
    span = report_span(period, at)
    if period is ReportPeriod.ALL:
        return None
    if period is ReportPeriod.LAST_MONTH:
        return Span(month_of(span.first - 1), span.first)
    if period is ReportPeriod.THIS_MONTH:
        first = month_of(span.first - 1)
        return Span(first, min(first + span.end - span.first, span.first))
    return Span(span.first - (span.end - span.first), span.first)


class Grain(StrEnum):
    """What one bar of a chart stands for."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Line:
    """What one member or model was charged, bar by bar, in thousandths; ``key`` is empty for the rest."""

    key: int | str
    values: Sequence[int]

    @property
    def total(self) -> int:
        """The sum over all bars, in thousandths."""
        return sum(self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """A chart's figures: ``starts`` are the bars' first days; ``lines`` are biggest first, the rest last."""

    grain: Grain
    starts: Sequence[int]
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a moderator wants to know; ``offset`` counts the members before the page."""

    period: ReportPeriod
    member_id: int | None = None
    model: str | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The answer: ``shares`` is one page of ``count`` members, or all models where one member is asked about.

    ``before`` are the figures of the ``previous`` span, which like ``bars`` begins at the server's first day
    of use; it is none if that came later.
    """

    question: Question
    at: int
    span: Span
    previous: Span | None
    figures: Figures
    before: Figures | None
    holds: Holds
    shares: Sequence[Share]
    count: int
    bars: Bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A member's account corrected by a moderator: ``amount`` was given back (negative: taken)."""

    at: int
    member_id: int
    amount: int
    cause: str
    moderator_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The provider's balance as its last reply told it."""

    at: int
    remaining: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A job named in an operator's report: parked, or one that a drift may come from."""

    job_id: str
    guild_id: int
    member_id: int
    status: Status
    failure: Reason | None
    submitted_at: int | None
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What the balance lost (negative: gained) beyond our own charges, after ``since`` and by ``at``."""

    since: int
    at: int
    amount: int
    suspects: Sequence[Trace] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorReport:
    """What only the application's owner sees: ``lost`` and ``gained`` sum the drifts of the span.

    ``beyond`` is what jobs were billed above what they were taken for, ``used`` what the key used in a day.
    """

    balance: Balance | None
    used: int
    beyond: int
    lost: int
    gained: int
    drifts: Sequence[Drift]
    parked: Sequence[Trace]


def bar_grain(span: Span) -> Grain:
    """Return what the bars of a chart over a span stand for."""
    if span.end - span.first <= MOST_DAYS:
        return Grain.DAY
    return Grain.MONTH if len(bar_starts(Grain.MONTH, span)) <= MOST_MONTHS else Grain.YEAR


def bar_starts(grain: Grain, span: Span) -> list[int]:
    """Return the first days of the bars that cover a span."""
    return sorted({bar_start(grain, day) for day in range(span.first, span.end)})


def bar_start(grain: Grain, day: int) -> int:
    """Return the first day of the bar to which a day belongs."""
    if grain is Grain.DAY:
        return day
    return month_of(day) if grain is Grain.MONTH else day_number(date_of(day).replace(month=1, day=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class RecentJob:
    """One of a member's last jobs: ``spent`` is what it cost them, net of refunds, ``None`` while it is open.

    ``held`` is what it is known to cost. ``card_id`` is ``None`` where no card is left to link to;
    ``direct``: it is a direct message.
    """

    job_id: str
    prompt: str = field(repr=False)
    status: Status
    created_at: int
    held: int
    spent: int | None
    channel_id: int
    card_id: int | None
    direct: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a member sees of their own account in one server; ``block`` is why they may not ask just now."""

    at: int
    today: Figures
    week: Figures
    month: Figures
    holds: Holds
    standings: Sequence[Standing]
    recent: Sequence[RecentJob]
    block: Refusal | None = None

    @property
    def is_closed(self) -> bool:
        """Whether nobody may ask in this server any more."""
        return self.block is not None and self.block.reason is Reason.GUILD_NOT_ALLOWED

    @property
    def is_empty(self) -> bool:
        """Whether the member has nothing there."""
        return not (self.recent or self.holds.jobs or self.week.spent or self.month.spent)
