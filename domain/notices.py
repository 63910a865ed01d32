"""Notices: said once in a channel when a member or the server has used most of an allowance."""

from dataclasses import dataclass

from domain.periods import Period

PERCENTS = (80, 100)
"""How much of an allowance is worth a notice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One row of ``notices``.

    ``member_id`` 0 is the server; ``start`` the period's first day; ``used`` (held included) and ``credits``
    are thousandths; ``at`` and ``ends_at`` (when the period renews) Unix milliseconds.
    """

    guild_id: int
    member_id: int
    period: Period
    start: int
    percent: int
    used: int
    credits: int
    at: int
    ends_at: int
