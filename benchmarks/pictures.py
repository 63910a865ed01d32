"""Draws the pictures of reports that the README shows: ``python -m benchmarks.pictures [FOLDER]``.

The figures are made up, the drawing is the bot's own; prints what each picture costs.
"""

import random
import statistics
import sys
import time
from pathlib import Path

from domain.periods import date_of, day_of
from domain.reports import (
    Bars,
    Line,
    Question,
    Report,
    ReportPeriod,
    bar_grain,
    bar_starts,
    report_span,
    span_before,
)
from domain.usage import Figures, Holds, Share
from ui.charts import render
from ui.reports import chart_of

FOLDER = Path("docs/pictures")
NOW = 1_789_819_200_000
"""Noon of 19 September 2026 UTC, in Unix milliseconds."""
NAMES = {11: "Ann", 12: "Маша", 13: "José Ñandú", 14: "שירה", 15: "Θεοδώρα", 16: "Kim"}
MEMBERS = {11: 9, 12: 7, 13: 5, 14: 3, 15: 2, "": 5}
MODELS = {"gpt-image-1-5-edit": 8, "gpt-image-2-edit": 4, "gpt-image-1-5": 2}
TIMES = 20


def main() -> None:
    """Draw, save and print."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, report in (("report-server", _of_server()), ("report-member", _of_member())):
        chart = chart_of(report, NAMES)
        picture, times = render(chart), list[float]()
        for _ in range(TIMES):
            begin = time.process_time()
            render(chart)
            times.append((time.process_time() - begin) * 1_000)
        (folder / f"{name}.png").write_bytes(picture)
        print(
            f"{name}.png: {len(picture) / 1024:.0f} KiB, {statistics.median(times):.0f} ms of one core"
            f" ({min(times):.0f} - {max(times):.0f}, {TIMES} times)"
        )


def _of_server() -> Report:
    return _report(Question(period=ReportPeriod.DAYS_30), _bars(ReportPeriod.DAYS_30, MEMBERS), count=41)


def _of_member() -> Report:
    question = Question(period=ReportPeriod.THIS_MONTH, member_id=11)
    return _report(question, _bars(ReportPeriod.THIS_MONTH, MODELS), count=len(MODELS))


def _report(question: Question, bars: Bars, *, count: int) -> Report:
    spent = sum(line.total for line in bars.lines)
    return Report(
        question=question,
        at=NOW,
        span=report_span(question.period, NOW),
        previous=span_before(question.period, NOW),
        figures=Figures(jobs=spent // 6_000, images=spent // 4_500, failures=spent // 200_000, spent=spent),
        before=Figures(jobs=spent // 7_000, spent=spent * 17 // 20),
        holds=Holds(),
        shares=[Share(line.key, Figures(spent=line.total)) for line in bars.lines],
        count=count,
        bars=bars,
    )


def _bars(period: ReportPeriod, weights: dict[int | str, int] | dict[str, int] | dict[int, int]) -> Bars:
    """Make up a month in which weekends are busy."""
    chance = random.Random(7)
    span = report_span(period, NOW)
    starts = bar_starts(bar_grain(span), span)
    lines = [
        Line(key, [4_000 * round(weight * _mood(start) * chance.betavariate(2, 3)) for start in starts])
        for key, weight in weights.items()
    ]
    named = sorted((line for line in lines if line.key != ""), key=lambda line: -line.total)
    return Bars(
        grain=bar_grain(span), starts=starts, lines=[*named, *(line for line in lines if line.key == "")]
    )


def _mood(day: int) -> float:
    weekend = date_of(day).weekday() >= 5
    return (1.9 if weekend else 1.0) * (0.4 if day == day_of(NOW) else 1.0)


if __name__ == "__main__":
    main()
