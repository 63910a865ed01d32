"""Pictures of reports: what can be seen on them, whatever the names are."""

import io
from collections import Counter
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from domain.periods import Span
from domain.reports import Bars, Grain, Line, bar_starts
from ui import charts
from ui.axes import LINES, bar_label, label_step, number, ticks
from ui.canvas import FONTS, Canvas, drawable
from ui.charts import BACKGROUND, COLORS, INK, REST, SOFT, WIDTH, Chart, render

Pixel = tuple[int, int, int]
PHONE = 291
"""Pixels that the picture is wide on a phone of 390 (measured in the playground)."""
DAYS = Span(20_686, 20_716)
LONG = "an exceedingly long name that goes on and on and never comes to any end at all"


def rgb(color: str) -> Pixel:
    red, green, blue = bytes.fromhex(color[1:])
    return red, green, blue


def bars(values: dict[int | str, int], span: Span = DAYS) -> Bars:
    starts = bar_starts(Grain.DAY, span)
    return Bars(
        grain=Grain.DAY,
        starts=starts,
        lines=[Line(key, [value] * len(starts)) for key, value in values.items()],
    )


def chart(shown: Bars, labels: dict[int | str, str] | None = None, usual: int | None = None) -> Chart:
    return Chart(
        bars=shown,
        labels=labels or {},
        usual=usual,
    )


def drawn(one: Chart) -> Image.Image:
    picture = Image.open(io.BytesIO(render(one)))
    assert (picture.format, picture.mode, picture.width) == ("PNG", "RGB", WIDTH)
    return picture


def counted(picture: Image.Image, box: tuple[int, int, int, int] | None = None) -> Counter[Pixel]:
    part = picture.crop(box) if box else picture
    return Counter({color: count for count, color in part.getcolors(1 << 24)})  # type: ignore[misc]


def test_each_line_takes_as_much_of_the_plot_as_it_was_charged() -> None:
    picture = drawn(chart(bars({1: 40_000, 2: 20_000, 3: 10_000, "": 30_000})))
    plot = (110, charts.MARGIN + 60, WIDTH, charts.MARGIN + charts.PLOT)
    pixels = counted(picture, plot)
    shares = [pixels[rgb(color)] for color in (*COLORS[:3], REST)]
    assert [round(10 * share / sum(shares)) for share in shares] == [4, 2, 1, 3]


@pytest.mark.parametrize("members", [1, 2, 6])
def test_no_chart_is_so_flat_that_discord_would_crop_it(members: int) -> None:
    """It shows nothing of a single picture beyond 3.2 times its height."""
    shown = bars(dict.fromkeys(range(members), 1000), Span(20_686, 20_687))
    assert len(shown.starts) == 1
    picture = drawn(chart(shown, {0: "Ann"}))
    assert picture.width <= 3.1 * picture.height
    ink = picture.convert("L").point(lambda value: 255 if value > 60 else 0).getbbox()
    assert ink is not None
    assert abs(ink[1] - (picture.height - ink[3])) < 48


def test_bars_stand_in_the_order_of_time() -> None:
    starts = bar_starts(Grain.DAY, DAYS)
    growing = Bars(grain=Grain.DAY, starts=starts, lines=[Line(1, [1_000 * n for n in range(1, 31)])])
    picture = drawn(chart(growing))
    half = (110 + WIDTH) // 2
    left = counted(picture, (110, 100, half, 600))[rgb(COLORS[0])]
    right = counted(picture, (half, 100, WIDTH, 600))[rgb(COLORS[0])]
    assert right > 2 * left > 0


@pytest.mark.parametrize("name", [LONG, LONG.upper(), "\u202e" + LONG, "W" * 500, "שלום " * 60])
def test_a_long_name_stays_in_its_column(name: str) -> None:
    shown = bars({1: 40_000, 2: 20_000})
    plain, hostile = drawn(chart(shown, {1: "A", 2: "B"})), drawn(chart(shown, {1: name, 2: "B"}))
    assert hostile.size == plain.size
    top = charts.MARGIN + charts.PLOT + charts.AXIS
    beyond = (WIDTH // 2 - 90, top, WIDTH, plain.height)
    assert hostile.crop(beyond).tobytes() == plain.crop(beyond).tobytes()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann", "Ann"),
        ("  Ann \n of\tGreen ", "Ann of Green"),
        ("José Ñandú", "José Ñandú"),
        ("Бен Γιώργος שלום محمد", "Бен Γιώργος שלום محمد"),
        ("\U0001d4d5\U0001d4ea\U0001d4f7\U0001d4ec\U0001d502 \U0001d427", "Fancy n"),
        ("🔥Ann🔥", "Ann"),
        ("🔥🔥", ""),
        ("山田太郎", ""),
        ("Z̷̧͓a̸l̵g̶o̴", "Zalgo"),
        ("\u202eevil\u202c", "evil"),
        ("\u200b\u2029\x00\x85", ""),
    ],
)
def test_a_name_is_drawn_as_far_as_the_fonts_go(name: str, shown: str) -> None:
    assert drawable(name) == shown


def test_a_name_that_cannot_be_drawn_is_told_by_the_end_of_its_id() -> None:
    shown = bars({123_456_789: 1_000})
    nameless = drawn(chart(shown))
    assert drawn(chart(shown, {123_456_789: "🔥"})).tobytes() == nameless.tobytes()
    assert drawn(chart(bars({987_654_321: 1_000}))).tobytes() != nameless.tobytes()


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=60))
def test_no_name_can_break_the_drawing(name: str) -> None:
    canvas = Canvas(400, 60, background=BACKGROUND)
    shown = canvas.fitted(drawable(name), 30, 200)
    canvas.text(0, 30, shown, 30, INK, anchor="lm")
    assert canvas.length(shown, 30) <= 200


def test_one_bar_alone_is_a_ranking() -> None:
    picture = drawn(chart(bars({1: 40_000, 2: 20_000, "": 10_000}, Span(20_715, 20_716))))
    pixels = counted(picture)
    widths = [pixels[rgb(color)] for color in (*COLORS[:2], REST)]
    assert widths[0] > 1.8 * widths[1] > 3 * widths[2] > 0


def test_the_time_before_is_a_line_behind_the_bars_that_the_legend_names() -> None:
    shown = bars({1: 40_000})
    plot = (110, charts.MARGIN, WIDTH, charts.MARGIN + charts.PLOT)
    without, lined = drawn(chart(shown)), drawn(chart(shown, usual=20_000))
    assert lined.height == without.height + charts.ROW
    assert counted(lined)[rgb(INK)] > counted(without)[rgb(INK)] + 100
    assert counted(lined, plot)[rgb(COLORS[0])] == counted(without, plot)[rgb(COLORS[0])]


def test_a_phone_shows_no_text_below_eleven_pixels() -> None:
    assert min(charts.SMALL, charts.NORMAL) * PHONE / WIDTH >= 11


def test_names_of_models_are_not_cut_where_they_differ() -> None:
    one, other = (
        drawn(chart(bars({"gpt-image-1-5-edit": 2_000, f"gpt-image-1-5-edit-{last}": 1_000})))
        for last in "ab"
    )
    assert one.tobytes() != other.tobytes()


def test_a_usual_bar_above_all_others_still_fits() -> None:
    picture = drawn(chart(bars({1: 1_000}), usual=90_000))
    white = [y for y in range(600) if picture.getpixel((400, y)) == rgb(INK)]
    assert white
    assert min(white) > charts.MARGIN + 60


@given(st.integers(0, 10**15))
def test_ticks_are_few_round_and_reach_the_top(most: int) -> None:
    marks = ticks(most)
    assert marks[0] == 0
    assert marks[-1] >= most
    assert 2 <= len(marks) <= LINES + 1
    assert str(marks[1]).rstrip("0") in {"1", "2", "5"}
    assert {later - earlier for earlier, later in pairwise(marks)} == {marks[1]}


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0"),
        (2_500, "2.5"),
        (250_000, "250"),
        (9_000_000, "9000"),
        (12_000_000, "12k"),
        (1_500_000_000, "1.5M"),
    ],
)
def test_amounts_on_the_axis_are_short(amount: int, text: str) -> None:
    assert number(amount) == text


def test_bars_are_labelled_by_what_they_stand_for() -> None:
    assert [bar_label(grain, 20_697) for grain in Grain] == ["1 Sep", "Sep 2026", "2026"]


@pytest.mark.parametrize(("bars_count", "step"), [(7, 1), (31, 5), (36, 6)])
def test_labels_keep_apart(bars_count: int, step: int) -> None:
    assert label_step(bars_count, 1_050 / bars_count, 110) == step


# Colours


def linear(color: str) -> list[float]:
    parts = [part / 255 for part in rgb(color)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def luminance(parts: list[float]) -> float:
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.1, 1.4.3."""
    dark, light = sorted((luminance(linear(one)), luminance(linear(other))))
    return (light + 0.05) / (dark + 0.05)


SEEN = {
    # Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
    "with all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "without red cones": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "without green cones": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.01182, 0.04294, 0.968881),
    ),
    "without blue cones": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.3039),
    ),
}


def lab(parts: list[float]) -> list[float]:
    """CIE Lab (D65) of linear RGB."""
    matrix = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    xyz = [
        sum(a * b for a, b in zip(row, parts, strict=True)) / w for row, w in zip(matrix, white, strict=True)
    ]
    x, y, z = [max(part, 0) ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in xyz]
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


@pytest.mark.parametrize("eyes", list(SEEN))
def test_any_two_colours_can_be_told_apart(eyes: str) -> None:
    def seen(color: str) -> list[float]:
        parts = linear(color)
        return lab([sum(a * b for a, b in zip(row, parts, strict=True)) for row in SEEN[eyes]])

    for one, other in combinations([*COLORS, REST, BACKGROUND], 2):
        distance = sum((a - b) ** 2 for a, b in zip(seen(one), seen(other), strict=True)) ** 0.5
        assert distance >= 25, (one, other, distance)


def test_text_stands_out_from_its_background() -> None:
    assert contrast(INK, BACKGROUND) > 7
    assert contrast(SOFT, BACKGROUND) > 7


def test_the_fonts_are_carried_along_with_their_licence() -> None:
    assert {path.name for path in FONTS.iterdir()} >= {
        "DejaVuSansCondensed.ttf",
        "DejaVuSansCondensed-Bold.ttf",
        "LICENSE",
    }
