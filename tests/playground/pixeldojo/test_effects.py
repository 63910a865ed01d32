"""What a prompt names is done, measured on the pixels of a real photograph."""

from collections.abc import Callable
from random import Random

import pytest
from PIL import Image, ImageOps

from playground.pixeldojo.pictures import effects
from tests.playground.pixeldojo.measures import colourfulness, detail, difference, light, mean

Measure = Callable[[Image.Image, Image.Image], bool]


def corner(image: Image.Image) -> Image.Image:
    return image.crop((0, 0, 8, 8))


def warmth(image: Image.Image) -> float:
    red, _, blue = mean(image)
    return red - blue


def colours(image: Image.Image) -> int:
    return len(image.getcolors(1 << 24) or ())


CLAIMS: dict[str, Measure] = {
    "mirror it": lambda old, new: difference(new, ImageOps.mirror(old)) == 0,
    "turn it upside down": lambda old, new: difference(new, ImageOps.flip(old)) == 0,
    "blur the background": lambda old, new: detail(new) < 0.5 * detail(old),
    "Sharpen": lambda old, new: detail(new) > 1.3 * detail(old),
    "make it brighter": lambda old, new: light(new) > light(old) + 20,
    "darker, please": lambda old, new: light(new) < light(old) - 20,
    "vivid": lambda old, new: colourfulness(new) > 1.3 * colourfulness(old),
    "at night": lambda old, new: light(new) < 0.5 * light(old) and warmth(new) < 0,
    "at golden hour": lambda old, new: warmth(new) > warmth(old) + 10,
    "under a clear sky": lambda old, new: warmth(corner(new)) < warmth(corner(old)) - 15,
    "in a forest": lambda old, new: mean(new)[1] - mean(new)[0] > mean(old)[1] - mean(old)[0] + 10,
    "a winter morning": lambda old, new: warmth(new) < warmth(old) - 15 and light(new) > light(old),
    "as a watercolour painting": lambda old, new: light(new) > light(old) and 5 < difference(old, new) < 60,
    "an oil painting": lambda old, new: (
        colourfulness(new) > 1.2 * colourfulness(old) and detail(new) < 1.1 * detail(old)
    ),
    "as a pencil sketch": lambda _, new: colourfulness(new) < 40 and light(new) > 150,
    "neon lights": lambda old, new: light(new) < 0.75 * light(old),
    "pop art": lambda old, new: colourfulness(new) > colourfulness(old) and difference(old, new) > 8,
    "solarize it": lambda old, new: difference(old, new) > 20,
    "invert the colours": lambda old, new: difference(new, ImageOps.invert(old)) == 0,
    "Make it black and white": lambda _, new: len({band.tobytes() for band in new.split()}) == 1,
    "a B&W photo": lambda _, new: colourfulness(new) == 0,
    "in sepia": lambda _, new: mean(new)[0] > mean(new)[1] + 12 > mean(new)[2] + 30,
    "vintage": lambda old, new: light(corner(new)) < light(corner(old)) and difference(old, new) > 10,
    "pixel art, 8-bit": lambda _, new: colours(new) <= 32,
    "dreamy": lambda old, new: light(new) > light(old) + 5,
    "with a vignette": lambda old, new: light(corner(new)) < 0.6 * light(corner(old)),
    "a red one": lambda old, new: warmth(new) > warmth(old) + 30,
    "paint it blue": lambda old, new: warmth(new) < warmth(old) - 30,
}


@pytest.mark.parametrize("prompt", CLAIMS)
def test_what_a_prompt_names_is_done(prompt: str, cat: Image.Image) -> None:
    changed = done(prompt, cat)
    assert (changed.size, changed.mode) == (cat.size, "RGB")
    assert CLAIMS[prompt](cat, changed)


def done(prompt: str, image: Image.Image) -> Image.Image:
    named = effects.named(prompt)
    assert named
    for effect in named:
        image = effect(image, Random(1))
    return image


@pytest.mark.parametrize("prompt", CLAIMS)
@pytest.mark.parametrize("size", [(64, 64), (64, 500)])
def test_an_effect_bears_odd_shapes(prompt: str, size: tuple[int, int], cat: Image.Image) -> None:
    assert done(prompt, cat.resize(size)).size == size


@pytest.mark.parametrize(
    "prompt", ["sunglasses on the cat", "unmirrored reframing of a coldplay gig", "bored"]
)
def test_part_of_a_word_names_nothing(prompt: str) -> None:
    assert effects.named(prompt) == []


def test_effects_combine_in_a_fixed_order(cat: Image.Image) -> None:
    combined = done("mirror, black and white", cat)
    assert colourfulness(combined) == 0
    assert combined.tobytes() == done("black and white, then mirror", cat).tobytes()


@pytest.mark.parametrize("number", range(len(effects.LOOKS)))
def test_every_look_for_what_names_nothing_is_another(number: int, cat: Image.Image) -> None:
    looks = [look(cat, Random(1)) for look in effects.LOOKS]
    assert all(difference(looks[number], other) > 4 for other in (cat, *looks[:number]))
