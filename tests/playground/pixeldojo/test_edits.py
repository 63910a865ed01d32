"""Each named edit does what its name says, measured on the pixels of a real photograph."""

from collections.abc import Callable
from random import Random

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageOps, ImageStat

from playground.pixeldojo.pictures import edits, geometry, lettering, styles

Measure = Callable[[Image.Image, Image.Image], bool]


def mean(image: Image.Image) -> list[float]:
    return ImageStat.Stat(image).mean


def light(image: Image.Image) -> float:
    return mean(ImageOps.grayscale(image))[0]


def colourfulness(image: Image.Image) -> float:
    return mean(image.convert("HSV"))[1]


def detail(image: Image.Image) -> float:
    return mean(ImageOps.grayscale(image).filter(ImageFilter.FIND_EDGES))[0]


def difference(first: Image.Image, second: Image.Image) -> float:
    return sum(mean(ImageChops.difference(first, second))) / 3


def contrast(image: Image.Image) -> float:
    return detail(image) / light(image)


def colours(image: Image.Image) -> int:
    return len(image.getcolors(1 << 24) or ())


def middle(image: Image.Image) -> Image.Image:
    width, height = image.size
    return image.crop((width * 2 // 5, height * 2 // 5, width * 3 // 5, height * 3 // 5))


def corner(image: Image.Image) -> Image.Image:
    return image.crop((0, 0, 8, 8))


CLAIMS: dict[str, Measure] = {
    "mirror": lambda old, new: difference(new, ImageOps.mirror(old)) == 0,
    "flip": lambda old, new: difference(new, ImageOps.flip(old)) == 0,
    "rotate": lambda old, new: light(corner(new)) < light(corner(old)) and difference(old, new) > 20,
    "blur": lambda old, new: detail(new) < 0.4 * detail(old),
    "sharpen": lambda old, new: detail(new) > 1.4 * detail(old),
    "brighter": lambda old, new: light(new) > light(old) + 25,
    "darker": lambda old, new: light(new) < light(old) - 25,
    "vivid": lambda old, new: colourfulness(new) > 1.15 * colourfulness(old),
    "night": lambda old, new: light(new) < 0.5 * light(old) and mean(new)[2] > mean(new)[0],
    "golden_hour": lambda old, new: mean(new)[0] - mean(new)[2] > mean(old)[0] - mean(old)[2] + 15,
    "painting": lambda old, new: detail(new) < 1.1 * detail(old) and 4 < difference(old, new) < 60,
    "cartoon": lambda old, new: colourfulness(new) > colourfulness(old) and difference(old, new) > 8,
    "sketch": lambda _, new: colourfulness(new) < 40 and light(new) > 150,
    "neon": lambda old, new: light(new) < 0.75 * light(old) and contrast(new) > 1.2 * contrast(old),
    "posterize": lambda _, new: colours(new) <= 64,
    "emboss": lambda old, new: colourfulness(new) < 0.5 * colourfulness(old),
    "solarize": lambda old, new: difference(old, new) > 25,
    "invert": lambda old, new: difference(new, ImageOps.invert(old)) == 0,
    "black_and_white": lambda _, new: len({band.tobytes() for band in new.split()}) == 1,
    "sepia": lambda _, new: mean(new)[0] > mean(new)[1] + 12 > mean(new)[2] + 30,
    "vintage": lambda _, new: min(low for low, _ in new.filter(ImageFilter.BoxBlur(4)).getextrema()) >= 12,
    "winter": lambda old, new: mean(new)[2] - mean(new)[0] > mean(old)[2] - mean(old)[0] + 15,
    "pixelate": lambda _, new: colours(new) <= 40 and has_square_cells(new),
    "glow": lambda old, new: light(new) > light(old) + 5 and detail(new) < detail(old),
    "vignette": lambda old, new: light(corner(new)) < 0.4 * light(corner(old))
    and difference(middle(old), middle(new)) < 2,
    "polaroid": lambda _, new: most_common(new)[0] >= 240 and difference(corner(new), middle(new)) > 20,
    "frame": lambda old, new: ImageStat.Stat(corner(new)).stddev[0] < 25 and difference(old, new) > 25,
}  # fmt: skip


def most_common(image: Image.Image) -> tuple[int, ...]:
    found = max(image.getcolors(1 << 24) or (), key=lambda entry: entry[0])[1]
    assert isinstance(found, tuple)
    return found


def has_square_cells(image: Image.Image) -> bool:
    """Neighbours are equal far more often than in a photograph."""
    shifted = ImageChops.difference(image, ImageChops.offset(image, 1, 0)).convert("L")
    return shifted.histogram()[0] > 0.7 * image.width * image.height


def test_every_edit_has_a_claim() -> None:
    assert {edit.name for edit in edits.EDITS} == set(CLAIMS)


@pytest.mark.parametrize("edit", edits.EDITS, ids=lambda edit: edit.name)
def test_an_edit_does_what_its_name_says(edit: edits.Edit, cat: Image.Image) -> None:
    changed = edit.apply(cat, Random(1), "")
    assert (changed.size, changed.mode) == (cat.size, "RGB")
    assert CLAIMS[edit.name](cat, changed)


@pytest.mark.parametrize("edit", edits.EDITS, ids=lambda edit: edit.name)
@pytest.mark.parametrize("size", [(64, 64), (64, 500)])
def test_an_edit_bears_odd_shapes(edit: edits.Edit, size: tuple[int, int], cat: Image.Image) -> None:
    assert edit.apply(cat.resize(size), Random(1), "").size == size


WORDS = {
    "Make it black and white": ["black_and_white"],
    "a B&W photo": ["black_and_white"],
    "MIRROR it and blur the background": ["mirror", "blur"],
    "flip horizontally": ["mirror"],
    "turn it upside down": ["flip"],
    "rotate 30 degrees": ["rotate"],
    "as a pencil sketch": ["sketch"],
    "pixel art, 8-bit": ["pixelate"],
    "posterized pop art": ["posterize"],
    "vintage film with a vignette": ["vintage", "vignette"],
    "at golden hour": ["golden_hour"],
    "a snowy winter night": ["night", "winter"],
    "invert the colours": ["invert"],
    "framed on a wall": ["frame"],
    "as a watercolour painting": ["painting"],
    "sunglasses on the cat": [],
    "unmirrored reframing of a coldplay poster": ["posterize"],
}


@pytest.mark.parametrize("prompt", WORDS)
def test_words_name_edits(prompt: str) -> None:
    assert [edit.name for edit in edits.named_edits(prompt)] == WORDS[prompt]


@pytest.mark.parametrize(
    ("prompt", "angle"),
    [
        ("rotate", 90),
        ("rotate left", 270),
        ("rotate it by 45 degrees", 45),
        ("rotate -30", 330),
        ("rotated 20 degrees counterclockwise", 340),
        ("rotate by half a turn", 180),
        ("rotate 360", 0),
    ],
)
def test_a_prompt_says_how_far_to_turn(prompt: str, angle: int) -> None:
    assert geometry.angle_of(prompt) == angle


def test_edits_combine_in_a_fixed_order(cat: Image.Image) -> None:
    combined = edits.apply_edits(cat, edits.named_edits("mirror, black and white"), "", Random(1))
    assert colourfulness(combined) == 0
    other = edits.apply_edits(cat, edits.named_edits("black and white, then mirror"), "", Random(1))
    assert combined.tobytes() == other.tobytes()


@pytest.mark.parametrize("number", range(len(styles.STYLES)))
def test_without_a_named_edit_each_result_gets_another_look(number: int, cat: Image.Image) -> None:
    look = styles.stylise(cat, "put a hat on it", Random(1), number)
    assert difference(look, cat) > 4
    following = styles.stylise(cat, "put a hat on it", Random(1), number + 1)
    assert difference(look, following) > 4


def test_the_prompt_is_stamped_in_white_at_the_foot(cat: Image.Image) -> None:
    stamped = lettering.stamp(cat, "Put a hat on it")
    foot = stamped.crop((0, cat.height * 3 // 4, cat.width, cat.height))
    white = sum(ImageOps.grayscale(foot).histogram()[245:])
    assert white > 200
    assert light(foot) < 0.6 * light(cat)
    assert (
        stamped.crop((0, 0, cat.width, cat.height // 2)).tobytes()
        == cat.crop((0, 0, cat.width, cat.height // 2)).tobytes()
    )
    assert stamped.tobytes() != lettering.stamp(cat, "Put a cap on it").tobytes()


@pytest.mark.parametrize(
    "text", ["x" * 500, "word " * 200, "кот в шляпе", "猫", "\u202egnol\n\ttext\x00", "🐈"]
)
@pytest.mark.parametrize("size", [(64, 64), (1536, 300)])
def test_any_prompt_can_be_stamped_on_any_size(text: str, size: tuple[int, int], cat: Image.Image) -> None:
    plain = cat.resize(size)
    assert difference(lettering.stamp(plain, text), plain) > 0


def test_lines_never_are_wider_than_the_picture() -> None:
    font = lettering.font_for("x", 20)
    lines = lettering.wrapped("antidisestablishmentarianism is a long word " + "W" * 60, font, 200)
    assert max(font.getlength(line) for line in lines) <= 200
    assert "".join(lines).replace(" ", "").count("W") == 60


def test_a_long_prompt_is_shortened_with_an_ellipsis() -> None:
    text = lettering.shortened("a  b\n" * 200)
    assert text.startswith("a b a b")
    assert len(text) <= 240
    assert text.endswith("…")
    assert lettering.shortened("short") == "short"
