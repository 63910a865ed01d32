"""The picture of a usage report: who, or which model, was charged how much, bar by bar.

It shows what words cannot; the figures stand beside it, so that nothing is said twice. Drawn with Pillow,
which the bot needs anyway: no further dependency, no fonts of the machine's, and text that can be measured
before it is drawn, as names from outside must be (figures: ``docs/accounts.md``). Never call it on the event
loop.

Any two colours stay at least 25 apart in CIE Lab, seen with all or without one kind of cones (tested). The
card is opaque and dark, which reads well in Discord's dark and light themes; bars are stacked in the order of
the legend, biggest at the bottom. A phone shows the picture 290 pixels wide: the smallest text is 11 of them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.credits import credits_number
from domain.reports import Bars, Line
from ui.axes import bar_label, label_step, number, ticks
from ui.canvas import Canvas, drawable

WIDTH, MARGIN = 800, 32
BACKGROUND, INK, SOFT, GRID = "#1b1d23", "#f2f3f5", "#b9bec7", "#383c47"
COLORS = ("#4cc2f1", "#e67f0d", "#239250", "#f5ec42", "#ffb3c0")
REST = "#616875"
SMALL, NORMAL = 31, 33
PLOT, AXIS, ROW = 590, 72, 58
"""Pixels: where the plot ends, the dates below it, one row of the legend."""
RANK = 96
"""Pixels of one line of a ranking: the name, its bar below."""
LOWEST = 280
"""Pixels: Discord crops a picture that is more than about three times as wide as it is high."""
GAP = 32
"""Pixels between the legend's columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What a picture shows; ``bars`` has at least one line.

    ``labels`` names each line of ``bars`` by its key; ``usual`` is the mean of a bar in the time before
    (thousandths), drawn as a line behind the bars and named in the legend.
    """

    bars: Bars
    labels: Mapping[int | str, str]
    usual: int | None = None


def render(chart: Chart) -> bytes:
    """Draw a chart as PNG, 800 pixels wide; one bar alone becomes a ranking."""
    alone = len(chart.bars.starts) == 1
    height = RANK * len(chart.bars.lines) if alone else PLOT + AXIS + ROW * _rows(chart)
    canvas = Canvas(WIDTH, max(MARGIN + height + MARGIN // 2, LOWEST), background=BACKGROUND)
    if alone:
        _ranking(canvas, chart)
    else:
        _Plot(canvas, chart).draw()
        _legend(canvas, chart)
    return canvas.png()


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
        self.top, self.bottom = MARGIN + 64, MARGIN + PLOT
        self.step = (self.right - self.left) / len(chart.bars.starts)

    def height(self, amount: int) -> float:
        """Return how many pixels high an amount of thousandths is."""
        return (self.bottom - self.top) * amount / self.marks[-1]

    def draw(self) -> None:
        """Draw grid, the line of the time before, bars and dates."""
        self._grid()
        if self.chart.usual:
            # Behind the bars: across them it looks like gaps.
            self.canvas.rule(self.left, self.bottom - self.height(self.chart.usual), self.right, INK, width=3)
        for index in range(len(self.chart.bars.starts)):
            self._bar(index)
        self._dates()

    def _grid(self) -> None:
        unit = f"credits a {self.chart.bars.grain}"
        self.canvas.text(MARGIN, MARGIN + 12, unit, SMALL, SOFT, anchor="lm")
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


def _columns(chart: Chart) -> int:
    """Return 2 for members; models' names begin alike, so that all of them must be seen."""
    return 1 if any(isinstance(line.key, str) and line.key for line in chart.bars.lines) else 2


def _rows(chart: Chart) -> int:
    return -(-len(chart.bars.lines) // _columns(chart)) + bool(chart.usual)


def _legend(canvas: Canvas, chart: Chart) -> None:
    """Name the lines in columns, biggest first, with their shares; then the line behind the bars."""
    columns = _columns(chart)
    column = (WIDTH - 2 * MARGIN - GAP * (columns - 1)) / columns
    top = MARGIN + PLOT + AXIS
    for index, (line, color) in enumerate(zip(chart.bars.lines, _palette(chart.bars), strict=True)):
        x = MARGIN + (index % columns) * (column + GAP)
        y = top + (index // columns) * ROW + ROW / 2
        canvas.box((x, y - 15, x + 30, y + 15), color, radius=8)
        _name_and_share(canvas, chart, line, x + 44, x + column, y)
    if chart.usual:
        y = top + _rows(chart) * ROW - ROW / 2
        canvas.rule(MARGIN, y, MARGIN + 30, INK, width=3)
        usual = credits_number(round(chart.usual, -3) or round(chart.usual, -2))
        text = f"about {usual} a {chart.bars.grain} in the time before"
        canvas.text(MARGIN + 44, y, text, SMALL, SOFT, anchor="lm")


def _ranking(canvas: Canvas, chart: Chart) -> None:
    """Draw one bar alone as a list: each line's name and share above its own bar."""
    most = max(line.total for line in chart.bars.lines)
    top = max(MARGIN, (canvas.height - RANK * len(chart.bars.lines)) / 2)
    for index, (line, color) in enumerate(zip(chart.bars.lines, _palette(chart.bars), strict=True)):
        y = top + index * RANK
        _name_and_share(canvas, chart, line, MARGIN, WIDTH - MARGIN, y + 18)
        width = max((WIDTH - 2 * MARGIN) * line.total / most, 12)
        canvas.box((MARGIN, y + 42, MARGIN + width, y + 68), color, radius=6)


def _name_and_share(canvas: Canvas, chart: Chart, line: Line, left: float, right: float, y: float) -> None:
    share = _percent(line.total, sum(each.total for each in chart.bars.lines))
    canvas.text(right, y, share, NORMAL, INK, bold=True, anchor="rm")
    room = right - left - canvas.length(share, NORMAL, bold=True) - 16
    name = drawable(chart.labels.get(line.key, "")) or _unnamed(line.key)
    canvas.text(left, y, canvas.fitted(name, NORMAL, room), NORMAL, INK, anchor="lm")


def _percent(part: int, whole: int) -> str:
    percent = round(100 * part / whole)
    return f"{percent} %" if percent else "<1 %"


def _unnamed(key: int | str) -> str:
    """Return what stands for a name that cannot be drawn: the list below the picture says who it is."""
    return f"Id …{key % 10_000:04d}" if isinstance(key, int) else key or "Everyone else"


def _palette(bars: Bars) -> list[str]:
    return [REST if line.key == "" else COLORS[index % len(COLORS)] for index, line in enumerate(bars.lines)]
