import asyncio
from datetime import datetime

import pytest

from tests.playground.pixeldojo.conftest import Client, Clients, Sources, StandIns

HILL = {"prompt": "a green hill"}


async def test_a_submission_is_answered_with_202_before_anything_is_fetched(
    client: Client, sources: Sources
) -> None:
    body = {"prompt": "sepia please", "image_urls": [sources.url("cat.jpg")], "num_images": 2}
    status, reply, _ = await client.post("gpt-image-1-5-edit", body)
    assert status == 202
    assert reply["status"] == "pending"
    assert reply["jobId"].startswith("job_")
    assert reply["statusUrl"] == f"{client.stand_in.api_url}/jobs/{reply['jobId']}"
    assert (reply["creditCost"], reply["creditsRemaining"]) == (8, 992)
    assert datetime.fromisoformat(reply["expiresAt"]).tzinfo is not None
    assert set(reply) == {"jobId", "status", "statusUrl", "creditCost", "creditsRemaining", "expiresAt"}
    view = await client.ended(reply["jobId"])
    assert sources.asked == ["cat.jpg"]
    assert len(view["output"]["images"]) == 2


async def test_sources_that_hang_do_not_hold_up_the_answer(client: Client, sources: Sources) -> None:
    sources.stopped = asyncio.Event()
    job = await client.submit(prompt="sepia please", image_urls=[sources.url("cat.jpg")])
    _, view = await client.get(f"/jobs/{job}")
    assert view["status"] == "processing"
    sources.stopped.set()
    assert (await client.ended(job))["status"] == "completed"


@pytest.mark.parametrize("header", [None, "Bearer pd_wrong", "pd_wrong", "Basic abc"])
async def test_a_wrong_key_gets_401_in_the_old_shape(fast: Client, header: str | None) -> None:
    fast.headers = {} if header is None else {"Authorization": header}
    status, reply, _ = await fast.post("gpt-image-1-5", HILL)
    assert status == 401
    assert reply == {
        "error": {"code": "invalid_api_key", "message": "Invalid or missing API key.", "status": 401}
    }
    assert (await fast.get("/jobs"))[0] == 401
    assert (await fast.get("/jobs/job_1"))[0] == 401
    assert await fast.control("books") == []


async def test_an_unknown_model_is_not_found(fast: Client) -> None:
    status, reply, _ = await fast.post("gpt-image-9", HILL)
    assert (status, reply["error"]["code"]) == (404, "model_not_found")


async def test_an_unknown_endpoint_is_not_found_in_json(fast: Client) -> None:
    status, reply = await fast.get("/nothing")
    assert (status, reply["error"]["code"]) == (404, "not_found")


async def test_a_bad_body_costs_nothing(fast: Client) -> None:
    status, reply, _ = await fast.post("gpt-image-1-5", {**HILL, "aspect_ratio": "1:1"})
    assert (status, reply["error"]["code"]) == (422, "invalid_request")
    assert "aspect_ratio" in reply["error"]["message"]
    await fast.control("switches", {"invalid_status": 400})
    assert (await fast.post("gpt-image-1-5", {"prompt": ""}))[0] == 400
    assert (await fast.control("state"))["balance"] == 1000


async def test_a_body_that_is_not_json_is_refused(fast: Client) -> None:
    url = f"{fast.stand_in.api_url}/models/gpt-image-1-5/run"
    async with fast.session.post(url, data=b"{nope", headers=fast.headers) as response:
        assert response.status == 400


async def test_a_blocked_word_is_refused_in_a_message_that_quotes_the_prompt(fast: Client) -> None:
    status, reply, _ = await fast.post("gpt-image-1-5", {"prompt": "A Forbidden apple"})
    assert (status, reply["error"]["code"]) == (422, "content_policy_violation")
    assert "A Forbidden apple" in reply["error"]["message"]
    await fast.control("switches", {"blocked_words": ["pear"], "refusal_status": 400})
    assert (await fast.post("gpt-image-1-5", {"prompt": "a pear"}))[0] == 400
    assert (await fast.post("gpt-image-1-5", {"prompt": "a forbidden apple"}))[0] == 202


@pytest.mark.parametrize("status", [402, 403])
async def test_a_job_that_costs_more_than_the_balance_is_refused(fast: Client, status: int) -> None:
    await fast.control("switches", {"balance": 7.5, "no_credits_status": status})
    got, reply, _ = await fast.post("gpt-image-1-5", {**HILL, "num_images": 2})
    assert (got, reply["error"]["code"]) == (status, "insufficient_credits")
    assert (await fast.post("gpt-image-1-5", HILL))[0] == 202
    assert (await fast.control("state"))["balance"] == 3.5


@pytest.mark.parametrize(
    ("shape", "content_type", "start"),
    [
        ("object", "application/json", '{"error": {"code"'),
        ("string", "application/json", '{"error": "Invalid'),
        ("list", "application/json", '{"errors": [{'),
        ("detail", "application/json", '{"detail": [{'),
        ("text", "text/plain", "Invalid or"),
        ("html", "text/html", "<!DOCTYPE"),
        ("empty", "text/plain", ""),
    ],
)
async def test_errors_come_in_every_shape(fast: Client, shape: str, content_type: str, start: str) -> None:
    await fast.control("switches", {"error_shape": shape})
    async with fast.session.get(f"{fast.stand_in.api_url}/jobs") as response:
        assert response.status == 401
        assert response.content_type == content_type
        assert (await response.text()).startswith(start)


async def test_sources_from_other_origins_are_not_fetched(
    stand_ins: StandIns, clients: Clients, sources: Sources
) -> None:
    client = clients(await stand_ins(allowed_origins=["http://127.0.0.1:1"]))
    view = await client.ended(await client.submit(prompt="sepia", image_urls=[sources.url("cat.jpg")]))
    assert view["status"] == "failed"
    assert view["error"]["code"] == "invalid_image"
    assert sources.asked == []
