"""What moderators ask: who spent what, in which days. Reads the rollup only, so that it answers at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.job import OPERATOR_KEY
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
from storage import balances, export, holds, usage
from storage.export import Selection
from storage.tx import Tx
from storage.usage import Stretch

NAMED = 5
"""Drifts and parked jobs that a report names."""


@dataclass(frozen=True, slots=True)
class _Ranked:
    """One page of members or models, how many there are, and the keys of the biggest of all."""

    page: Sequence[Share]
    count: int
    biggest: Sequence[int | str]


def report(tx: Tx, question: Question, *, guild_id: int, at: int) -> Report:
    """Answer a moderator's question about their server at a moment (Unix milliseconds)."""
    first = usage.first_day(tx, guild_id=guild_id)
    span = report_span(question.period, at, first=first)
    stretch = usage.EVER if question.period is ReportPeriod.ALL else usage.coarsest(span)
    previous = span_before(question.period, at)
    before = usage.coarsest(previous) if previous is not None else None
    rank = _members if question.member_id is None else _models
    ranked = rank(tx, question, guild_id=guild_id, stretch=stretch)
    return Report(
        question=question,
        at=at,
        span=span,
        previous=None if previous is None else _since(previous, first),
        figures=_figures(tx, question, guild_id=guild_id, stretch=stretch),
        before=None if before is None else _figures(tx, question, guild_id=guild_id, stretch=before),
        holds=holds.held(tx, guild_id=guild_id, member_id=question.member_id, model=question.model),
        shares=ranked.page,
        count=ranked.count,
        bars=_bars(tx, question, guild_id=guild_id, span=_since(span, first) or span, keys=ranked.biggest),
    )


def _since(span: Span, first: int | None) -> Span | None:
    """Return what of a span lies after a server's first day: before it nothing can have been used."""
    begin = span.first if first is None else max(span.first, first)
    return Span(begin, span.end) if begin < span.end else None


def operator_report(tx: Tx, *, span: Span, at: int) -> OperatorReport:
    """Return what only the application's owner may see: balance, drift over some days, parked jobs."""
    lost, gained = balances.drift_sums(tx, since=span.starts_at, until=span.ends_at)
    return OperatorReport(
        balance=balances.last(tx),
        used=holds.used_in_a_day(tx, key_id=OPERATOR_KEY, at=at),
        beyond=balances.billed_beyond(tx, since=span.starts_at, until=span.ends_at),
        lost=lost,
        gained=gained,
        drifts=balances.drifts(tx, since=span.starts_at, until=span.ends_at, limit=NAMED),
        parked=balances.parked(tx, limit=NAMED),
    )


def people(tx: Tx, selection: Selection, *, limit: int) -> list[int]:
    """Return whom an export is about (ids), at most ``limit``."""
    return export.people(tx, selection, limit=limit)


def models(tx: Tx, *, guild_id: int) -> list[str]:
    """Return the models that a server ever used, the most used first."""
    return usage.models(tx, guild_id=guild_id)


def _figures(tx: Tx, question: Question, *, guild_id: int, stretch: Stretch) -> Figures:
    who = SERVER if question.member_id is None else question.member_id
    return usage.figures(tx, guild_id=guild_id, stretch=stretch, member_id=who, model=question.model)


def _members(tx: Tx, question: Question, *, guild_id: int, stretch: Stretch) -> _Ranked:
    ids, count = usage.ranking(
        tx, guild_id=guild_id, stretch=stretch, model=question.model, limit=question.offset + PAGE
    )
    page = usage.shares(
        tx, guild_id=guild_id, stretch=stretch, model=question.model, member_ids=ids[question.offset :]
    )
    return _Ranked(page, count, ids[:STACKED])


def _models(tx: Tx, question: Question, *, guild_id: int, stretch: Stretch) -> _Ranked:
    found = usage.by_model(tx, guild_id=guild_id, stretch=stretch, member_id=question.member_id or SERVER)
    page = [share for share in found if question.model in {None, share.key}]
    return _Ranked(page, len(page), [share.key for share in page[:STACKED]])


def _bars(tx: Tx, question: Question, *, guild_id: int, span: Span, keys: Sequence[int | str]) -> Bars:
    grain = bar_grain(span)
    stretch = usage.days(span) if grain is Grain.DAY else usage.months(span)
    starts = bar_starts(grain, span)
    if question.member_id is None:
        members = [SERVER, *map(int, keys)]
        rows = usage.charged_by_member(
            tx, guild_id=guild_id, stretch=stretch, member_ids=members, model=question.model
        )
    else:
        by_model = usage.charged_by_model(
            tx, guild_id=guild_id, stretch=stretch, member_id=question.member_id
        )
        rows = _of_whole(by_model, question.model)
    return Bars(grain=grain, starts=starts, lines=_lines(rows, keys, grain, starts))


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
