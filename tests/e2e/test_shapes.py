"""Any edit model of the catalogue, whatever it calls things: bodies, choices, prices, refusals, replacements."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from playground.pixeldojo.shapes import MODELS
from playground.pixeldojo.validation import problems_of
from tests.e2e.member import Member
from tests.e2e.messages import labels_of, text_of
from tests.e2e.pictures import small_photo
from tests.e2e.world import World, open_world

FIRST = "gpt-image-1-5-edit,gpt-image-2-edit"
USABLE = [model.api_id for model in MODELS if model.edits and model.api_id != "relight-edit"]
SOURCES = {model.api_id: model.names.sources for model in MODELS}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shapes(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[World]:
    async with open_world(tmp_path_factory.mktemp("shapes"), PIXELDOJO_MODELS=f"{FIRST},*") as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def ann(shapes: World) -> AsyncGenerator[Member]:
    async with shapes.member("ann") as ann:
        await ann.offered("edit", "model", USABLE)
        yield ann


async def test_every_usable_model_of_the_catalogue_is_offered_and_the_others_field_is_named(
    shapes: World, ann: Member
) -> None:
    assert await ann.suggestions("edit", "model", "qwen") == ["qwen-image-2-edit"]
    said = [line for line in shapes.log().splitlines() if "relight-edit" in line]
    assert len(said) == 1
    assert "'light_map_url'" in said[0]


@pytest.mark.parametrize("model", USABLE)
async def test_a_plain_edit_is_what_the_models_schema_asks_for(
    shapes: World, ann: Member, tmp_path: Path, model: str
) -> None:
    found = next(each for each in MODELS if each.api_id == model)
    card = await ann.edit(f"plainly by {model}", small_photo(tmp_path / "a.png"), model=model)
    price = f"{found.price({}) / 1000:g} {'credit' if found.price({}) == 1000 else 'credits'}"
    done = await ann.sees(card, f"Done · {price}")
    assert f"Reroll · {price}" in labels_of(done)
    assert shapes.entries(card)[0] == ("reserve", found.price({}), 0)
    [body] = shapes.bodies(f"plainly by {model}")
    assert problems_of(body, found) == []
    del body["webhook_url"]
    assert sorted(body) == sorted(["prompt", SOURCES[model]])
    assert isinstance(body[SOURCES[model]], str if model == "atelier-edit" else list)


CHOICES: list[tuple[str, str, list[str]]] = [
    ("gpt-image-3-edit", "quality", ["low", "medium", "high", "xhigh", "max"]),
    ("gpt-image-3-edit", "size", ["auto", "1024x1024", "2048x2048", "3840x2160"]),
    ("qwen-image-2-edit", "size", ["1024*1024", "1536*1024", "1024*1536"]),
    ("atelier-edit", "resolution", ["1K", "2K", "4K"]),
    ("p-image-edit", "quality", []),
    ("gpt-image-1-5-edit", "fidelity", ["low", "high"]),
]


@pytest.mark.parametrize(("model", "option", "values"), CHOICES)
async def test_options_offer_what_the_chosen_model_takes(
    shapes: World, ann: Member, model: str, option: str, values: list[str]
) -> None:
    assert await ann.suggestions("edit", option, "", model=model) == values


async def test_without_a_model_options_offer_what_the_first_takes_by_name_or_value(ann: Member) -> None:
    assert await ann.suggestions("edit", "size", "landsc") == ["1536x1024"]
    assert await ann.suggestions("generate", "background", "opa") == ["opaque"]


REFUSALS: list[tuple[dict[str, Any], int, list[str]]] = [
    (
        {"model": "p-image-edit", "size": "1536x1024"},
        1,
        ["Landscape 1536 × 1024", "size", "1:1, 3:2, 2:3, 16:9"],
    ),
    ({"model": "gpt-image-2-edit", "quality": "xhigh"}, 1, ["xhigh", "low, medium, high"]),
    ({"model": "p-image-edit", "quality": "high"}, 1, ["P-Image", "quality"]),
    ({"model": "gpt-image-2-edit", "count": 5}, 1, ["5", "count", "1, 2, 3, 4"]),
    ({"model": "atelier-edit"}, 2, ["takes one image, not 2"]),
    ({"model": "qwen-image-2-edit"}, 4, ["takes 1 to 3 images, not 4"]),
]


@pytest.mark.parametrize(("options", "images", "said"), REFUSALS)
async def test_what_another_model_takes_is_refused_by_name_before_money_moves(
    shapes: World, ann: Member, tmp_path: Path, options: dict[str, Any], images: int, said: list[str]
) -> None:
    before = shapes.account(ann), shapes.submissions()
    photos = [small_photo(tmp_path / f"{number}.png") for number in range(images)]
    answer = await ann.edit("not by this one", *photos, **options)
    assert answer["only_you"]
    assert all(words in text_of(answer) for words in [*said, "You were not charged."]), text_of(answer)
    assert (shapes.account(ann), shapes.submissions()) == before


async def test_a_cost_above_twice_the_price_is_paid_shown_to_the_owner_and_on_no_button(
    shapes: World, ann: Member, tmp_path: Path
) -> None:
    async with shapes.member("mod") as owner:
        shapes.switch(surcharge=2.5)
        card = await ann.edit("suddenly dear", small_photo(tmp_path / "a.png"), model="qwen-image-2-edit")
        done = await ann.sees(card, "Done · 3.5 credits", "more than the 1 credit expected")
        shapes.switch(surcharge=0)
        assert "Reroll · 1 credit" in labels_of(done)
        await owner.message(lambda each: "for 3.5 credits in the place of 1 credit" in text_of(each))
    again = await ann.answer(await ann.press(done, "Reroll"))
    await ann.sees(again, "Done · 1 credit")


async def test_a_reroll_goes_on_with_another_model_by_what_that_takes_and_says_what_is_left_out(
    tmp_path: Path,
) -> None:
    models = {"PIXELDOJO_MODELS": f"{FIRST},p-image-edit"}
    async with (
        open_world(tmp_path, **models) as world,
        world.member("ann") as ann,
        world.member("ben") as ben,
    ):
        await ann.offered("edit", "model", [*FIRST.split(","), "p-image-edit"])
        photo = small_photo(tmp_path / "a.png")
        chosen: dict[str, Any] = {"size": "1536x1024", "background": "opaque", "quality": "low", "count": 2}
        card = await ann.edit("whoever does it", photo, model="gpt-image-1-5-edit", **chosen)
        done = await ann.sees(card, "Done · 8 credits")
        world.switch(delist=["gpt-image-1-5-edit"], dead_runs={"gpt-image-2-edit": "nested"})
        gone = await ann.answer(await ann.press(done, "Reroll"))
        await ann.sees(gone, "Failed", "no longer offers", "You were not charged.")
        await ann.offered("edit", "model", ["gpt-image-2-edit", "p-image-edit"])
        second = await ann.edit("this one too", photo, model="gpt-image-2-edit")
        await ann.sees(second, "Done · 0.25 credits", "P-Image took over")
        await ann.offered("edit", "model", ["p-image-edit"])
        again = await ben.answer(await ben.press(done, "Reroll"))
        said = "does not take “opaque background, low quality and 2 images”: left out, the rest is as before."
        result = await ben.sees(again, "Done · 0.25 credits", "Landscape 3:2", said)
        assert {"Reroll · 0.25 credits", "Edit result · 0.25 credits"} <= set(labels_of(result))
        body = world.bodies("whoever does it")[-1]
        assert {name: body[name] for name in body if name not in {"webhook_url", "images"}} == {
            "prompt": "whoever does it",
            "aspect_ratio": "3:2",
        }


async def test_many_at_once_at_the_price_of_the_chosen_option(
    shapes: World, ann: Member, tmp_path: Path
) -> None:
    photo = small_photo(tmp_path / "a.png")
    card = await ann.edit("ten at once", photo, model="gpt-image-3-edit", count=10, quality="xhigh")
    done = await ann.sees(card, "Done · 90 credits", "10 images", "very high quality")
    assert shapes.entries(card)[0] == ("reserve", 90_000, 0)
    assert "Reroll · 90 credits" in labels_of(done)
    large = await ann.edit("as large as it goes", photo, model="atelier-edit", resolution="4K", size="16:9")
    await ann.sees(large, "Done · 6.5 credits", "Landscape 16:9", "4K resolution")
    cheap = await ann.edit("in seconds", photo, model="p-image-edit")
    await ann.sees(cheap, "Done · 0.25 credits")
    assert [held for _, held, _ in shapes.entries(large)] == [6500, -6500]
    assert [held for _, held, _ in shapes.entries(cheap)] == [250, -250]
