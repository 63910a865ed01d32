"""Every fault of ``next``, seen by a real client."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientConnectionError, ClientPayloadError, ClientTimeout

from playground.pixeldojo.faults import FAULTS
from tests.playground.pixeldojo.conftest import Client, opened

MAKE = "gpt-image-1-5"
HILL = {"prompt": "a green hill"}
REFUSED = {
    "refuse": (422, "content_policy_violation"),
    "no_credits": (402, "insufficient_credits"),
    "model_gone": (404, "model_not_found"),
    "rate_limited": (429, "rate_limited"),
    "rate_limited_bare": (429, "rate_limited"),
    "error_500": (500, "server_error"),
    "error_502": (502, "server_error"),
    "error_503": (503, "server_error"),
    "error_504": (504, "server_error"),
}
UNFETCHABLE = {
    "missing_result": 404,
    "forbidden_result": 403,
    "redirect_result": 302,
    "result_500": 500,
    "result_502": 502,
    "result_503": 503,
    "result_504": 504,
}
NOT_PICTURES = {
    "not_an_image": b"This is no picture",
    "html_result": b"<!DOCTYPE html>",
    "empty_result": b"",
}
SEEN_ELSEWHERE = {
    "ok",
    "html",
    "lose_request",
    "lose_reply",
    "silence",
    "silence_unbooked",
    "cut_reply",
    "unfinished_reply",
    "drip_reply",
}
SEEN_ELSEWHERE |= {"empty_reply", "html_reply", "wrong_json", "truncated_json", "slow", "stuck", "vanish"}
SEEN_ELSEWHERE |= {
    "booked_500",
    "booked_502",
    "booked_503",
    "booked_504",
    "fail",
    "moderated",
    "cancelled",
    "expired",
}
SEEN_ELSEWHERE |= {
    "no_images",
    "fewer_images",
    "foreign_result",
    "huge_result",
    "endless_result",
    "image_bomb",
}
SEEN_ELSEWHERE |= {"cut_result", "drip_result", "silent_result", "reset_result"}


def test_every_fault_is_tried_in_this_file() -> None:
    assert set(FAULTS) == set(REFUSED) | set(UNFETCHABLE) | set(NOT_PICTURES) | SEEN_ELSEWHERE


async def raw(client: Client, fault: str, seconds: float = 5) -> tuple[int, bytes, Any]:
    """Submit under a fault and read whatever comes."""
    await client.control("switches", {"next": [fault]})
    url = f"{client.stand_in.api_url}/models/{MAKE}/run"
    timeout = ClientTimeout(total=seconds)
    async with client.session.post(url, json=HILL, headers=client.headers, timeout=timeout) as response:
        return response.status, await response.read(), response.headers


async def booked(client: Client) -> list[Any]:
    return await client.control("books")


@pytest.mark.parametrize("fault", REFUSED)
async def test_a_refusal_books_nothing_and_is_used_up(fast: Client, fault: str) -> None:
    await fast.control("switches", {"next": [fault]})
    status, reply, headers = await fast.post(MAKE, HILL)
    assert (status, reply["error"]["code"]) == REFUSED[fault]
    assert headers.get("Retry-After") == ("2" if fault == "rate_limited" else None)
    assert await booked(fast) == []
    assert (await fast.post(MAKE, HILL))[0] == 202


async def test_always_holds_until_it_is_taken_back(fast: Client) -> None:
    await fast.control("switches", {"always": "error_503", "next": ["ok"]})
    assert [(await fast.post(MAKE, HILL))[0] for _ in range(3)] == [202, 503, 503]
    await fast.control("switches", {"always": None})
    assert (await fast.post(MAKE, HILL))[0] == 202


async def test_a_lost_request_is_reset_and_books_nothing(fast: Client) -> None:
    with pytest.raises(ClientConnectionError):
        await raw(fast, "lose_request")
    assert await booked(fast) == []


async def test_a_reset_is_a_true_reset_and_no_orderly_end(fast: Client) -> None:
    await fast.control("switches", {"next": ["lose_reply"]})
    host, port = fast.stand_in.origin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /api/v1/models/{MAKE}/run HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {fast.stand_in.key}\r\n"
    writer.write(f"{head}Content-Length: 26\r\n\r\n".encode() + b'{"prompt": "a green hill"}')
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert len(await booked(fast)) == 1


async def test_a_lost_reply_is_reset_but_the_job_runs(fast: Client) -> None:
    with pytest.raises(ClientConnectionError):
        await raw(fast, "lose_reply")
    (line,) = await booked(fast)
    assert (await fast.ended(line["job"]))["status"] == "completed"
    assert line["cost"] == 4


@pytest.mark.parametrize(("fault", "jobs"), [("silence", 1), ("silence_unbooked", 0)])
async def test_silence_lasts_until_the_client_gives_up(fast: Client, fault: str, jobs: int) -> None:
    with pytest.raises(TimeoutError):
        await raw(fast, fault, seconds=0.2)
    assert len(await booked(fast)) == jobs


@pytest.mark.parametrize("fault", ["cut_reply", "unfinished_reply"])
async def test_a_cut_reply_announces_more_than_it_sends(fast: Client, fault: str) -> None:
    with pytest.raises(ClientPayloadError):
        await raw(fast, fault)
    assert len(await booked(fast)) == 1


async def test_a_dripping_reply_is_whole_in_the_end(fast: Client) -> None:
    await fast.control("switches", {"drip_seconds": 0.0005})
    status, body, _ = await raw(fast, "drip_reply")
    assert status == 202
    assert (await booked(fast))[0]["job"] in body.decode()


@pytest.mark.parametrize(
    ("fault", "status", "start", "jobs"),
    [
        ("html", 502, b"<!DOCTYPE", 0),
        ("html_reply", 200, b"<!DOCTYPE", 1),
        ("empty_reply", 202, b"", 1),
        ("wrong_json", 202, b"[{", 1),
        ("truncated_json", 202, b'{"jobId"', 1),
        ("booked_500", 500, b'{"error"', 1),
        ("booked_502", 502, b'{"error"', 1),
        ("booked_503", 503, b'{"error"', 1),
        ("booked_504", 504, b'{"error"', 1),
    ],
)
async def test_a_bad_reply_may_hide_a_job(
    fast: Client, fault: str, status: int, start: bytes, jobs: int
) -> None:
    got, body, _ = await raw(fast, fault)
    assert got == status
    assert body.startswith(start)
    assert (start != b"") or body == b""
    assert (b"}" in body) is (fault == "wrong_json" or fault.startswith("booked"))
    lines = await booked(fast)
    assert len(lines) == jobs
    for line in lines:
        assert (await fast.ended(line["job"]))["status"] == "completed"


@pytest.mark.parametrize(
    ("fault", "status"),
    [("fail", "failed"), ("moderated", "failed"), ("cancelled", "cancelled"), ("expired", "expired")],
)
async def test_a_job_can_end_badly(fast: Client, fault: str, status: str) -> None:
    await fast.control("switches", {"next": [fault]})
    view = await fast.ended(await fast.submit(MAKE, **HILL))
    assert view["status"] == status
    assert view["error"]["message"]
    assert "output" not in view
    assert (await booked(fast))[0]["refunded"] == 4


async def test_a_failure_takes_as_long_as_a_success(fast: Client) -> None:
    await fast.control("switches", {"next": ["moderated"], "latency": 1000})
    job = await fast.submit(MAKE, **HILL)
    assert (await fast.get(f"/jobs/{job}"))[1]["status"] == "pending"
    assert (await fast.control("state"))["jobs"][0]["seconds_left"] > 1000


async def test_a_slow_job_takes_ten_times_as_long_and_a_stuck_one_for_ever(fast: Client) -> None:
    await fast.control("switches", {"next": ["slow", "stuck"], "latency": 1})
    slow, stuck = await fast.submit(MAKE, **HILL), await fast.submit(MAKE, **HILL)
    left = {job["id"]: job["seconds_left"] for job in (await fast.control("state"))["jobs"]}
    assert left[slow] > 60
    await fast.control("clock", {"skip": 100_000})
    assert (await fast.ended(slow))["status"] == "completed"
    assert (await fast.get(f"/jobs/{stuck}"))[1]["status"] == "processing"


async def test_a_job_can_vanish(fast: Client) -> None:
    await fast.control("switches", {"next": ["vanish"]})
    job = await fast.submit(MAKE, **HILL)
    assert (await fast.get(f"/jobs/{job}"))[0] == 404
    assert (await fast.get("/jobs"))[1]["jobs"] == []


@pytest.mark.parametrize(("fault", "images"), [("no_images", 0), ("fewer_images", 2), ("ok", 3)])
async def test_a_completed_job_can_have_fewer_images(fast: Client, fault: str, images: int) -> None:
    await fast.control("switches", {"next": [fault]})
    view = await fast.ended(await fast.submit(MAKE, **HILL, num_images=3))
    assert view["status"] == "completed"
    assert len(view["output"]["images"]) == images
    assert view["creditCost"] == 12


async def result_url(client: Client, fault: str) -> str:
    await client.control("switches", {"next": [fault]})
    view = await client.ended(await client.submit(MAKE, **HILL))
    assert view["status"] == "completed"
    return view["output"]["images"][0]


@pytest.mark.parametrize("fault", UNFETCHABLE)
async def test_a_result_can_be_out_of_reach(fast: Client, fault: str) -> None:
    async with fast.session.get(await result_url(fast, fault), allow_redirects=False) as response:
        assert response.status == UNFETCHABLE[fault]
        assert response.headers.get("Location", "").startswith("http://169.254.169.254") is (
            response.status == 302
        )


async def test_a_result_can_lie_elsewhere(fast: Client) -> None:
    await fast.control("switches", {"redirect_to": "http://10.0.0.1/x.png"})
    assert await result_url(fast, "foreign_result") == "http://10.0.0.1/x.png"


@pytest.mark.parametrize("fault", NOT_PICTURES)
async def test_a_result_can_be_something_else(fast: Client, fault: str) -> None:
    data = await fast.fetch(await result_url(fast, fault))
    assert data.startswith(NOT_PICTURES[fault])
    with pytest.raises(OSError, match="cannot identify"):
        opened(data)


async def test_a_result_can_be_a_decompression_bomb(fast: Client) -> None:
    data = await fast.fetch(await result_url(fast, "image_bomb"))
    assert len(data) < 150_000
    assert data[16:24] == (30_000).to_bytes(4, "big") * 2


async def test_a_huge_result_announces_its_length_and_is_never_made(fast: Client) -> None:
    async with fast.session.get(await result_url(fast, "huge_result")) as response:
        assert response.content_length == 2 * 1024**3
        assert (await response.content.readexactly(3_000_000)).startswith(b"\x89PNG")


async def test_an_endless_result_announces_none(fast: Client) -> None:
    await fast.control("switches", {"huge_bytes": 3_000_000})
    async with fast.session.get(await result_url(fast, "endless_result")) as response:
        assert response.content_length is None
        assert len(await response.read()) == 3_000_000


async def test_a_result_can_be_cut(fast: Client) -> None:
    url = await result_url(fast, "cut_result")
    with pytest.raises(ClientPayloadError):
        await fast.fetch(url)


async def test_a_result_can_drip(fast: Client) -> None:
    url = await result_url(fast, "drip_result")
    async with fast.session.get(url) as response:
        assert len(await response.content.read(100)) < 20


async def test_a_result_can_be_reset_or_silent(fast: Client) -> None:
    url = await result_url(fast, "reset_result")
    with pytest.raises(ClientConnectionError):
        await fast.fetch(url)
    silent = await result_url(fast, "silent_result")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(fast.fetch(silent), 0.2)
