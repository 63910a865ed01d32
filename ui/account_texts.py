"""What members read about their allowance when it refuses a job."""

from collections.abc import Callable, Mapping

from domain.errors import Reason

ACCOUNT_TEXTS: Mapping[Reason, str] = {
    Reason.ALLOWANCE_SPENT: "This needs {credits}, but {whose} has {left} left for {period}."
    " It renews {renews_at}; /credits shows the details.",
    Reason.BLOCKED: "{blocked}.",
}
"""Sentences by key; ``ui/texts.py`` adds what it cost."""

WHOSE: Mapping[str, str] = {
    "member": "your allowance",
    "role": "the allowance of your role",
    "server": "the allowance of this server",
    "operator_member": "what the bot’s operator allows each member",
    "operator_server": "what the bot’s operator allows this server",
}
"""Whose allowance it is, by the word in ``accounts.allowances.Giver``."""

PERIODS: Mapping[str, str] = {"day": "today", "week": "this week", "month": "this month"}
"""The running period, by the word in ``domain.periods.Period``."""


def _whose(value: str | int) -> str:
    return WHOSE.get(str(value), "the allowance")


def _blocked(value: str | int) -> str:
    if str(value).startswith("operator"):
        return "The bot’s operator allows no credits here; only they can change that"
    text = _whose(value)
    return f"{text[:1].upper()}{text[1:]} is set to zero; a manager can change that with /allowance set"


def _period(value: str | int) -> str:
    return PERIODS.get(str(value), "this period")


ACCOUNT_FORMATS: Mapping[str, Callable[[str | int], str]] = {
    "whose": _whose,
    "blocked": _blocked,
    "period": _period,
}
"""How the blanks of ``ACCOUNT_TEXTS`` are written; merged into the formats of ``ui/texts.py``."""
