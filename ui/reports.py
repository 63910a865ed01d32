"""A usage report as moderators see it: a picture first, figures below it, then pages and periods."""

from collections.abc import Mapping, Sequence
from typing import Any

from discord import MediaGalleryItem, ui

from domain.credits import credits_number, credits_text
from domain.periods import Span, date_of
from domain.reports import PAGE, Correction, Drift, Grain, OperatorReport, Report, ReportPeriod, Trace
from domain.text import counted
from domain.usage import Figures, Holds, Share
from ui.charts import Chart
from ui.plain import moment, plain

PICTURE = "usage.png"
NAME = 40
SUSPECTS = 2
"""Jobs that a line about a drift names."""

PERIOD_NAMES = {
    ReportPeriod.TODAY: "Today",
    ReportPeriod.DAYS_7: "Last 7 days",
    ReportPeriod.DAYS_30: "Last 30 days",
    ReportPeriod.THIS_MONTH: "This month",
    ReportPeriod.LAST_MONTH: "Last month",
    ReportPeriod.ALL: "All time",
}
BEFORE = {
    ReportPeriod.TODAY: "the day before",
    ReportPeriod.DAYS_7: "in the 7 days before",
    ReportPeriod.DAYS_30: "in the 30 days before",
    ReportPeriod.THIS_MONTH: "by this day of last month",
    ReportPeriod.LAST_MONTH: "in the month before",
}

Names = Mapping[int, str]
"""Names of members as of now, by id; who has left is missing."""


def chart_of(report: Report, names: Names) -> Chart:
    """Return the picture's contents."""
    labels: dict[int | str, str] = {"": _rest(report), **names}
    return Chart(bars=report.bars, labels=labels, usual=_usual(report))


def build_report(
    report: Report,
    names: Names,
    *,
    operator: OperatorReport | None,
    corrections: Sequence[Correction],
    menu: ui.Item[Any],
    paging: Sequence[ui.Item[Any]],
) -> ui.LayoutView:
    """Return the message: totals, picture, the page of members or models, and what only the operator sees."""
    layout = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container()
    container.add_item(ui.TextDisplay(totals(report)))
    if report.bars.lines:
        picture = MediaGalleryItem(f"attachment://{PICTURE}", description=_spoken(report))
        container.add_item(ui.MediaGallery(picture))
    container.add_item(ui.TextDisplay(ranking(report, names)))
    if corrections:
        container.add_item(ui.TextDisplay("**Corrections**\n" + "\n".join(map(_correction, corrections))))
    if operator is not None:
        container.add_item(ui.Separator())
        container.add_item(ui.TextDisplay(operator_text(operator)))
    layout.add_item(container)
    for items in ([menu], paging):
        if items:
            layout.add_item(ui.ActionRow(*items))
    return layout


def totals(report: Report) -> str:
    """Write the figures of the whole time."""
    figures, question = report.figures, report.question
    about = "everyone" if question.member_id is None else f"<@{question.member_id}>"
    model = f", {plain(question.model, NAME)}" if question.model else ""
    lines = [
        f"### Usage: {PERIOD_NAMES[question.period].lower()}",
        f"-# {dates(report.span)} · {about}{model}",
        f"**{credits_text(figures.charged)}** for images"
        + "".join(f" · {part}" for part in _comparison(report)),
        _counts(figures) + _held(report.holds),
    ]
    if corrected := _corrected(figures):
        lines.append(f"-# Besides, {corrected}: {credits_text(figures.spent)} in the end.")
    return "\n".join(lines)


def _held(holds: Holds) -> str:
    return (
        f" · {credits_text(holds.held)} reserved for {counted(holds.jobs, 'open job')}" if holds.jobs else ""
    )


def ranking(report: Report, names: Names) -> str:
    """Write one page of members, or all models of one member, biggest first."""
    if not report.shares:
        return (
            "Nobody is on this page any more." if report.question.offset else "Nothing was used in this time."
        )
    first = report.question.offset + 1
    lines = [f"{rank}. {_share(share, names)}" for rank, share in enumerate(report.shares, start=first)]
    if report.question.member_id is None and report.count > PAGE:
        last = first + len(report.shares) - 1
        lines.append(f"-# {first:,} to {last:,} of {report.count:,} members")
    return "\n".join(lines)


def _share(share: Share, names: Names) -> str:
    figures = share.figures
    if isinstance(share.key, str):
        who = plain(share.key, NAME)
        if not who:
            return f"Corrections · {_given_or_taken(figures.adjusted)}"
    else:
        # A mention shows the name as of now; who has left is only an id to anybody.
        who = f"<@{share.key}>" if share.key in names else f"`{share.key}`"
    parts = [who, f"**{credits_text(figures.charged)}**", _counts(figures), _corrected(figures)]
    return " · ".join(part for part in parts if part)


def _corrected(figures: Figures) -> str:
    """Say what was given back or taken besides the charges; nothing where nothing was."""
    parts = [f"{credits_text(figures.refunded)} refunded"] if figures.refunded else []
    return ", ".join([*parts, _given_or_taken(figures.adjusted)] if figures.adjusted else parts)


def _counts(figures: Figures) -> str:
    parts = [counted(figures.jobs, "job"), counted(figures.images, "image")]
    return " · ".join([*parts, counted(figures.failures, "failure")] if figures.failures else parts)


def _given_or_taken(amount: int) -> str:
    return f"{credits_text(abs(amount))} {'taken' if amount < 0 else 'given back'}"


def _comparison(report: Report) -> list[str]:
    """Return the change in percent with what it compares to, if there is anything to compare with."""
    if report.before is None or report.previous is None:
        return []
    then, when = report.before.charged, BEFORE[report.question.period]
    if not then:
        return [f"none {when}"]
    percent = round((report.figures.charged - then) * 100 / then)
    return [f"{percent:+,} % ({credits_number(then)} {when})"]


def _usual(report: Report) -> int | None:
    """Return what a bar was charged on average in the time before; nothing where bars are not days."""
    if report.before is None or report.previous is None or not report.before.charged:
        return None
    if report.bars.grain is not Grain.DAY:
        return None
    return report.before.charged // (report.previous.end - report.previous.first)


def _rest(report: Report) -> str:
    named = sum(1 for line in report.bars.lines if line.key != "")
    others = report.count - named
    if report.question.member_id is not None:
        return "Other models"
    return f"{others:,} other{'' if others == 1 else 's'}"


def dates(span: Span) -> str:
    """Write a span of UTC days: ``13 to 19 Sep 2026 (UTC)``."""
    first, last = date_of(span.first), date_of(span.end - 1)
    end = f"{last.day} {last:%b %Y} (UTC)"
    if first == last:
        return end
    if first.year != last.year:
        return f"{first.day} {first:%b %Y} to {end}"
    return f"{first.day}{'' if first.month == last.month else f' {first:%b}'} to {end}"


def _spoken(report: Report) -> str:
    """Describe the picture for a screen reader (Discord: at most 1,024 characters)."""
    sums = [sum(parts) for parts in zip(*(line.values for line in report.bars.lines), strict=True)]
    bars = [
        f"{date_of(start).isoformat()}: {credits_number(total)}"
        for start, total in zip(report.bars.starts, sums, strict=False)
        if total
    ]
    return f"Credits charged a {report.bars.grain}. {', '.join(bars) or 'None.'}"[:1_000]


def _correction(made: Correction) -> str:
    reason = plain(made.cause, 120)
    return f"-# {moment(made.at, 'd')} {_given_or_taken(made.amount)} by <@{made.moderator_id}>: {reason}"


def operator_text(found: OperatorReport) -> str:
    """Write what only the application's owner sees."""
    lines = ["**For you as the operator, all servers together**"]
    if found.balance is None:
        lines.append("Balance: not told yet")
    else:
        lines.append(f"Balance: **{credits_text(found.balance.remaining)}**, {moment(found.balance.at)}")
    lines.append(f"Used in the last 24 hours, held and unanswered included: {credits_text(found.used)}")
    lines.append(
        "Drift in this time, PixelDojo’s balance against our books:"
        f" {credits_text(found.lost)} lost, {credits_text(found.gained)} gained"
    )
    if found.beyond:
        lines.append(f"Billed above what jobs were taken for, perhaps drift: {credits_text(found.beyond)}")
    lines += [_drift(drift) for drift in found.drifts]
    if found.parked:
        lines.append("Parked, their answers were lost:")
        lines += [f"-# {_trace(trace)}" for trace in found.parked]
    return "\n".join(lines)


def _drift(drift: Drift) -> str:
    word = "lost" if drift.amount > 0 else "gained"
    when = f"{moment(drift.since, 'f')} to {moment(drift.at, 'f')}"
    suspects = ", ".join(_trace(trace) for trace in drift.suspects[:SUSPECTS])
    more = len(drift.suspects) - SUSPECTS
    perhaps = f"; perhaps {suspects}" + (f" and {more} more" if more > 0 else "") if suspects else ""
    return f"-# {credits_text(abs(drift.amount))} {word}, {when}{perhaps}"


def _trace(trace: Trace) -> str:
    state = trace.failure or trace.status
    return f"`{trace.job_id}` ({state}, {credits_text(trace.cost)})"
