"""What is said, one line each, in a server's channel for notices, and to the operator."""

from collections.abc import Callable, Mapping

from domain.announcements import Topic, Values
from domain.credits import credits_text
from domain.text import counted
from ui.account_texts import until_text
from ui.plain import moment, plain


def _paused(values: Values) -> str:
    return (
        f"The image service’s safety check has refused {values['count']} requests of <@{values['member']}>"
        f" within ten minutes: they are paused {until_text(values['until'])}."
    )


def _corrected(values: Values) -> str:
    amount = int(values["amount"])
    did = "gave" if amount > 0 else "took"
    way = "back to" if amount > 0 else "from"
    reason = plain(str(values["reason"]), 200)
    return f"<@{values['moderator']}> {did} {credits_text(abs(amount))} {way} <@{values['member']}>: {reason}"


def _refusals(values: Values) -> str:
    jobs, members = int(values["jobs"]), int(values["members"])
    return (
        f"On {moment(int(values['day']), 'd')} (UTC) PixelDojo’s safety check refused"
        f" {counted(jobs, 'request')} of {counted(members, 'member')}."
        " PixelDojo suspends keys for too many; /operator block stops a member."
    )


def _key(values: Values) -> str:
    used, limit = int(values["used"]), int(values["limit"])
    return (
        f"{used * 100 // limit} % of the credits that this key may spend in 24 hours are used:"
        f" {credits_text(used)} of {credits_text(limit)}. At 100 % new work is refused until there is room"
        " again; KEY_CREDITS_PER_DAY in .env decides."
    )


_TOPICS: Mapping[Topic, Callable[[Values], str]] = {
    Topic.PAUSED: _paused,
    Topic.CORRECTED: _corrected,
    Topic.REFUSALS: _refusals,
    Topic.KEY: _key,
}


def announcement_text(topic: Topic, values: Values) -> str:
    """Write what is announced; mentions ping nobody."""
    return _TOPICS[topic](values)
