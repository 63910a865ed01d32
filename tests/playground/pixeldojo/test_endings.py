"""The end of a model in each way that providers chose so far, seen by a real client; and its return."""

from typing import Any

import pytest

from playground.pixeldojo.catalogue import PAGES
from playground.pixeldojo.endings import WORDINGS
from tests.playground.pixeldojo.conftest import EDIT, Client

MAKE, MAKE_2 = "gpt-image-1-5", "gpt-image-2"
HILL = {"prompt": "a green hill"}
DEPRECATED = {
    "message": "The model `gpt-image-1.5` has been deprecated, learn more here: "
    "https://platform.openai.com/docs/deprecations",
    "type": "invalid_request_error",
    "param": None,
    "code": "model_not_found",
}
MISSING = {
    "message": "The model `gpt-image-1.5` does not exist or you do not have access to it.",
    "type": "invalid_request_error",
    "param": "model",
    "code": "model_not_found",
}
UNSUPPORTED = {
    "detail": {
        "error": "EndpointDeprecated",
        "message": "This endpoint is no longer supported. Please choose another model.",
    }
}
RETIRED = "Error code: 404 - invalid_request_error: gpt-image-1.5 was retired and is no longer accessible."
TOLD: dict[str, Any] = {
    "object": DEPRECATED,
    "string": RETIRED,
    "list": [MISSING],
    "nested": UNSUPPORTED,
}
REFUSED: dict[str, Any] = {
    "object": {"error": DEPRECATED},
    "string": {"error": RETIRED},
    "list": {"error": [MISSING]},
    "nested": UNSUPPORTED,
}


def test_every_wording_is_tried() -> None:
    assert set(TOLD) == set(REFUSED) == set(WORDINGS)


def test_an_edit_and_its_generation_are_one_model_upstream() -> None:
    assert [model.upstream for model in PAGES] == ["gpt-image-1.5", "gpt-image-2"] * 2


@pytest.mark.parametrize("wording", WORDINGS)
async def test_a_dying_model_takes_jobs_fails_them_in_its_wording_and_refunds(
    fast: Client, wording: str
) -> None:
    await fast.control("switches", {"dead_jobs": {MAKE: wording}})
    status, reply, _ = await fast.post(MAKE, {**HILL, "num_images": 2})
    assert (status, reply["creditCost"], reply["creditsRemaining"]) == (202, 8, 992)
    view = await fast.ended(reply["jobId"])
    assert (view["status"], view["error"]) == ("failed", TOLD[wording])
    assert (await fast.control("books"))[0] | {"at": 0, "prompt_sha256": ""} == {
        "job": reply["jobId"],
        "cost": 8,
        "refunded": 8,
        "at": 0,
        "status": "failed",
        "prompt_sha256": "",
    }
    assert (await fast.control("state"))["balance"] == 1000


async def test_a_dying_model_stays_in_the_catalogue_as_it_was(fast: Client) -> None:
    before = [await fast.get("/models"), await fast.get(f"/models/{EDIT}")]
    await fast.control("switches", {"dead_jobs": {EDIT: "object"}, "dead_runs": {EDIT: "object"}})
    assert [await fast.get("/models"), await fast.get(f"/models/{EDIT}")] == before


async def test_its_jobs_fail_after_a_second_however_long_others_take(fast: Client) -> None:
    await fast.control("switches", {"dead_jobs": {MAKE: "object"}, "latency": 100, "next": ["slow"]})
    await fast.submit(MAKE, **HILL)
    await fast.submit(MAKE_2, **HILL)
    other, dead = (await fast.control("state"))["jobs"]
    assert dead["seconds_left"] <= 1
    assert other["seconds_left"] > 100


async def test_its_failure_may_come_without_a_word(fast: Client) -> None:
    await fast.control("switches", {"dead_jobs": {MAKE: "object"}, "job_error_shape": "none"})
    view = await fast.ended(await fast.submit(MAKE, **HILL))
    assert view["status"] == "failed"
    assert "error" not in view


@pytest.mark.parametrize("status", [404, 400])
@pytest.mark.parametrize("wording", WORDINGS)
async def test_a_listed_model_refuses_runs_in_its_wording_and_charges_nothing(
    fast: Client, wording: str, status: int
) -> None:
    await fast.control("switches", {"dead_runs": {MAKE: wording}, "dead_status": status})
    assert (await fast.post(MAKE, HILL))[:2] == (status, REFUSED[wording])
    assert await fast.control("books") == []


async def test_a_remapped_model_works_at_another_price_that_the_books_take(fast: Client) -> None:
    await fast.control("switches", {"remap": {MAKE: 6}})
    _, entry = await fast.get(f"/models/{MAKE}")
    assert entry["creditCost"]["default"] == 4
    status, reply, _ = await fast.post(MAKE, {**HILL, "num_images": 2})
    assert (status, reply["creditCost"], reply["creditsRemaining"]) == (202, 12, 988)
    view = await fast.ended(reply["jobId"])
    assert (view["status"], view["creditCost"]) == ("completed", 12)
    assert len(view["output"]["images"]) == 2
    assert [(line["cost"], line["refunded"]) for line in await fast.control("books")] == [(12, 0)]


DEAD: list[dict[str, Any]] = [
    {"dead_jobs": {MAKE: "object"}},
    {"dead_runs": {MAKE: "nested"}},
    {"delist": [MAKE]},
    {"remap": {MAKE: 6}},
]


@pytest.mark.parametrize("switched", DEAD, ids=lambda each: next(iter(each)))
async def test_only_the_chosen_model_is_meant_and_it_answers_again_when_taken_back(
    fast: Client, switched: dict[str, Any]
) -> None:
    await fast.control("switches", switched)
    other = await fast.ended(await fast.submit(MAKE_2, **HILL))
    assert (other["status"], other["creditCost"]) == ("completed", 5)
    await fast.control("switches", {name: type(value)() for name, value in switched.items()})
    again = await fast.ended(await fast.submit(MAKE, **HILL))
    assert (again["status"], again["creditCost"]) == ("completed", 4)


async def test_the_state_names_the_models_even_those_that_are_gone(fast: Client) -> None:
    await fast.control("switches", {"delist": [EDIT], "costs": {MAKE: 0.75}})
    assert (await fast.control("state"))["models"][:4] == [
        {"id": EDIT, "name": "GPT-Image 1.5 Edit", "cost": 4},
        {"id": "gpt-image-2-edit", "name": "GPT-Image 2 Edit", "cost": 5},
        {"id": MAKE, "name": "GPT-Image 1.5", "cost": 0.75},
        {"id": MAKE_2, "name": "GPT-Image 2", "cost": 5},
    ]
