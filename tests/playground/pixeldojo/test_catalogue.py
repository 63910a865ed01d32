from typing import Any

import jsonschema
import pytest

from playground.pixeldojo.catalogue import PAGES
from playground.pixeldojo.shapes import MODELS
from playground.pixeldojo.validation import problems_of
from tests.playground.pixeldojo.conftest import Client

EDIT, EDIT_2, MAKE, MAKE_2 = PAGES
SHAPES = {model.api_id: model for model in MODELS[len(PAGES) :]}
URL = "https://cdn.example/cat.png"


async def test_the_catalogue_needs_no_key_and_counts_its_models(client: Client) -> None:
    client.headers = {}
    status, reply = await client.get("/models")
    assert status == 200
    assert [model["apiId"] for model in reply["models"]] == [
        "gpt-image-1-5-edit",
        "gpt-image-2-edit",
        "gpt-image-1-5",
        "gpt-image-2",
        *SHAPES,
    ]
    assert reply["models"][0]["creditCost"] == {"default": 4, "type": "per_image", "amount": 4}
    assert (reply["total"], reply["imageCount"], reply["videoCount"]) == (len(MODELS), len(MODELS), 0)
    assert set(reply["models"][0]) == {
        "apiId",
        "name",
        "description",
        "modality",
        "creditCost",
        "capabilities",
    }


async def test_one_model_shows_its_request_schema(client: Client) -> None:
    status, reply = await client.get("/models/gpt-image-1-5-edit")
    assert status == 200
    assert reply["requestSchema"] == EDIT.schema()
    assert list(reply["requestSchema"]["properties"]) == [
        "prompt",
        "image_urls",
        "image_size",
        "background",
        "quality",
        "input_fidelity",
        "num_images",
        "output_format",
    ]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.api_id)
def test_every_schema_is_a_valid_closed_json_schema(model: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(model.schema())
    assert model.schema()["additionalProperties"] is False


def test_the_models_differ_as_the_page_says() -> None:
    assert {"mask_url"} == set(EDIT_2.properties) - set(EDIT.properties)
    assert {"background", "input_fidelity"} == set(EDIT.properties) - set(EDIT_2.properties)
    assert EDIT.properties["image_size"]["default"] == "auto"
    assert MAKE.properties["image_size"]["default"] == "1024x1024"
    assert not MAKE.edits
    assert "background" not in MAKE_2.properties
    assert [model.cost for model in PAGES] == [4000, 5000, 4000, 5000]


def test_the_further_models_have_every_shape_of_the_known_schemas() -> None:
    """Sources by five names, three of them of the provider's own pages; counts by three; shapes and resolutions."""
    assert {model.names.sources for model in MODELS} == {
        *("image_urls", "image", "images", "image_url", "reference_images", "input_images"),
    }
    named = {name for model in MODELS for name in model.properties}
    assert {"n", "num_outputs", "num_images", "size", "aspect_ratio", "image_size", "resolution"} <= named
    assert (SHAPES["qwen-image-2-edit"].cost, SHAPES["p-image-edit"].cost) == (1000, 250)
    assert SHAPES["qwen-image-2-edit"].properties["image"]["maxItems"] == 3
    assert SHAPES["p-image-edit"].properties["images"]["maxItems"] == 5


async def test_a_cost_by_an_option_is_in_the_catalogue_and_in_the_books(client: Client) -> None:
    _, entry = await client.get("/models/atelier-edit")
    costs = {"resolution": {"1K": 2, "2K": 3, "4K": 6.5}}
    assert entry["creditCost"] == {"default": 2, "type": "by_resolution", "amount": 2, "costs": costs}
    body = {"prompt": "red hat", "image_url": URL}
    for more, cost in (({}, 2), ({"resolution": "4K", "num_outputs": 2}, 13)):
        _, reply, _ = await client.post("atelier-edit", {**body, **more})
        assert reply["creditCost"] == cost


BODIES: list[tuple[Any, str]] = [
    ({}, "'prompt' is required"),
    ({"prompt": "x", "image_urls": [URL]}, "'prompt' must have at least 2 characters"),
    ({"prompt": "x" * 32_001, "image_urls": [URL]}, "'prompt' must have at most 32000 characters"),
    ({"prompt": 12, "image_urls": [URL]}, "'prompt' must be of type string"),
    ({"prompt": "red hat"}, "'image_urls' is required"),
    ({"prompt": "red hat", "image_urls": []}, "'image_urls' must have at least 1 items"),
    ({"prompt": "red hat", "image_urls": [URL] * 9}, "'image_urls' must have at most 8 items"),
    ({"prompt": "red hat", "image_urls": URL}, "'image_urls' must be of type array"),
    ({"prompt": "red hat", "image_urls": [3]}, "'image_urls[0]' must be of type string"),
    ({"prompt": "red hat", "image_urls": [URL], "image_size": "512x512"}, "'image_size' must be one of auto"),
    ({"prompt": "red hat", "image_urls": [URL], "background": "white"}, "'background' must be one of"),
    ({"prompt": "red hat", "image_urls": [URL], "quality": "ultra"}, "'quality' must be one of"),
    (
        {"prompt": "red hat", "image_urls": [URL], "input_fidelity": "medium"},
        "'input_fidelity' must be one of",
    ),
    ({"prompt": "red hat", "image_urls": [URL], "num_images": 5}, "'num_images' must be between 1 and 4"),
    ({"prompt": "red hat", "image_urls": [URL], "num_images": 0}, "'num_images' must be between 1 and 4"),
    ({"prompt": "red hat", "image_urls": [URL], "num_images": True}, "'num_images' must be of type integer"),
    ({"prompt": "red hat", "image_urls": [URL], "num_images": "2"}, "'num_images' must be of type integer"),
    ({"prompt": "red hat", "image_urls": [URL], "output_format": "jpg"}, "'output_format' must be one of"),
    ({"prompt": "red hat", "image_urls": [URL], "aspect_ratio": "1:1"}, "Unrecognized key: 'aspect_ratio'"),
    ([], "must be a JSON object"),
]


@pytest.mark.parametrize(("body", "problem"), BODIES)
def test_a_bad_body_is_refused_by_name_and_by_the_schema_alike(body: Any, problem: str) -> None:
    assert problem in " ".join(problems_of(body, EDIT))
    assert not jsonschema.Draft202012Validator(EDIT.schema()).is_valid(body)


def test_every_option_at_its_limits_is_taken() -> None:
    body = {
        "prompt": "x" * 32_000,
        "image_urls": [URL] * 8,
        "image_size": "1024x1536",
        "background": "transparent",
        "quality": "low",
        "input_fidelity": "low",
        "num_images": 4,
        "output_format": "webp",
    }
    assert problems_of(body, EDIT) == []
    jsonschema.validate(body, EDIT.schema())


def test_transparent_and_jpeg_exclude_each_other() -> None:
    body = {"prompt": "red hat", "image_urls": [URL], "background": "transparent", "output_format": "jpeg"}
    assert problems_of(body, EDIT) == ["'background' transparent needs 'output_format' png or webp."]


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "cat.png", "https://", "http://[::1", "data:image/png,x"]
)
def test_only_http_urls_are_taken(url: str) -> None:
    assert "http or https URL" in problems_of({"prompt": "red hat", "image_urls": [url]}, EDIT)[0]


def test_a_webhook_url_is_taken_besides_the_schema() -> None:
    body = {"prompt": "red hat", "image_urls": [URL], "webhook_url": "https://bot.example/hook/1"}
    assert problems_of(body, EDIT) == []
    assert problems_of({**body, "webhook_url": "nowhere"}, EDIT) != []
    assert "webhook_url" not in EDIT.properties


async def test_a_delisted_model_is_gone_from_everywhere(client: Client) -> None:
    await client.control("switches", {"delist": ["gpt-image-1-5-edit"]})
    _, catalogue = await client.get("/models")
    assert catalogue["total"] == len(MODELS) - 1
    assert (await client.get("/models/gpt-image-1-5-edit"))[0] == 404
    status, reply, _ = await client.post("gpt-image-1-5-edit", {"prompt": "red hat", "image_urls": [URL]})
    assert status == 404
    assert reply["error"]["code"] == "model_not_found"


async def test_costs_can_be_set_and_may_be_decimals(fast: Client) -> None:
    await fast.control("switches", {"costs": {"gpt-image-1-5": 0.75}, "surcharge": 0.5})
    _, model = await fast.get("/models/gpt-image-1-5")
    assert model["creditCost"]["default"] == 0.75
    _, reply, _ = await fast.post("gpt-image-1-5", {"prompt": "a hill", "num_images": 3})
    assert reply["creditCost"] == 3.75
    assert reply["creditsRemaining"] == 996.25
