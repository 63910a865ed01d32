"""What moderators ask: who spent what, in which days. Reads the rollup only, so that it answers at once."""

from collections.abc import Iterable, Sequence

from domain.periods import Span
from domain.reports import (
    PAGE,
    STACKED,
    Bars,
    Grain,
    Line,
    OperatorReport,
    Question,
    Report,
    ReportPeriod,
    bar_grain,
    bar_start,
    bar_starts,
    report_span,
    span_before,
)
from domain.usage import SERVER, Figures, Share
from storage import balances, holds, usage
from storage.database import Tx
from storage.usage import Stretch

NAMED = 5
"""Drifts and parked jobs that a report names."""


def report(tx: Tx, question: Question, *, guild_id: int, at: int) -> Report:
    """Answer a moderator's question about their server at a moment (Unix milliseconds)."""
    span = report_span(question.period, at, first=usage.first_day(tx, guild_id=guild_id))
    stretch = usage.EVER if question.period is ReportPeriod.ALL else usage.coarsest(span)
    previous = span_before(question.period, at)
    before = usage.coarsest(previous) if previous is not None else None
    shares, count = _shares(tx, question, guild_id=guild_id, stretch=stretch)
    return Report(
        question=question,
        at=at,
        span=span,
        previous=previous,
        figures=_figures(tx, question, guild_id=guild_id, stretch=stretch),
        before=None if before is None else _figures(tx, question, guild_id=guild_id, stretch=before),
        holds=holds.held(tx, guild_id=guild_id, member_id=question.member_id, model=question.model),
        shares=shares[question.offset : question.offset + PAGE],
        count=count,
        bars=_bars(tx, question, guild_id=guild_id, span=span, biggest=shares[:STACKED]),
    )


def operator_report(tx: Tx, *, span: Span) -> OperatorReport:
    """Return what only the application's owner may see: balance, drift over some days, parked jobs."""
    lost, gained = balances.drift_sums(tx, since=span.starts_at, until=span.ends_at)
    return OperatorReport(
        balance=balances.last(tx),
        lost=lost,
        gained=gained,
        drifts=balances.drifts(tx, since=span.starts_at, until=span.ends_at, limit=NAMED),
        parked=balances.parked(tx, limit=NAMED),
    )


def models(tx: Tx, *, guild_id: int) -> list[str]:
    """Return the models that a server ever used, the most used first."""
    return usage.models(tx, guild_id=guild_id)


def _figures(tx: Tx, question: Question, *, guild_id: int, stretch: Stretch) -> Figures:
    who = SERVER if question.member_id is None else question.member_id
    return usage.figures(tx, guild_id=guild_id, stretch=stretch, member_id=who, model=question.model)


def _shares(tx: Tx, question: Question, *, guild_id: int, stretch: Stretch) -> tuple[Sequence[Share], int]:
    """Return the biggest first, up to the end of the page that is asked for, and how many there are."""
    if question.member_id is None:
        return usage.spenders(
            tx, guild_id=guild_id, stretch=stretch, model=question.model, limit=question.offset + PAGE
        )
    shares = [
        share
        for share in usage.by_model(tx, guild_id=guild_id, stretch=stretch, member_id=question.member_id)
        if question.model in {None, share.key}
    ]
    return shares, len(shares)


def _bars(tx: Tx, question: Question, *, guild_id: int, span: Span, biggest: Sequence[Share]) -> Bars:
    grain = bar_grain(span)
    stretch = usage.days(span) if grain is Grain.DAY else usage.months(span)
    starts = bar_starts(grain, span)
    rows = (
        usage.charged_by_member(
            tx,
            guild_id=guild_id,
            stretch=stretch,
            member_ids=[SERVER, *(int(share.key) for share in biggest)],
            model=question.model,
        )
        if question.member_id is None
        else _of_whole(
            usage.charged_by_model(tx, guild_id=guild_id, stretch=stretch, member_id=question.member_id),
            question.model,
        )
    )
    lines = _lines(rows, [share.key for share in biggest], grain, starts)
    return Bars(grain=grain, starts=starts, lines=lines)


def _of_whole(rows: Iterable[tuple[str, int, int]], model: str | None) -> list[tuple[int | str, int, int]]:
    """Give a member's rows by model the same form as a server's by member: the whole is among them."""
    kept = [row for row in rows if model in {None, row[0]}]
    return [*kept, *((SERVER, start, charged) for _, start, charged in kept)]


def _lines(
    rows: Iterable[tuple[int | str, int, int]], keys: Sequence[int | str], grain: Grain, starts: Sequence[int]
) -> list[Line]:
    """Sort (key, start, charged) into bars; what no key accounts for is the rest, a line without a key."""
    place = {start: index for index, start in enumerate(starts)}
    values: dict[int | str, list[int]] = {key: [0] * len(starts) for key in (*keys, SERVER)}
    for key, start, charged in rows:
        if key in values:
            values[key][place[bar_start(grain, start)]] += charged
    rest = values.pop(SERVER)
    for line in values.values():
        rest = [whole - part for whole, part in zip(rest, line, strict=True)]
    lines = [Line(key, line) for key, line in values.items()]
    return [line for line in (*lines, Line("", rest)) if line.total]
