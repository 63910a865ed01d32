"""Several sources become one picture in which each can be found."""

from random import Random

import pytest
from PIL import Image, ImageChops

from playground.pixeldojo.pictures import composition
from tests.playground.pixeldojo.conftest import SAMPLES

HUES = [
    (220, 30, 30),
    (30, 200, 30),
    (30, 60, 230),
    (230, 220, 20),
    (220, 30, 220),
    (20, 220, 220),
    (250, 140, 10),
]
HUES.append((120, 20, 200))
LAYOUTS = {
    "a collage": composition.mosaic,
    "put them together": composition.mosaic,
    "as a film strip": composition.film_strip,
    "on a contact sheet": composition.film_strip,
    "scrapbook of our travels": composition.scattered,
    "as polaroids": composition.scattered,
    "side by side": composition.side_by_side,
    "a double exposure": composition.double_exposure,
    "blend the two": composition.double_exposure,
}


def plain(number: int) -> Image.Image:
    shapes = ((300, 200), (200, 300), (250, 250))
    return Image.new("RGB", shapes[number % 3], HUES[number])


def share_of(picture: Image.Image, hue: tuple[int, int, int]) -> float:
    """Return the part of a picture that has about this colour."""
    near = Image.new("L", picture.size, 255)
    for band, wanted in zip(picture.split(), hue, strict=True):
        close = band.point([255 if abs(level - wanted) < 25 else 0 for level in range(256)])
        near = ImageChops.multiply(near, close)
    return near.histogram()[255] / (picture.width * picture.height)


@pytest.mark.parametrize("prompt", LAYOUTS)
def test_words_choose_the_layout(prompt: str) -> None:
    assert composition.layout_for(prompt) is LAYOUTS[prompt]


@pytest.mark.parametrize(
    "layout", [composition.mosaic, composition.side_by_side, composition.film_strip, composition.scattered]
)
@pytest.mark.parametrize("count", [2, 3, 5, 8])
@pytest.mark.parametrize("size", [(450, 300), (300, 450)])
def test_every_source_has_its_place(layout: composition.Layout, count: int, size: tuple[int, int]) -> None:
    picture = layout([plain(number) for number in range(count)], size, Random(1))
    assert picture.size == size
    shares = [share_of(picture, hue) for hue in HUES[:count]]
    assert min(shares) > 0.18 / count
    assert max(shares) < 5 * min(shares)
    assert [share_of(picture, hue) for hue in HUES[count:]] == [0.0] * (8 - count)


def test_sources_come_in_their_order() -> None:
    picture = composition.mosaic([plain(0), plain(1), plain(2)], (600, 200), Random(1))
    across = [next(x for x in range(600) if picture.getpixel((x, 100)) == hue) for hue in HUES[:3]]
    assert across == sorted(across)


def test_a_double_exposure_shows_both_everywhere() -> None:
    with Image.open(SAMPLES / "astronaut.jpg") as first, Image.open(SAMPLES / "galaxies.jpg") as second:
        sources = [first.convert("RGB"), second.convert("RGB")]
    both = composition.compose(sources, (300, 300), "double exposure", Random(1))
    swapped = composition.compose(
        [sources[0], Image.new("RGB", (300, 300))], (300, 300), "double exposure", Random(1)
    )
    assert both.tobytes() != swapped.tobytes()


def test_one_source_simply_fills_the_picture() -> None:
    picture = composition.compose([plain(1)], (300, 300), "as a film strip", Random(1))
    assert picture.getcolors() == [(90_000, HUES[1])]
