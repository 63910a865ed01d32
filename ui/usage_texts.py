"""The short answers of ``/usage``, and the notices that it switches on."""

from collections.abc import Mapping

from domain.credits import credits_text
from domain.notices import Notice
from domain.periods import Period
from domain.reports import Balance, Correction
from domain.request import Assigned
from domain.text import counted
from domain.usage import SERVER
from ui.plain import moment, plain

BUY_CREDITS = "https://pixeldojo.ai/api-platform"
"""The provider's API platform, where its "Buy Credits" is."""

RUNNING = {Period.DAY: "today", Period.WEEK: "this week", Period.MONTH: "this month"}


def export_text(rows: int, *, files: int, cut: bool) -> str:
    """Say what an export holds."""
    count = counted(rows, "row")
    if cut:
        return (
            f"The first {count} in {files} files; there are more. Choose a shorter period, or ask whoever"
            " runs the bot for `python bot.py --export FILE`."
        )
    return f"{count} in {counted(files, 'file')}."


def correction_text(correction: Correction) -> str:
    """Say what was corrected."""
    amount, reason = credits_text(abs(correction.amount)), plain(correction.cause, 200)
    if correction.amount > 0:
        return f"Gave {amount} back to <@{correction.member_id}>: {reason}"
    return f"Took {amount} from <@{correction.member_id}>: {reason}"


def nothing_corrected() -> str:
    """Say what a correction needs."""
    return (
        "A correction needs credits above or below zero and a reason, and nobody can give themselves any."
        " Nothing was changed."
    )


def gives_too_much(most: int) -> str:
    """Say that no more can be given back than was charged."""
    return (
        f"They were charged {credits_text(most)} this month that were not given back: more cannot be given."
        " Nothing was changed."
    )


NOTICES = (
    "when a member or the server has used 80 % or 100 % of an allowance, when a manager corrects an account,"
    " and when the safety check pauses a member"
)


def notices_text(channel_id: int | None) -> str:
    """Say where notices are said from now on."""
    if channel_id is None:
        return "Notices are off from now on."
    return f"From now on <#{channel_id}> is told {NOTICES}."


def notices_state(channel_id: int | None) -> str:
    """Say where notices are said; nothing was changed."""
    if channel_id is None:
        return f"Notices are off. Choose a channel to have it told {NOTICES}."
    return f"Notices are on: <#{channel_id}> is told {NOTICES}. `off: True` ends them."


ASSIGNED: Mapping[Assigned, str] = {
    Assigned.TAKEN: "Taken: its images are fetched, delivered and charged as usual.",
    Assigned.NOT_PARKED: "Nothing was changed: that job does not wait for an answer, or the other is known"
    " to belong to another one.",
    Assigned.NOT_THERE: "Nothing was changed: PixelDojo does not know that job, or cannot be asked just now.",
}
"""What the operator is told of ``/usage assign``."""
NOT_THE_OPERATOR = "Only the bot’s owner can do that, since many servers share one key. Nothing was changed."


def missing_in_channel(channel_id: int) -> str:
    """Say that the bot may not write in a channel."""
    return (
        f"I may not write in <#{channel_id}>: I need “View Channel” and “Send Messages” there."
        " Nothing was changed."
    )


def notice_text(notice: Notice) -> str:
    """Write the notice for the channel; mentions ping nobody."""
    who = "This server" if notice.member_id == SERVER else f"<@{notice.member_id}>"
    return (
        f"{who} has used {notice.percent} % of the credits for {RUNNING[notice.period]}:"
        f" {credits_text(notice.used)} of {credits_text(notice.credits)}. It renews {moment(notice.ends_at)}."
    )


def low_balance_text(balance: Balance, threshold: int) -> str:
    """Tell the operator to buy credits."""
    return (
        f"PixelDojo’s balance is down to {credits_text(balance.remaining)}, below the"
        f" {credits_text(threshold)} of LOW_BALANCE_CREDITS. Buy more at <{BUY_CREDITS}>, before jobs are"
        " refused."
    )
