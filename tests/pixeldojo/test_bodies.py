"""Bodies hold what the member chose and what the model takes, and nothing else."""

from typing import Any

import jsonschema
import pytest

from pixeldojo import (
    BUILTIN_MODELS,
    InvalidOption,
    Parameters,
    UnknownOption,
    build_body,
    builtin_cost,
    builtin_schema,
    read_parameters,
)
from pixeldojo.bodies import UNDESCRIBED

URLS = ["https://cdn.example/b.png", "https://cdn.example/a.png"]
EDIT = "gpt-image-1-5-edit"
ALL_OPTIONS: dict[str, dict[str, str | int]] = {
    "gpt-image-1-5-edit": {
        "size": "1024x1536",
        "background": "transparent",
        "quality": "low",
        "fidelity": "low",
        "count": 4,
        "format": "webp",
    },
    "gpt-image-2-edit": {"size": "auto", "quality": "medium", "count": 1, "format": "jpeg"},
    "qwen-image-2-edit": {},
    "p-image-edit": {},
    "gpt-image-1-5": {
        "size": "1536x1024",
        "background": "opaque",
        "quality": "high",
        "count": 2,
        "format": "png",
    },
    "gpt-image-2": {"size": "1024x1024", "quality": "high", "count": 3, "format": "png"},
}
NAMES = {
    "size": "image_size",
    "background": "background",
    "quality": "quality",
    "fidelity": "input_fidelity",
    "count": "num_images",
    "format": "output_format",
}


def taken_by(model: str) -> Parameters:
    return read_parameters(builtin_schema(model)) or UNDESCRIBED


def body_of(model: str = EDIT, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"prompt": "make it night", "sources": URLS, "options": {}}
    return build_body(**{**given, "takes": taken_by(model), **more})


def test_a_plain_edit_is_its_prompt_and_its_images_in_order() -> None:
    body = body_of()
    assert list(body) == ["prompt", "image_urls"]
    assert body == {"prompt": "make it night", "image_urls": URLS}


def test_chosen_options_are_sent_even_if_they_are_the_default() -> None:
    assert body_of(options={"quality": "high"}) == {
        "prompt": "make it night",
        "image_urls": URLS,
        "quality": "high",
    }


def test_a_webhook_is_added_although_the_model_does_not_list_it() -> None:
    assert body_of(webhook_url="https://bot.example/hook")["webhook_url"] == "https://bot.example/hook"
    assert "webhook" not in taken_by(EDIT).options


@pytest.mark.parametrize("model", BUILTIN_MODELS)
def test_every_built_in_option_makes_a_body_that_its_schema_allows(model: str) -> None:
    schema = builtin_schema(model)
    urls = URLS if model.endswith("-edit") else []
    body = body_of(model, sources=urls, options=ALL_OPTIONS[model])
    jsonschema.validate(body, schema)
    chosen = {NAMES[role]: value for role, value in ALL_OPTIONS[model].items()}
    assert {name: body[name] for name in chosen} == chosen
    assert set(ALL_OPTIONS[model]) == set(taken_by(model).options)


def test_built_in_descriptions_are_the_table_of_the_providers_page() -> None:
    options = taken_by(EDIT).options
    assert {role: limits.default for role, limits in options.items()} == {
        "size": "auto",
        "background": "auto",
        "quality": "high",
        "fidelity": "high",
        "count": 1,
        "format": "png",
    }
    assert {role: limits.name for role, limits in options.items()} == NAMES
    assert options["format"].choices == ("png", "jpeg", "webp")
    assert (options["count"].least, options["count"].most) == (1, 4)
    assert "background" not in taken_by("gpt-image-2-edit").options
    assert taken_by("gpt-image-2").options["size"].default == "1024x1024"
    assert (builtin_cost(EDIT), builtin_cost("gpt-image-2-edit"), builtin_cost("other")) == (4000, 5000, None)
    assert (builtin_cost("qwen-image-2-edit"), builtin_cost("p-image-edit")) == (1000, 250)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-image-2-edit", "background"),
        ("gpt-image-2-edit", "fidelity"),
        ("gpt-image-1-5", "fidelity"),
        (EDIT, "mask"),
        (EDIT, "seed"),
        (EDIT, "webhook"),
        (EDIT, "prompt"),
        (EDIT, "sources"),
    ],
)
def test_an_option_that_the_model_lacks_is_refused_by_name(model: str, name: str) -> None:
    urls = URLS if model.endswith("-edit") else []
    with pytest.raises(UnknownOption) as caught:
        body_of(model, sources=urls, options={name: "low"})
    assert caught.value.name == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quality", "ultra"),
        ("quality", "HIGH"),
        ("quality", 3),
        ("format", "jpg"),
        ("count", 0),
        ("count", 5),
        ("count", True),
        ("size", ""),
    ],
)
def test_a_value_that_the_model_does_not_take_is_refused_by_name(name: str, value: str | int) -> None:
    with pytest.raises(InvalidOption) as caught:
        body_of(options={name: value})
    assert (caught.value.name, caught.value.value) == (name, value)


def test_transparent_is_refused_with_jpeg_only() -> None:
    with pytest.raises(InvalidOption, match="background"):
        body_of(options={"background": "transparent", "format": "jpeg"})
    for kept in ({"format": "png"}, {"format": "webp"}, {}):
        assert body_of(options={"background": "transparent", **kept})["background"] == "transparent"


@pytest.mark.parametrize("prompt", ["", " ", "\n\t", "x", "x" * 32_001])
def test_a_prompt_outside_its_limits_is_refused_by_its_length(prompt: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        body_of(prompt=prompt)
    assert (caught.value.name, caught.value.value) == ("prompt", len(prompt))


@pytest.mark.parametrize("prompt", ["ab", "x" * 32_000, "🌃" * 32_000])
def test_a_prompt_within_its_limits_is_sent_unchanged(prompt: str) -> None:
    assert body_of(prompt=prompt)["prompt"] == prompt


@pytest.mark.parametrize("count", [0, 9])
def test_too_few_or_too_many_images_are_refused_by_their_number(count: int) -> None:
    with pytest.raises(InvalidOption) as caught:
        body_of(sources=["https://cdn.example/a.png"] * count)
    assert (caught.value.name, caught.value.value) == ("sources", count)


def test_images_for_a_model_that_generates_are_refused() -> None:
    with pytest.raises(UnknownOption) as caught:
        body_of("gpt-image-1-5")
    assert caught.value.name == "sources"


def test_a_mask_is_sent_where_the_model_takes_one_and_refused_by_name_elsewhere() -> None:
    mask = "https://cdn.example/mask.png"
    body = body_of("gpt-image-2-edit", mask=mask)
    jsonschema.validate(body, builtin_schema("gpt-image-2-edit"))
    assert body["mask_url"] == mask
    with pytest.raises(UnknownOption) as caught:
        body_of(EDIT, mask=mask)
    assert caught.value.name == "mask"


def test_a_model_without_any_description_takes_a_prompt_and_images_and_no_option() -> None:
    assert body_of("unheard-of") == {"prompt": "make it night", "image_urls": URLS}
    with pytest.raises(UnknownOption):
        body_of("unheard-of", options={"quality": "low"})
