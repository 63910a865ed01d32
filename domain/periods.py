"""Days, weeks and months in UTC. A day is the number of days since 1970-01-01."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from domain.limits import DAY

EPOCH = date(1970, 1, 1)


class Period(StrEnum):
    """The span over which an allowance renews."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Span:
    """The days from ``first`` up to, not including, ``end`` (days since 1970-01-01)."""

    first: int
    end: int

    @property
    def starts_at(self) -> int:
        """The first moment, in Unix milliseconds."""
        return self.first * DAY

    @property
    def ends_at(self) -> int:
        """The first moment after it, in Unix milliseconds."""
        return self.end * DAY


def day_of(at: int) -> int:
    """Return the UTC day of a moment in Unix milliseconds."""
    return at // DAY


def date_of(day: int) -> date:
    """Return the calendar date of a day."""
    return EPOCH + timedelta(days=day)


def day_number(value: date) -> int:
    """Return the day of a calendar date."""
    return (value - EPOCH).days


def month_of(day: int) -> int:
    """Return the day on which a day's month begins: the key of the monthly rollup."""
    return day_number(date_of(day).replace(day=1))


def next_month(first: int) -> int:
    """Return the day on which the month after the one that begins at ``first`` begins."""
    return month_of(first + 31)


def span_of(period: Period, at: int) -> Span:
    """Return the day, the week (from Monday) or the month that holds a moment in Unix milliseconds."""
    day = day_of(at)
    if period is Period.DAY:
        return Span(day, day + 1)
    if period is Period.WEEK:
        monday = day - date_of(day).weekday()
        return Span(monday, monday + 7)
    first = month_of(day)
    return Span(first, next_month(first))


def iso_utc(at: int) -> str:
    """Write a moment in Unix milliseconds as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
