"""What members read about their allowance when it refuses a job."""

from collections.abc import Callable, Mapping

from domain.credits import credits_text
from domain.errors import Reason
from ui.plain import moment, plain

ACCOUNT_TEXTS: Mapping[Reason, str] = {
    Reason.ALLOWANCE_SPENT: "This needs {credits}, but {whose} has {left} left for {period}."
    " It renews {renews_at}; /credits shows the details.",
    Reason.BLOCKED: "{blocked}.",
    Reason.KEY_SPENT: "The bot has used up its credits for these 24 hours. It goes on {goes_on}.",
    Reason.BEYOND_KEY: "This needs {credits}, more than the {key_limit} that the bot may spend in 24 hours."
    " Ask for less.",
    Reason.ACCOUNT_TOO_NEW: "Your Discord account is too new for this bot. You can ask {goes_on}.",
    Reason.JOINED_JUST_NOW: "You have joined this server only just now. You can ask {goes_on}.",
    Reason.PAUSED: "Whoever runs the bot has paused all new work {until}{why}. Only they can lift that.",
    Reason.MEMBER_BLOCKED: "Whoever runs the bot has blocked you {until}{why}. Only they can lift that.",
    Reason.SERVER_BLOCKED: "Whoever runs the bot has blocked this server {until}{why}."
    " Only they can lift that.",
    Reason.BLOCKED_HERE: "A manager of this server has blocked you {until}{why}."
    " Any of its managers can lift that.",
    Reason.SAFETY_PAUSE: "The image service’s safety check refused several of your requests, so you are"
    " paused {until}. That ends by itself; until then only whoever runs the bot can lift it.",
}
"""Sentences by key; ``ui/texts.py`` adds what it cost."""

WHOSE: Mapping[str, str] = {
    "member": "your allowance",
    "role": "the allowance of your role",
    "everyone": "your allowance",
    "server": "the allowance of this server",
    "operator_member": "the bot’s own limit for you in all servers together",
    "operator_server": "the bot’s own limit for this server",
}
"""Whose allowance it is, by the word in ``accounts.allowances.Giver``."""

PERIODS: Mapping[str, str] = {"day": "today", "week": "this week", "month": "this month"}
"""The running period, by the word in ``domain.periods.Period``."""


def _whose(value: str | int) -> str:
    return WHOSE.get(str(value), "the allowance")


def zero_text(giver: str | int) -> str:
    """Say that a limit is a block, by the word in ``accounts.allowances.Giver``, and who can lift it."""
    if str(giver).startswith("operator"):
        return "Whoever runs the bot allows no credits here until they change that"
    text = _whose(giver)
    return f"{text[:1].upper()}{text[1:]} is set to zero until a manager changes that with /allowance set"


def _period(value: str | int) -> str:
    return PERIODS.get(str(value), "this period")


def _amount(value: str | int) -> str:
    return credits_text(value) if isinstance(value, int) else str(value)


def until_text(value: str | int) -> str:
    """Say how long something lasts; 0 or no number: nobody knows."""
    return f"until {moment(value, 'f')}" if isinstance(value, int) and value else "until further notice"


def _goes_on(value: str | int) -> str:
    return f"{moment(value)}, from {moment(value, 'f')} on" if isinstance(value, int) else "later"


def _why(value: str | int) -> str:
    return f": {plain(str(value), 200)}" if value else ""


ACCOUNT_FORMATS: Mapping[str, Callable[[str | int], str]] = {
    "whose": _whose,
    "blocked": zero_text,
    "period": _period,
    "until": until_text,
    "goes_on": _goes_on,
    "why": _why,
    "key_limit": _amount,
}
"""How the blanks of ``ACCOUNT_TEXTS`` are written; merged into the formats of ``ui/texts.py``."""
