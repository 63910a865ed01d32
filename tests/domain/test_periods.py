"""Days, weeks and months in UTC."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.limits import DAY
from domain.periods import Period, date_of, day_number, day_of, iso_utc, month_of, next_month, span_of

MOMENTS = st.integers(0, 4_102_444_800_000)
"""Until the year 2100, in Unix milliseconds."""


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("period", "first", "end"),
    [
        (Period.DAY, "2028-02-29", "2028-03-01"),
        (Period.WEEK, "2028-02-28", "2028-03-06"),
        (Period.MONTH, "2028-02-01", "2028-03-01"),
    ],
)
def test_a_leap_day_lies_in_its_own_day_week_and_month(period: Period, first: str, end: str) -> None:
    span = span_of(period, at("2028-02-29T23:59:59.999"))
    assert (span.starts_at, span.ends_at) == (at(first), at(end))


@given(MOMENTS, st.sampled_from(Period))
def test_a_span_holds_its_moment_and_the_next_one_begins_where_it_ends(moment: int, period: Period) -> None:
    span = span_of(period, moment)
    assert span.starts_at <= moment < span.ends_at
    assert span_of(period, span.ends_at).first == span.end
    assert span_of(period, span.ends_at - 1) == span


@given(MOMENTS)
def test_a_month_is_named_by_its_first_day_and_the_next_begins_a_month_later(moment: int) -> None:
    first = month_of(day_of(moment))
    assert date_of(first).day == 1
    assert date_of(next_month(first)).day == 1
    assert 28 <= next_month(first) - first <= 31


@given(MOMENTS)
def test_days_and_dates_are_the_same(moment: int) -> None:
    day = day_of(moment)
    assert day_number(date_of(day)) == day
    assert iso_utc(day * DAY) == f"{date_of(day)}T00:00:00.000Z"


def test_a_moment_is_written_to_the_millisecond() -> None:
    assert iso_utc(at("2026-09-19T12:00:00.123")) == "2026-09-19T12:00:00.123Z"
