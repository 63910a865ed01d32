"""Size, quality, fidelity, background, count and format, through the API and measured on the results."""

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageOps

from playground.pixeldojo.pictures import artist
from playground.pixeldojo.pictures.artist import Order
from tests.playground.pixeldojo.conftest import Client, Sources, opened
from tests.playground.pixeldojo.measures import colourfulness, detail, difference, light, mean, share_of

BODY = {"prompt": "vivid"}


async def edited(client: Client, sources: Sources, name: str = "cat.jpg", **body: object) -> Image.Image:
    return await client.picture(**BODY | {"image_urls": [sources.url(name)]} | body)


async def test_auto_has_the_size_of_the_first_source(client: Client, sources: Sources) -> None:
    assert (await edited(client, sources)).size == (451, 300)
    urls = [sources.url("astronaut.jpg"), sources.url("cat.jpg")]
    assert (await edited(client, sources, image_urls=urls)).size == (512, 512)


@pytest.mark.parametrize("size", [(1024, 1024), (1536, 1024), (1024, 1536)])
async def test_a_named_size_is_kept_to(client: Client, sources: Sources, size: tuple[int, int]) -> None:
    picture = await edited(client, sources, image_size=f"{size[0]}x{size[1]}")
    assert picture.size == size


def test_the_natural_size_has_bounds() -> None:
    assert artist.natural_size((451, 300)) == (451, 300)
    assert artist.natural_size((4000, 3000)) == (1536, 1152)
    assert artist.natural_size((20, 10)) == (128, 64)
    assert artist.natural_size((9000, 10)) == (1536, 64)
    assert artist.natural_size((1, 1)) == (64, 64)


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
async def test_a_result_has_the_format_that_was_asked_for(
    client: Client, sources: Sources, output_format: str
) -> None:
    picture = await edited(client, sources, output_format=output_format)
    assert picture.format == output_format.upper()


async def test_quality_is_visible_as_detail(client: Client, sources: Sources) -> None:
    high, medium, low = [
        await edited(client, sources, quality=quality) for quality in ("high", "medium", "low")
    ]
    assert detail(low) < 0.6 * detail(medium) < 0.5 * detail(high)
    assert (await edited(client, sources)).tobytes() == high.tobytes()


async def test_low_fidelity_keeps_the_rough_forms_only(client: Client, sources: Sources) -> None:
    high, low = [await edited(client, sources, input_fidelity=fidelity) for fidelity in ("high", "low")]
    assert 5 < difference(high, low) < 80
    few = low.quantize(20).convert("RGB")
    assert difference(low, few) < difference(high, high.quantize(20).convert("RGB"))


@pytest.mark.parametrize("output_format", ["png", "webp"])
async def test_transparent_leaves_nothing_around_the_subject(
    client: Client, sources: Sources, output_format: str
) -> None:
    picture = await edited(client, sources, background="transparent", output_format=output_format)
    assert picture.mode == "RGBA"
    alpha = picture.getchannel("A")
    assert alpha.getpixel((0, 0)) == alpha.getpixel((450, 299)) == 0
    assert alpha.getpixel((225, 150)) == 255
    assert 0.6 < sum(alpha.histogram()[250:]) / (451 * 300) < 0.95


async def test_opaque_puts_a_backdrop_behind_clear_sources(client: Client, sources: Sources) -> None:
    clear = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    clear.paste((200, 30, 30, 255), (60, 60, 140, 140))
    sources.add("clear.png", clear)
    body = {"prompt": "sharpen", "image_urls": [sources.url("clear.png")]}
    auto = await client.picture(**body)
    opaque = await client.picture(**body, background="opaque")
    assert auto.mode == "RGBA"
    assert auto.getchannel("A").tobytes() == clear.getchannel("A").tobytes(), "the source's own shape"
    assert opaque.mode == "RGB"
    assert light(opaque.crop((0, 0, 20, 20))) > 180
    jpeg = await client.picture(**body, output_format="jpeg")
    assert jpeg.mode == "RGB"


async def test_each_of_several_results_is_another_variation(client: Client, sources: Sources) -> None:
    for prompt, apart in (("black and white", 4), ("a hat for the cat", 30)):
        results = await client.results(prompt=prompt, image_urls=[sources.url("cat.jpg")], num_images=4)
        pictures = [opened(data).convert("RGB") for data in results]
        assert len(pictures) == 4
        for number, picture in enumerate(pictures):
            assert all(difference(picture, other) > apart for other in pictures[:number])


async def test_a_prompt_that_names_nothing_known_is_lettered_at_the_foot(
    client: Client, sources: Sources, cat: Image.Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artist, "LOOKS", (lambda image: image,))
    sources.add("cat.png", cat)
    hat, cap, kanji = [
        await edited(client, sources, "cat.png", prompt=prompt)
        for prompt in ("give it a hät", "give it a cap", "帽子")
    ]
    head, foot = (0, 0, 451, 150), (0, 250, 451, 300)
    assert hat.crop(head).tobytes() == cap.crop(head).tobytes()
    assert difference(hat.crop(foot), cap.crop(foot)) > 0.2
    assert difference(hat.crop(foot), cat.crop(foot)) > 1
    assert difference(kanji, cat) == 0, "letters that the font has not"


@pytest.mark.parametrize("text", ["x" * 500, "word " * 200, "\u202egnol\n\ttext\x00", "🐈!", "  "])
@pytest.mark.parametrize("size", [(64, 64), (1536, 64)])
def test_any_prompt_can_be_lettered_on_any_size(text: str, size: tuple[int, int], cat: Image.Image) -> None:
    [data] = artist.paint(Order(prompt=text, seed=1), {"image_urls[0]": cat.resize(size)})
    assert opened(data).size == size


CLAIMS: dict[str, Callable[[Image.Image, Image.Image], bool]] = {
    "mirror it": lambda old, new: difference(new, ImageOps.mirror(old)) == 0,
    "turn it upside down": lambda old, new: difference(new, ImageOps.flip(old)) == 0,
    "blur the background": lambda old, new: detail(new) < 0.5 * detail(old),
    "Sharpen": lambda old, new: detail(new) > 1.3 * detail(old),
    "make it brighter": lambda old, new: light(new) > light(old) + 20,
    "at night": lambda old, new: light(new) < 0.5 * light(old),
    "vivid": lambda old, new: colourfulness(new) > 1.3 * colourfulness(old),
    "a comic": lambda _, new: len(new.getcolors(1 << 24)) <= 64,
    "as a negative": lambda old, new: difference(new, ImageOps.invert(old)) == 0,
    "Make it black and white": lambda _, new: colourfulness(new) == 0,
    "in sepia": lambda _, new: mean(new)[0] > mean(new)[1] + 12 > mean(new)[2] + 30,
}


@pytest.mark.parametrize("prompt", CLAIMS)
def test_what_a_prompt_names_is_done(prompt: str, cat: Image.Image) -> None:
    [data] = artist.paint(Order(prompt=prompt, seed=1), {"image_urls[0]": cat})
    assert CLAIMS[prompt](cat, opened(data))


def test_every_look_for_what_names_nothing_is_another(cat: Image.Image) -> None:
    looks = [look(cat) for look in artist.LOOKS]
    assert all(difference(one, other) > 4 for n, one in enumerate(looks) for other in (cat, *looks[:n]))


# Several sources


HUES = [(220, 30, 30), (30, 200, 30), (30, 60, 230), (230, 220, 20), (220, 30, 220), (20, 220, 220)]
HUES += [(250, 140, 10), (120, 20, 200)]


@pytest.mark.parametrize(
    ("count", "size"), [(2, "1536x1024"), (3, "1024x1536"), (5, "1536x1024"), (8, "1024x1536"), (8, "auto")]
)
def test_every_source_has_its_place_in_a_collage(count: int, size: str) -> None:
    shapes = ((300, 200), (200, 300), (250, 250))
    plain = {f"{n}": Image.new("RGB", shapes[n % 3], HUES[n]) for n in range(count)}
    [data] = artist.paint(Order(prompt="sharp", seed=1, image_size=size), plain)
    seen = opened(data).reduce(4)
    shares = [share_of(seen, hue) for hue in HUES]
    assert min(shares[:count]) > 0.5 / count
    assert max(shares[:count]) < 3 * min(shares[:count])
    assert shares[count:] == [0.0] * (8 - count)


# No sources


async def test_generation_starts_from_a_photograph(client: Client) -> None:
    for size, prompt in (((1024, 1024), "a cat"), ((1024, 1536), "a dragon")):
        picture = await client.picture("gpt-image-2", prompt=prompt, image_size=f"{size[0]}x{size[1]}")
        assert (picture.size, picture.mode, picture.format) == (size, "RGB", "PNG")
        assert detail(picture) > 2


def test_words_choose_the_photograph_and_the_prompt_is_lettered_on_it() -> None:
    first, second, cup = [
        opened(artist.paint(Order(prompt=prompt, seed=1), {})[0])
        for prompt in ("a cat in sepia", "sepia cat", "a cup in sepia")
    ]
    head, foot = (0, 0, 1024, 512), (0, 850, 1024, 1024)
    assert difference(first.crop(head), second.crop(head)) == 0
    assert difference(first.crop(foot), second.crop(foot)) > 0.2
    assert difference(first.crop(head), cup.crop(head)) > 20


@pytest.mark.parametrize(("prompt", "apart"), [("an apple", 25), ("a cat in sepia", 4)])
async def test_each_of_several_generated_pictures_is_another(
    client: Client, prompt: str, apart: float
) -> None:
    body = {"prompt": prompt, "background": "transparent", "num_images": 4, "output_format": "webp"}
    results = [opened(data) for data in await client.results("gpt-image-1-5", **body)]
    assert [picture.mode for picture in results] == ["RGBA"] * 4
    pictures = [picture.convert("RGB") for picture in results]
    for number, picture in enumerate(pictures):
        assert all(difference(picture, other) > apart for other in pictures[:number])


# What comes in


async def test_a_mask_protects_what_is_opaque_in_it(
    client: Client, sources: Sources, cat: Image.Image
) -> None:
    mask = Image.new("RGBA", cat.size, (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, 225, 300))
    sources.add("cat.png", cat)
    body = {
        "prompt": "invert",
        "image_urls": [sources.url("cat.png")],
        "mask_url": sources.add("mask.png", mask),
    }
    picture = await client.picture("gpt-image-2-edit", **body)
    left, right = (0, 0, 220, 300), (230, 0, 451, 300)
    assert difference(picture.crop(right), cat.crop(right)) == 0
    assert difference(picture.crop(left), ImageOps.invert(cat).crop(left)) == 0


async def test_a_phone_photograph_is_turned_upright(
    client: Client, sources: Sources, cat: Image.Image
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    cat.save(file, "JPEG", exif=exif)
    sources.files["phone.jpg"] = file.getvalue()
    assert (await edited(client, sources, "phone.jpg")).size == (300, 451)


async def test_an_animation_and_a_palette_are_read(
    client: Client, sources: Sources, cat: Image.Image
) -> None:
    file = io.BytesIO()
    cat.save(file, "WEBP", save_all=True, append_images=[ImageOps.flip(cat)], duration=100)
    sources.files["two.webp"] = file.getvalue()
    assert (await edited(client, sources, "two.webp")).size == cat.size
    sources.add("few.png", cat.quantize(16))
    assert (await edited(client, sources, "few.png")).size == cat.size


async def test_eight_sources_all_options_and_four_results(client: Client, sources: Sources) -> None:
    names = ["cat", "coffee", "rocket", "astronaut", "galaxies", "cat", "coffee", "rocket"]
    body = {
        "prompt": "a warm collage",
        "image_urls": [sources.url(f"{name}.jpg") for name in names],
        "image_size": "1024x1024",
        "background": "transparent",
        "quality": "medium",
        "input_fidelity": "low",
        "num_images": 4,
        "output_format": "webp",
    }
    results = [opened(data) for data in await client.results(**body)]
    assert [(image.size, image.mode, image.format) for image in results] == [
        ((1024, 1024), "RGBA", "WEBP")
    ] * 4
    assert len({image.tobytes() for image in results}) == 4
    assert sorted(set(sources.asked)) == [
        "astronaut.jpg",
        "cat.jpg",
        "coffee.jpg",
        "galaxies.jpg",
        "rocket.jpg",
    ]
    assert len(sources.asked) == 8
