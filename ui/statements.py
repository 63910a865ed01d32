"""``/credits``: what a member spent, has left, and their last jobs, in one server."""

from collections import Counter
from collections.abc import Sequence

from discord import ui

from domain.allowances import Giver, Standing
from domain.credits import credits_text
from domain.errors import Reason, Refusal
from domain.job import OPEN, Status
from domain.periods import Period
from domain.reports import RecentJob, Statement
from domain.text import counted
from domain.usage import Figures
from domain.views import ListPrice
from ui.account_texts import zero_text
from ui.choices import model_label, model_name
from ui.plain import moment, plain
from ui.texts import reason_text
from ui.whereabouts import link_to

MOST_PRICES = 8
NOT_SAID_YET = "-# About: the image service has not said its prices yet."
PERIOD_WORDS = {Period.DAY: "a day", Period.WEEK: "a week", Period.MONTH: "a month"}

BLOCK_WORDS = {
    Reason.ACCOUNT_TOO_NEW: "Not yet",
    Reason.JOINED_JUST_NOW: "Not yet",
    Reason.GUILD_NOT_ALLOWED: "Not here",
}
"""How it begins why a member may not ask; of all else, that they are blocked."""
GIVEN_BY = {
    Giver.MEMBER: "yours",
    Giver.ROLE: "from your role",
    Giver.EVERYONE: "as everyone here",
    Giver.SERVER: "all of this server together",
    Giver.OPERATOR_MEMBER: "the bot’s own limit for each member in all servers",
    Giver.OPERATOR_SERVER: "the bot’s own limit for all of this server together",
}


def build_statement(statement: Statement, *, guild_id: int, prices: Sequence[ListPrice]) -> ui.LayoutView:
    """Return the message that only the member sees."""
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container()
    if statement.block is not None:
        container.add_item(ui.TextDisplay(blocked_text(statement.block)))
    container.add_item(ui.TextDisplay(spent_text(statement)))
    if not statement.is_closed:
        container.add_item(ui.TextDisplay(left_text(statement)))
        if prices:
            container.add_item(ui.TextDisplay(prices_text(prices)))
    container.add_item(ui.Separator())
    container.add_item(ui.TextDisplay(recent_text(statement, guild_id=guild_id)))
    layout.add_item(container)
    return layout


def account_texts(statement: Statement, prices: Sequence[ListPrice]) -> list[str]:
    """Write what somebody new must know: whether they are blocked, what an image costs, what is left."""
    blocked = [] if statement.block is None else [blocked_text(statement.block)]
    return [*blocked, *([prices_text(prices)] if prices else []), left_text(statement)]


def blocked_text(block: Refusal) -> str:
    """Say that a member is blocked, or has to wait, and why."""
    return f"**{BLOCK_WORDS.get(block.reason, 'Blocked')}.** {reason_text(block)}"


def spent_text(statement: Statement) -> str:
    """Write what was spent today, this week and this month, and what is held."""
    spans = (("today", statement.today), ("this week", statement.week), ("this month", statement.month))
    lines = ["### Your credits in this server", *(_spent(word, figures) for word, figures in spans)]
    if statement.holds.jobs:
        jobs = counted(statement.holds.jobs, "open job")
        lines.append(f"Reserved: **{credits_text(statement.holds.held)}** for {jobs}")
    return "\n".join(lines)


def _spent(word: str, figures: Figures) -> str:
    given = f" ({credits_text(figures.adjusted)} given back by a moderator)" if figures.adjusted > 0 else ""
    return f"Spent {word}: **{credits_text(figures.spent)}**{given}"


def left_text(statement: Statement) -> str:
    """Write what is left of each limit and when it renews; days and weeks are UTC."""
    if not statement.standings:
        return "Left: no limit is set for you."
    return "\n".join([*map(_left, statement.standings), "-# Days, weeks (from Monday) and months are UTC."])


def _left(standing: Standing) -> str:
    limit = standing.limit
    whose = f"<@&{limit.role_id}>" if limit.role_id is not None else GIVEN_BY[limit.giver]
    if limit.credits == 0:
        role = f" ({whose})" if limit.role_id is not None else ""
        return f"**Blocked.** {zero_text(limit.giver)}{role}."
    amount = f"{credits_text(limit.credits)} {PERIOD_WORDS[limit.period]}"
    return (
        f"Left: **{credits_text(standing.left)}** of {amount} ({whose}), renews {moment(standing.renews_at)}"
    )


def prices_text(prices: Sequence[ListPrice]) -> str:
    """Write what an image costs by model, the default first."""
    # A model and the one of the same family that edits go by one name, told apart where their prices differ.
    shown = {model_label(price): price.model for price in prices}
    names = Counter(map(model_name, shown.values()))
    labels = [
        f"{label} ({model})" if names[model_name(model)] > 1 else label for label, model in shown.items()
    ]
    unknown = [] if all(price.known for price in prices) else [NOT_SAID_YET]
    return "\n".join(["**Prices**", *labels[:MOST_PRICES], *unknown])


def recent_text(statement: Statement, *, guild_id: int) -> str:
    """Write the last jobs with links and costs."""
    if not statement.recent:
        return "No jobs here yet. Start with /edit or /generate."
    return "\n".join(["**Last jobs**", *(_job(job, guild_id) for job in statement.recent)])


def _job(job: RecentJob, guild_id: int) -> str:
    what = plain(job.prompt, 40) or "(deleted)"
    if job.card_id is not None:
        url = link_to(None if job.direct else guild_id, job.channel_id, job.card_id)
        what = f"{what} · [open]({url})"
    if job.status in OPEN and job.spent is None:
        cost = f"about {credits_text(job.held)}"
    else:
        state = "" if job.status in {Status.DONE, Status.DELIVERING} else f" ({job.status})"
        cost = f"**{credits_text(job.spent or 0)}**{state}"
    return f"{what}\n-# {cost} · {moment(job.created_at)}"
