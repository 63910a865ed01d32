"""The provider's request limit, as the headers of each reply tell it."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST_PAUSE: Final = 3600.0
"""Seconds: a longer ``Retry-After`` is cut to this."""

_COUNT = re.compile(r"[0-9]{1,9}")
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,6})?")
_UNIX = re.compile(r"[0-9]{9,11}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What one reply says about the request limit.

    ``limit`` and ``remaining`` are requests a minute, ``reset_at`` is in Unix seconds, ``retry_after``
    in seconds; ``refused`` means that this request was not accepted because of the limit (429).
    """

    limit: int | None = None
    remaining: int | None = None
    reset_at: int | None = None
    retry_after: float | None = None
    refused: bool = False


def read_limit(status: int, headers: Mapping[str, str]) -> RateLimit:
    """Read ``X-RateLimit-Limit/-Remaining/-Reset`` and ``Retry-After``.

    A 429 without ``Retry-After`` gets the span until its reset, measured on the provider's own clock
    (its ``Date`` header), so that ours may be wrong.

    Parameters
    ----------
    headers
        Of the reply, names in lower case.
    """
    refused = status == 429
    reset_at = _reset(headers)
    retry_after = _pause(headers)
    if refused and retry_after is None and reset_at is not None:
        retry_after = _since(headers, reset_at)
    return RateLimit(
        limit=_count(headers, "x-ratelimit-limit"),
        remaining=_count(headers, "x-ratelimit-remaining"),
        reset_at=reset_at,
        retry_after=retry_after,
        refused=refused,
    )


def _count(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(name, "").strip()
    return int(value) if _COUNT.fullmatch(value) else None


def _reset(headers: Mapping[str, str]) -> int | None:
    value = headers.get("x-ratelimit-reset", "").strip()
    return math.ceil(float(value)) if _UNIX.fullmatch(value) else None


def _pause(headers: Mapping[str, str]) -> float | None:
    # RFC 9110, 10.2.3: seconds or a date.
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return min(float(value), LONGEST_PAUSE)
    until = _unix(value)
    return None if until is None else _since(headers, until)


def _since(headers: Mapping[str, str], until: int) -> float | None:
    now = _unix(headers.get("date", ""))
    return None if now is None else min(max(float(until - now), 0.0), LONGEST_PAUSE)


def _unix(value: str) -> int | None:
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    # A date of unknown zone ("-0000") comes without one.
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
