from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from domain.errors import Reason, Refusal
from pictures.inspect import inspect
from pictures.layout import Tile, layout
from pictures.sheet import MAX_SHEET_BYTES, sheet

from .material import encoded, noisy_photo, oriented, photo, with_alpha

Thumbnails = Callable[..., list[Path]]
SHAPES = [(160, 120), (90, 160), (240, 80), (102, 102), (153, 102), (102, 153), (60, 60), (300, 40)]
NAMES = ["coffee", "astronaut", "galaxies", "cat", "rocket", "cat", "astronaut", "coffee"]


@pytest.fixture
def thumbnails(tmp_path: Path) -> Thumbnails:
    """Inspect pictures, as PNGs, and return the thumbnails that makes."""

    def make(*pictures: Image.Image, **options: object) -> list[Path]:
        made = [tmp_path / f"thumbnail-{at}" for at in range(len(pictures))]
        for picture, path in zip(pictures, made, strict=True):
            source = path.with_suffix(".source")
            source.write_bytes(encoded(picture, "PNG", **options))
            inspect(source, thumbnail=path)
        return made

    return make


def opened(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")


def inside(sheet_picture: Image.Image, tile: Tile) -> Image.Image:
    """A tile's picture without its corners and without its number."""
    return sheet_picture.crop(
        (tile.left + 80, tile.top + 80, tile.left + tile.width - 20, tile.top + tile.height - 20)
    )


def mean(picture: Image.Image) -> tuple[int, ...]:
    return tuple(round(value) for value in ImageStat.Stat(picture).mean)


@pytest.mark.parametrize("count", range(1, 9))
def test_a_sheet_of_any_number_of_shapes_is_one_jpeg_within_its_limits(
    thumbnails: Thumbnails, tmp_path: Path, count: int
) -> None:
    pictures = [photo(name, size) for name, size in zip(NAMES, SHAPES, strict=True)][:count]
    found = sheet(thumbnails(*pictures), tmp_path / "sheet")
    with Image.open(tmp_path / "sheet") as made:
        assert made.format == "JPEG"
        assert made.size == (found.width, found.height)
    assert found.media_type == "image/jpeg"
    assert found.width <= 1_600
    assert found.size == (tmp_path / "sheet").stat().st_size <= MAX_SHEET_BYTES
    assert inspect(tmp_path / "sheet") == found


def test_the_pictures_stand_in_their_order(thumbnails: Thumbnails, tmp_path: Path) -> None:
    colours = [(200, 20, 20), (20, 200, 20), (20, 20, 200), (200, 200, 20), (20, 200, 200)]
    sheet(thumbnails(*(Image.new("RGB", (400, 300), colour) for colour in colours)), tmp_path / "sheet")
    made = opened(tmp_path / "sheet")
    for colour, tile in zip(colours, layout([(400, 300)] * 5).tiles, strict=True):
        assert mean(inside(made, tile)) == pytest.approx(colour, abs=4)


def test_every_picture_carries_its_own_number_and_a_lone_one_none(
    thumbnails: Thumbnails, tmp_path: Path
) -> None:
    grey = Image.new("RGB", (400, 300), (120, 120, 120))
    sheet(thumbnails(*[grey] * 8), tmp_path / "sheet")
    made = opened(tmp_path / "sheet")
    corners = [(tile.left, tile.top) for tile in layout([grey.size] * 8).tiles]
    labels = [made.crop((left, top, left + 80, top + 80)) for left, top in corners]
    for at, label in enumerate(labels):
        assert label.convert("L").getextrema()[1] > 240, "white ink"
        for other in labels[:at]:
            assert ImageStat.Stat(ImageChops.difference(label, other)).rms[0] > 5
    sheet(thumbnails(grey), tmp_path / "lone")
    assert opened(tmp_path / "lone").convert("L").getextrema()[1] < 150


def test_the_same_pictures_make_the_same_bytes(thumbnails: Thumbnails, tmp_path: Path) -> None:
    made = thumbnails(photo("cat"), photo("coffee"), with_alpha(photo("rocket")))
    assert sheet(made, tmp_path / "one") == sheet(made, tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_sheet_of_the_grainiest_pictures_keeps_its_limit(thumbnails: Thumbnails, tmp_path: Path) -> None:
    grain = thumbnails(noisy_photo("galaxies", (600, 400), sigma=90)) * 8
    assert sheet(grain, tmp_path / "sheet").size <= MAX_SHEET_BYTES


def test_clear_parts_show_a_checker_and_not_black(thumbnails: Thumbnails, tmp_path: Path) -> None:
    sheet(thumbnails(Image.new("RGBA", (400, 300))), tmp_path / "sheet")
    made = opened(tmp_path / "sheet")
    (tile,) = layout([(400, 300)]).tiles
    low, high = inside(made, tile).convert("L").getextrema()
    assert low > 90
    assert high - low > 15


def test_a_picture_taken_sideways_stands_upright(thumbnails: Thumbnails, tmp_path: Path) -> None:
    upright, other = photo("astronaut", (90, 160)), photo("cat", (90, 160))
    sheet(thumbnails(upright, other), tmp_path / "upright")
    sideways = thumbnails(upright.rotate(90, expand=True), other.rotate(90, expand=True), exif=oriented(6))
    sheet(sideways, tmp_path / "sideways")
    assert (tmp_path / "upright").read_bytes() == (tmp_path / "sideways").read_bytes()


def test_sources_themselves_can_stand_on_a_sheet(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(encoded(photo(size=(2000, 1500)), "JPEG"))
    found = sheet([source, source], tmp_path / "sheet")
    assert found.width == 1200


@pytest.mark.parametrize("count", [0, 9])
def test_a_sheet_of_none_or_nine_is_a_mistake_of_ours(tmp_path: Path, count: int) -> None:
    with pytest.raises(ValueError, match="1 to 8"):
        sheet([tmp_path] * count, tmp_path / "sheet")


def test_a_picture_that_was_damaged_since_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(encoded(photo(), "JPEG")[:2000])
    with pytest.raises(Refusal) as caught:
        sheet([source], tmp_path / "sheet")
    assert caught.value.reason is Reason.TRUNCATED


def teeth(made: Image.Image, tile: Tile, *, edge: str) -> bool:
    """Whether the paper shows along an edge of a tile, tooth by tooth."""
    paper, middle = (38, 40, 45), range(40, 160)
    if edge == "bottom":
        seen = [made.getpixel((tile.left + at, tile.top + tile.height - 4)) for at in middle]
    else:
        seen = [made.getpixel((tile.left + tile.width - 4, tile.top + at)) for at in middle]
    dark = [max(abs(a - b) for a, b in zip(each, paper, strict=True)) < 25 for each in seen]
    return any(dark) and not all(dark)


@pytest.mark.parametrize("size", [(1170, 2532), (1080, 2400)], ids=["9 to 19.5", "9 to 20"])
def test_a_telephones_screen_is_whole(thumbnails: Thumbnails, tmp_path: Path, size: tuple[int, int]) -> None:
    screen = Image.new("RGB", (size[0] // 4, size[1] // 4), (90, 160, 90))
    screen.paste((220, 40, 40), (0, 0, screen.width, 20))
    screen.paste((40, 40, 220), (0, screen.height - 20, screen.width, screen.height))
    sheet(thumbnails(screen, screen), tmp_path / "sheet")
    made = opened(tmp_path / "sheet")
    for tile in layout([screen.size] * 2).tiles:
        assert tile.width / tile.height == pytest.approx(screen.width / screen.height, rel=0.02)
        middle = tile.left + tile.width // 2
        assert made.getpixel((middle, tile.top + 6))[0] > 180, "its top is there"
        assert made.getpixel((middle, tile.top + tile.height - 6))[2] > 180, "and its end"
        assert not teeth(made, tile, edge="bottom")


@pytest.mark.parametrize(("size", "edge"), [((300, 2_000), "bottom"), ((2_000, 200), "right")])
def test_a_very_long_picture_shows_that_it_goes_on(
    thumbnails: Thumbnails, tmp_path: Path, size: tuple[int, int], edge: str
) -> None:
    long, other = Image.new("RGB", size, (220, 220, 220)), Image.new("RGB", (400, 300), (220, 220, 220))
    sheet(thumbnails(long, other), tmp_path / "sheet")
    made = opened(tmp_path / "sheet")
    first, second = layout([size, other.size]).tiles
    assert teeth(made, first, edge=edge)
    assert not teeth(made, second, edge=edge)
    assert min(first.width, first.height) > 90, "wide enough to be read"
