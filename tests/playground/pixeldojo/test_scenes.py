"""Pictures without sources."""

from itertools import pairwise
from random import Random

import pytest
from PIL import Image, ImageStat

from playground.pixeldojo.pictures import scenes, weather
from tests.playground.pixeldojo.conftest import Client
from tests.playground.pixeldojo.test_edits import difference, light

SIZE = (180, 120)


def scene(prompt: str, seed: int = 1, number: int = 0, size: tuple[int, int] = SIZE) -> Image.Image:
    return scenes.scene(size, prompt, Random(seed), number)


@pytest.mark.parametrize(
    ("prompt", "seen"),
    [
        ("a mountain landscape at golden hour", {"mountain", "hills"}),
        ("a sailing boat on the sea", {"sea"}),
        ("city skyline by the river", {"city", "sea"}),
        ("a pine forest", {"forest"}),
        ("camels in the desert", {"desert"}),
        ("a galaxy far away", {"space"}),
        ("a watercolour apple", set()),
    ],
)
def test_words_say_what_is_to_be_seen(prompt: str, seen: set[str]) -> None:
    assert scenes.features(prompt) == seen


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("starry night", "night"),
        ("northern lights at night", "aurora"),
        ("golden hour", "golden"),
        ("a stormy sea", "storm"),
        ("fog at dawn", "dawn"),
        ("winter forest", "winter"),
        ("a sunny day", "day"),
    ],
)
def test_words_say_what_the_light_is(prompt: str, name: str) -> None:
    assert weather.light_for(prompt, Random(1)).name == name


SCENES = [
    "mountains",
    "sea",
    "forest",
    "city",
    "city by the sea",
    "desert",
    "hills",
    "outer space",
    "snow",
    "an apple",
]
SCENES += ["lake with pine trees", "aurora over a mountain lake"]


@pytest.mark.parametrize("prompt", SCENES)
def test_every_scene_is_rich_and_depends_on_the_seed(prompt: str) -> None:
    picture = scene(prompt)
    assert (picture.size, picture.mode) == (SIZE, "RGB")
    assert max(ImageStat.Stat(picture).stddev) > 15
    upright = scene(prompt, seed=2, size=(SIZE[1], SIZE[0]))
    assert upright.size == (SIZE[1], SIZE[0])
    assert difference(upright.resize(SIZE), picture) > 5


@pytest.mark.parametrize("prompt", ["lake with pine trees", "outer space", "an apple"])
def test_a_scene_can_be_painted_again(prompt: str) -> None:
    assert scene(prompt).tobytes() == scene(prompt).tobytes()


def test_night_is_dark_and_day_is_bright() -> None:
    assert light(scene("hills at night")) < 0.5 * light(scene("hills on a sunny day"))


def test_golden_hour_is_warm() -> None:
    red, _, blue = ImageStat.Stat(scene("desert at golden hour")).mean
    assert red > blue + 40


def test_water_mirrors_the_sky() -> None:
    picture = scene("the sea at sunset")
    sky = ImageStat.Stat(picture.crop((0, 45, 180, 64))).mean
    water = ImageStat.Stat(picture.crop((0, 76, 180, 95))).mean
    assert sky[0] > sky[2]
    assert water[0] > water[2]


def test_a_scene_takes_edits_too() -> None:
    assert len({band.tobytes() for band in scene("a forest, black and white").split()}) == 1


def test_what_is_unknown_becomes_another_abstract_each_time() -> None:
    pictures = [scene("an apple", number=number) for number in range(3)]
    assert all(difference(a, b) > 10 for a, b in pairwise(pictures))


async def test_generation_paints_without_sources(client: Client) -> None:
    picture = await client.picture("gpt-image-1-5", prompt="green hills on a sunny day")
    assert (picture.size, picture.format) == ((1024, 1024), "PNG")
    upright = await client.picture("gpt-image-2", prompt="an apple", image_size="1024x1536", quality="low")
    assert upright.size == (1024, 1536)


async def test_generation_can_be_transparent_and_repeated_at_once(client: Client) -> None:
    body = {
        "prompt": "a planet in space",
        "background": "transparent",
        "num_images": 2,
        "output_format": "webp",
    }
    first, second = await client.results("gpt-image-1-5", **body)
    assert first != second
