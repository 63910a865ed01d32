"""Bodies hold what the member chose and what the model takes, and nothing else."""

from typing import Any

import jsonschema
import pytest

from pixeldojo import (
    BUILTIN_MODELS,
    InvalidOption,
    OptionLimits,
    UnknownOption,
    build_body,
    builtin_cost,
    builtin_schema,
    supported_options,
)

URLS = ["https://cdn.example/b.png", "https://cdn.example/a.png"]
EDIT = "gpt-image-1-5-edit"
LIVE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "prompt": {"type": "string", "minLength": 2, "maxLength": 100},
        "image_urls": {"type": "array", "minItems": 1, "maxItems": 2},
        "style": {"type": "string", "enum": ["oil", "ink"], "default": "oil"},
    },
    "required": ["prompt", "image_urls"],
    "additionalProperties": False,
}
ALL_OPTIONS: dict[str, dict[str, str | int]] = {
    "gpt-image-1-5-edit": {
        "image_size": "1024x1536",
        "background": "transparent",
        "quality": "low",
        "input_fidelity": "low",
        "num_images": 4,
        "output_format": "webp",
    },
    "gpt-image-2-edit": {
        "mask_url": "https://cdn.example/mask.png",
        "image_size": "auto",
        "quality": "medium",
        "num_images": 1,
        "output_format": "jpeg",
    },
    "gpt-image-1-5": {
        "image_size": "1536x1024",
        "background": "opaque",
        "quality": "high",
        "num_images": 2,
        "output_format": "png",
    },
    "gpt-image-2": {"image_size": "1024x1024", "quality": "high", "num_images": 3, "output_format": "png"},
}


def body_of(model: str = EDIT, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"prompt": "make it night", "image_urls": URLS, "options": {}, "schema": None}
    return build_body(**{**given, "builtin": builtin_schema(model), **more})


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
    assert "webhook_url" not in supported_options(builtin_schema(EDIT))


@pytest.mark.parametrize("model", BUILTIN_MODELS)
def test_every_built_in_option_makes_a_body_that_its_schema_allows(model: str) -> None:
    schema = builtin_schema(model)
    urls = URLS if model.endswith("-edit") else []
    body = body_of(model, image_urls=urls, options=ALL_OPTIONS[model])
    jsonschema.validate(body, schema)
    assert set(body) == {"prompt", *ALL_OPTIONS[model]} | ({"image_urls"} if urls else set())
    assert set(ALL_OPTIONS[model]) == set(supported_options(schema))


def test_built_in_descriptions_are_the_table_of_the_providers_page() -> None:
    options = supported_options(builtin_schema(EDIT))
    assert {name: limits.default for name, limits in options.items()} == {
        "image_size": "auto",
        "background": "auto",
        "quality": "high",
        "input_fidelity": "high",
        "num_images": 1,
        "output_format": "png",
    }
    assert options["output_format"].choices == ("png", "jpeg", "webp")
    assert (options["num_images"].minimum, options["num_images"].maximum) == (1, 4)
    assert "background" not in supported_options(builtin_schema("gpt-image-2-edit"))
    assert supported_options(builtin_schema("gpt-image-2"))["image_size"].default == "1024x1024"
    assert (builtin_cost(EDIT), builtin_cost("gpt-image-2-edit"), builtin_cost("other")) == (4000, 5000, None)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-image-2-edit", "background"),
        ("gpt-image-2-edit", "input_fidelity"),
        ("gpt-image-1-5", "input_fidelity"),
        (EDIT, "mask_url"),
        (EDIT, "seed"),
        (EDIT, "webhook_url"),
        (EDIT, "prompt"),
        (EDIT, "image_urls"),
    ],
)
def test_an_option_that_the_model_lacks_is_refused_by_name(model: str, name: str) -> None:
    urls = URLS if model.endswith("-edit") else []
    with pytest.raises(UnknownOption) as caught:
        body_of(model, image_urls=urls, options={name: "low"})
    assert caught.value.name == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quality", "ultra"),
        ("quality", "HIGH"),
        ("quality", 3),
        ("output_format", "jpg"),
        ("num_images", 0),
        ("num_images", 5),
        ("num_images", "2"),
        ("num_images", True),
        ("image_size", ""),
    ],
)
def test_a_value_that_the_model_does_not_take_is_refused_by_name(name: str, value: str | int) -> None:
    with pytest.raises(InvalidOption) as caught:
        body_of(options={name: value})
    assert (caught.value.name, caught.value.value) == (name, value)


def test_transparent_is_refused_with_jpeg_only() -> None:
    with pytest.raises(InvalidOption, match="background"):
        body_of(options={"background": "transparent", "output_format": "jpeg"})
    for kept in ({"output_format": "png"}, {"output_format": "webp"}, {}):
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
        body_of(image_urls=["https://cdn.example/a.png"] * count)
    assert (caught.value.name, caught.value.value) == ("image_urls", count)


def test_images_for_a_model_that_generates_are_refused() -> None:
    with pytest.raises(UnknownOption) as caught:
        body_of("gpt-image-1-5")
    assert caught.value.name == "image_urls"


def test_the_live_schema_goes_before_the_built_in_one() -> None:
    assert body_of(schema=LIVE, options={"style": "ink"})["style"] == "ink"
    with pytest.raises(UnknownOption):
        body_of(schema=LIVE, options={"quality": "low"})
    with pytest.raises(InvalidOption):
        body_of(schema=LIVE, image_urls=URLS * 2)


@pytest.mark.parametrize("schema", [{}, {"properties": []}, {"properties": {}}, {"type": "object"}, None])
def test_a_live_schema_that_says_nothing_gives_way_to_the_built_in_one(schema: Any) -> None:
    assert body_of(schema=schema, options={"quality": "low"})["quality"] == "low"
    assert supported_options(schema) == {}


def test_a_model_without_any_description_takes_a_prompt_and_images_and_no_option() -> None:
    assert body_of("unheard-of") == {"prompt": "make it night", "image_urls": URLS}
    with pytest.raises(UnknownOption):
        body_of("unheard-of", options={"quality": "low"})


@pytest.mark.parametrize(
    ("told", "limits"),
    [
        ({"enum": ["a", "b", None, 1.5]}, OptionLimits(choices=("a", "b"))),
        ({"const": "a"}, OptionLimits(choices=("a",))),
        (
            {"anyOf": [{"enum": ["a"]}, {"const": "b"}, {"type": "null"}], "default": "b"},
            OptionLimits(choices=("a", "b"), default="b"),
        ),
        ({"oneOf": [{"enum": ["a"]}, {"type": "string"}]}, OptionLimits(types=frozenset({"string"}))),
        ({"$ref": "#/definitions/size"}, OptionLimits(choices=("small", "large"))),
        ({"$ref": "#/definitions/nowhere"}, OptionLimits()),
        ({"$ref": "#/properties/option"}, OptionLimits()),
        (
            {"type": ["integer", "null"], "exclusiveMinimum": 0, "maximum": 4.0},
            OptionLimits(minimum=1, maximum=4, types=frozenset({"integer"})),
        ),
        ({"type": "integer", "maximum": 1e999}, OptionLimits(types=frozenset({"integer"}))),
        (True, OptionLimits()),
        ("text", OptionLimits()),
    ],
)
def test_limits_are_read_from_any_form_of_schema(told: Any, limits: OptionLimits) -> None:
    schema = {"properties": {"option": told}, "definitions": {"size": {"enum": ["small", "large"]}}}
    assert supported_options(schema) == {"option": limits}
