"""The picture of a usage report: who, or which model, was charged how much, bar by bar.

Drawn with Pillow, which the bot needs anyway: no further dependency, no fonts of the machine's, and text that
can be measured before it is drawn, as names from outside must be (figures: ``docs/accounts.md``). Never call
it on the event loop.

Any two colours stay at least 25 apart in CIE Lab, seen with all or without one kind of cones (tested). The
card is opaque and dark, which reads well in Discord's dark and light themes; bars are stacked in the order of
the legend, biggest at the bottom. The smallest text is 26 of 1,200 pixels, a third of which a phone shows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.credits import credits_number
from domain.reports import Bars, Line
from ui.axes import bar_label, label_step, number, ticks
from ui.canvas import Canvas, drawable

WIDTH, MARGIN = 1_200, 48
BACKGROUND, INK, SOFT, GRID = "#1b1d23", "#f2f3f5", "#b9bec7", "#383c47"
COLORS = ("#4cc2f1", "#e67f0d", "#239250", "#f5ec42", "#ffb3c0")
REST = "#616875"
SMALL, NORMAL, LARGE, HUGE = 26, 30, 36, 84
HEADER, PLOT, AXIS, ROW = 232, 470, 76, 62
NAME = 350
"""Pixels that a name may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What a picture shows. Amounts are thousandths.

    ``title`` and ``facts`` are one line each; ``total`` the big number; ``change`` a short comparison with
    the time before and ``before`` what it compares with; ``labels`` names each line of ``bars`` by its key;
    ``usual`` is the mean of a bar in the time before, drawn as a dashed line and named in the legend.
    """

    title: str
    total: int
    facts: str
    change: str
    before: str
    bars: Bars
    labels: Mapping[int | str, str]
    usual: int | None = None


def render(chart: Chart) -> bytes:
    """Draw a chart as PNG, 1,200 pixels wide; one bar alone becomes a ranking."""
    rows = len(chart.bars.lines)
    alone = len(chart.bars.starts) == 1
    height = HEADER + (40 + ROW * max(rows, 2) if alone or not rows else _plot_height(chart, rows))
    canvas = Canvas(WIDTH, height + MARGIN // 2, background=BACKGROUND)
    _header(canvas, chart)
    if not rows:
        canvas.text(WIDTH / 2, HEADER + 70, "No credits were charged in this time.", LARGE, SOFT, anchor="mm")
    elif alone:
        _ranking(canvas, chart)
    else:
        _Plot(canvas, chart).draw()
        _legend(canvas, chart)
        if chart.usual:
            _usual(canvas, chart, height - ROW / 2)
    return canvas.png()


def _plot_height(chart: Chart, rows: int) -> int:
    return PLOT + AXIS + ROW * ((rows + 1) // 2 + bool(chart.usual))


def _header(canvas: Canvas, chart: Chart) -> None:
    right = WIDTH - MARGIN
    aside = max(canvas.length(chart.change, LARGE + 6, bold=True), canvas.length(chart.before, SMALL))
    canvas.text(MARGIN, 40, canvas.fitted(chart.title, LARGE, right - MARGIN), LARGE, SOFT)
    total = credits_number(chart.total)
    size = HUGE if canvas.length(total, HUGE, bold=True) < 560 else HUGE * 2 // 3
    canvas.text(MARGIN - 3, 160, total, size, INK, bold=True, anchor="ls")
    unit = MARGIN + canvas.length(total, size, bold=True) + 16
    canvas.text(unit, 160, "credits", LARGE, SOFT, anchor="ls")
    canvas.text(
        MARGIN, 196, canvas.fitted(chart.facts, SMALL, right - MARGIN - aside - 40), SMALL, SOFT, anchor="lm"
    )
    canvas.text(right, 160, chart.change, LARGE + 6, INK, bold=True, anchor="rs")
    canvas.text(right, 196, chart.before, SMALL, SOFT, anchor="rm")


class _Plot:
    """Where amounts and bars lie on a canvas."""

    def __init__(self, canvas: Canvas, chart: Chart) -> None:
        self.canvas = canvas
        self.chart = chart
        self.palette = _palette(chart.bars)
        tops = [sum(parts) for parts in zip(*(line.values for line in chart.bars.lines), strict=True)]
        self.marks = ticks(max(*tops, chart.usual or 0))
        self.left = MARGIN + max(canvas.length(number(mark), SMALL) for mark in self.marks) + 18
        self.right = WIDTH - MARGIN
        self.top, self.bottom = HEADER + 46, HEADER + PLOT
        self.step = (self.right - self.left) / len(chart.bars.starts)

    def height(self, amount: int) -> float:
        """Return how many pixels high an amount of thousandths is."""
        return (self.bottom - self.top) * amount / self.marks[-1]

    def draw(self) -> None:
        """Draw grid, bars, dates and the line of the time before."""
        self._grid()
        for index in range(len(self.chart.bars.starts)):
            self._bar(index)
        self._dates()
        if self.chart.usual:
            self._usual(self.chart.usual)

    def _grid(self) -> None:
        unit = f"credits a {self.chart.bars.grain}"
        self.canvas.text(self.left, self.top - 26, unit, SMALL, SOFT, anchor="lm")
        for mark in self.marks:
            y = self.bottom - self.height(mark)
            self.canvas.rule(self.left, y, self.right, GRID, width=1 if mark else 2)
            self.canvas.text(self.left - 18, y, number(mark), SMALL, SOFT, anchor="rm")

    def _bar(self, index: int) -> None:
        """Draw one bar, with a hair of background between its parts and a rounded top."""
        gutter = min(self.step * 0.13, 24)
        left, right = self.left + self.step * index + gutter, self.left + self.step * (index + 1) - gutter
        parts = [
            (self.height(line.values[index]), color) for line, color in self._lines() if line.values[index]
        ]
        bottom: float = self.bottom
        for place, (height, color) in enumerate(parts, start=1):
            uppermost = place == len(parts)
            hair = 2 if height > 5 and not uppermost else 0
            box = (left, bottom - height + hair, right, bottom)
            self.canvas.box(box, color, radius=6 if uppermost else 0, top_only=True)
            bottom -= height

    def _lines(self) -> Iterator[tuple[Line, str]]:
        return zip(self.chart.bars.lines, self.palette, strict=True)

    def _dates(self) -> None:
        bars = self.chart.bars
        labels = [bar_label(bars.grain, start) for start in bars.starts]
        width = max(self.canvas.length(label, SMALL) for label in labels)
        every = label_step(len(labels), self.step, width)
        # The last bar is the one that people look for: it is labelled, and every n-th before it.
        for index in range(len(labels) - 1, -1, -every):
            x = self.left + self.step * (index + 0.5)
            x = min(max(x, MARGIN + width / 2), self.right - width / 2)
            self.canvas.text(x, self.bottom + 18, labels[index], SMALL, SOFT, anchor="ma")

    def _usual(self, usual: int) -> None:
        y = self.bottom - self.height(usual)
        _dashes(self.canvas, self.left, y, self.right)


def _legend(canvas: Canvas, chart: Chart) -> None:
    """Name the lines in two columns, biggest first, each with its total."""
    column = (WIDTH - 2 * MARGIN - 56) / 2
    top = HEADER + PLOT + AXIS
    for index, (line, color) in enumerate(zip(chart.bars.lines, _palette(chart.bars), strict=True)):
        x = MARGIN + (index % 2) * (column + 56)
        y = top + (index // 2) * ROW + ROW / 2
        canvas.box((x, y - 15, x + 30, y + 15), color, radius=8)
        _name_and_total(canvas, chart, line, x + 46, x + column, y)


def _usual(canvas: Canvas, chart: Chart, y: float) -> None:
    """Say what the dashed line is."""
    _dashes(canvas, MARGIN, y, MARGIN + 30)
    usual = credits_number(round(chart.usual or 0, -2))
    text = f"{usual} a {chart.bars.grain} on average before that"
    canvas.text(MARGIN + 46, y, text, SMALL, SOFT, anchor="lm")


def _dashes(canvas: Canvas, x: float, y: float, to: float) -> None:
    """Draw a dashed line that stands out from any colour behind it."""
    canvas.rule(x, y, to, BACKGROUND, width=5, dash=10)
    canvas.rule(x, y, to, INK, width=2, dash=10)


def _ranking(canvas: Canvas, chart: Chart) -> None:
    """Draw one bar alone as a list: each line's name and total above its own bar."""
    most = max(line.total for line in chart.bars.lines)
    for index, (line, color) in enumerate(zip(chart.bars.lines, _palette(chart.bars), strict=True)):
        y = HEADER + 40 + index * ROW
        _name_and_total(canvas, chart, line, MARGIN, WIDTH - MARGIN, y)
        canvas.box((420, y - 14, 420 + 560 * line.total / most, y + 14), color, radius=6)


def _name_and_total(canvas: Canvas, chart: Chart, line: Line, left: float, right: float, y: float) -> None:
    total = credits_number(line.total)
    canvas.text(right, y, total, NORMAL, INK, bold=True, anchor="rm")
    room = right - left - canvas.length(total, NORMAL, bold=True) - 24
    name = drawable(chart.labels.get(line.key, "")) or _unnamed(line.key)
    canvas.text(left, y, canvas.fitted(name, NORMAL, min(room, NAME)), NORMAL, INK, anchor="lm")


def _unnamed(key: int | str) -> str:
    """Return what stands for a name that cannot be drawn: the list below the picture says who it is."""
    return f"Member …{key % 10_000:04d}" if isinstance(key, int) else key or "Everyone else"


def _palette(bars: Bars) -> list[str]:
    return [REST if line.key == "" else COLORS[index % len(COLORS)] for index, line in enumerate(bars.lines)]
