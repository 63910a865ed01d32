"""The request limit is read from headers, and measured on the provider's own clock."""

import pytest

from pixeldojo import RateLimit
from pixeldojo.limits import LONGEST_PAUSE, read_limit

NOON = "Thu, 23 Jan 2025 12:00:00 GMT"  # Unix 1737633600


def test_a_reply_without_headers_says_nothing() -> None:
    assert read_limit(200, {}) == RateLimit()


def test_all_headers_are_read() -> None:
    headers = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1737633630"}
    assert read_limit(200, headers) == RateLimit(limit=60, remaining=0, reset_at=1737633630)


def test_a_refusal_without_a_pause_waits_until_the_reset() -> None:
    headers = {"x-ratelimit-reset": "1737633630", "date": NOON}
    assert read_limit(429, headers).retry_after == 30
    assert read_limit(200, headers).retry_after is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 2.5 ", 2.5),
        ("Thu, 23 Jan 2025 12:00:09 GMT", 9.0),
        ("Thu, 23 Jan 2025 11:00:00 GMT", 0.0),
        ("Thu, 23 Jan 2025 12:00:09 -0000", 9.0),
        ("86400", LONGEST_PAUSE),
        ("Fri, 23 Jan 2026 12:00:00 GMT", LONGEST_PAUSE),
        ("", None),
        ("-1", None),
        ("nan", None),
        ("soon", None),
        ("9" * 400, None),
        ("Thu, 23 Jan 20250 12:00:09 GMT", None),
    ],
)
def test_a_pause_is_seconds_or_a_date(value: str, seconds: float | None) -> None:
    assert read_limit(429, {"retry-after": value, "date": NOON}).retry_after == seconds


def test_a_date_without_the_providers_clock_says_nothing() -> None:
    assert read_limit(429, {"retry-after": NOON}).retry_after is None
    assert read_limit(429, {"x-ratelimit-reset": "1737633630"}) == RateLimit(
        reset_at=1737633630, refused=True
    )


@pytest.mark.parametrize("value", ["", "-5", "many", "1e3", "12, 13", "9" * 30])
def test_a_count_that_is_none_is_left_out(value: str) -> None:
    assert read_limit(200, {"x-ratelimit-limit": value, "x-ratelimit-reset": value}) == RateLimit()
