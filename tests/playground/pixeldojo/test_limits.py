import pytest

from playground.pixeldojo.clock import Clock
from playground.pixeldojo.limits import Window
from tests.playground.pixeldojo.conftest import Client, Clients, StandIns

MAKE = "gpt-image-1-5"


async def limited(stand_ins: StandIns, clients: Clients, **switches: object) -> Client:
    return clients(await stand_ins(switches={"fast_results": True, **switches}))


async def test_the_defaults_are_60_requests_and_10_submissions_a_minute(
    stand_ins: StandIns, clients: Clients
) -> None:
    client = clients(
        await stand_ins(switches={"fast_results": True, "requests_per_minute": 60, "submits_per_minute": 10})
    )
    for _ in range(10):
        assert (await client.post(MAKE, {"prompt": "a hill"}))[0] == 202
    status, reply, headers = await client.post(MAKE, {"prompt": "a hill"})
    assert (status, reply["error"]["code"]) == (429, "quota_exceeded")
    assert headers["X-RateLimit-Limit"] == "10"
    for _ in range(50):
        assert (await client.get("/models"))[0] == 200
    assert (await client.get("/models"))[0] == 429
    assert (await client.control("state"))["requests_per_minute"] == 60


async def test_every_reply_says_what_is_left(stand_ins: StandIns, clients: Clients) -> None:
    client = await limited(stand_ins, clients, requests_per_minute=3)
    left: list[str] = []
    for path in ("/models", "/jobs/none", "/jobs"):
        async with client.session.get(client.stand_in.api_url + path, headers=client.headers) as response:
            left.append(response.headers["X-RateLimit-Remaining"])
            assert response.headers["X-RateLimit-Limit"] == "3"
            assert "Retry-After" not in response.headers
    assert left == ["2", "1", "0"]


@pytest.mark.parametrize("window", ["sliding", "fixed"])
async def test_a_refused_request_says_when_to_come_back_and_may_then(
    stand_ins: StandIns, clients: Clients, window: str
) -> None:
    client = await limited(stand_ins, clients, requests_per_minute=2, window=window)
    # At the start of a minute, so that no test run meets the end of one.
    now = (await client.control("clock", {"skip": 0}))["now"]
    await client.control("clock", {"skip": 60 - now % 60})
    url = f"{client.stand_in.api_url}/models"
    for _ in range(2):
        assert (await client.get("/models"))[0] == 200
    async with client.session.get(url) as response:
        assert response.status == 429
        wait = int(response.headers["Retry-After"])
        assert 50 <= wait <= 60
        now = (await client.control("clock", {"skip": 0}))["now"]
        assert int(response.headers["X-RateLimit-Reset"]) == pytest.approx(now + wait, abs=3)
        assert response.headers["X-RateLimit-Remaining"] == "0"
    await client.control("clock", {"skip": wait})
    assert (await client.get("/models"))[0] == 200


async def test_refused_submissions_book_nothing_and_use_up_no_fault(
    stand_ins: StandIns, clients: Clients
) -> None:
    client = await limited(stand_ins, clients, submits_per_minute=0, next=["fail"])
    assert (await client.post(MAKE, {"prompt": "a hill"}))[0] == 429
    assert (await client.control("books")) == []
    assert (await client.control("state"))["switches"]["next"] == ["fail"]


async def test_results_and_control_do_not_count(stand_ins: StandIns, clients: Clients) -> None:
    client = await limited(stand_ins, clients, requests_per_minute=2)
    job = await client.submit(MAKE, prompt="a hill")
    _, view = await client.get(f"/jobs/{job}")
    for _ in range(4):
        assert await client.fetch(view["output"]["images"][0])
        assert (await client.control("state"))["requests_per_minute"] == 2


async def test_without_a_limit_there_are_no_headers(fast: Client) -> None:
    async with fast.session.get(f"{fast.stand_in.api_url}/models") as response:
        assert not [name for name in response.headers if name.lower().startswith("x-ratelimit")]


def test_a_sliding_window_frees_its_places_one_by_one() -> None:
    clock = Clock()
    window = Window(clock=clock)
    for _ in range(2):
        window.take()
        clock.skip(20)
    verdict = window.look(2, "sliding")
    assert verdict is not None
    assert not verdict.allowed
    assert verdict.reset - verdict.now == pytest.approx(20, abs=0.5)
    clock.skip(21)
    freed = window.look(2, "sliding")
    assert freed is not None
    assert freed.allowed
    assert freed.remaining == 0
    assert window.count() == 1
