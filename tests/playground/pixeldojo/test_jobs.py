import asyncio
import threading
from statistics import median
from typing import Any

import pytest

from playground.pixeldojo.jobs import duration
from playground.pixeldojo.pictures import artist
from tests.playground.pixeldojo.conftest import EDIT, Client, Clients, Sources, StandIns, opened

MAKE = "gpt-image-1-5"
HILL = {"prompt": "a green hill"}


def test_durations_are_log_normal_with_the_known_medians() -> None:
    edits = [duration(1, number, edits=True) for number in range(4000)]
    assert median(edits) == pytest.approx(35, rel=0.04)
    assert sum(seconds < 35 * 2.718**0.4 for seconds in edits) / 4000 == pytest.approx(0.841, abs=0.02)
    assert median(duration(1, number, edits=False) for number in range(4000)) == pytest.approx(20, rel=0.04)


def test_durations_depend_on_the_seed_alone() -> None:
    assert duration(1, 7, edits=True) == duration(1, 7, edits=True)
    assert duration(1, 7, edits=True) != duration(2, 7, edits=True)


async def test_a_job_waits_then_runs_then_is_completed(fast: Client) -> None:
    await fast.control("switches", {"latency": 1000})
    job = await fast.submit(MAKE, **HILL)
    _, view = await fast.get(f"/jobs/{job}")
    assert view["status"] == "pending"
    assert set(view) == {"jobId", "status", "creditCost", "expiresAt"}
    seconds = (await fast.control("state"))["jobs"][0]["seconds_left"]
    await fast.control("clock", {"skip": seconds / 2})
    assert (await fast.get(f"/jobs/{job}"))[1]["status"] == "processing"
    await fast.control("clock", {"skip": seconds / 2})
    view = await fast.ended(job)
    assert view["status"] == "completed"
    assert view["creditCost"] == 4
    assert len(view["output"]["images"]) == 1


async def test_finish_ends_one_job_or_all(fast: Client) -> None:
    await fast.control("switches", {"latency": 1000, "next": ["ok", "stuck", "fail"]})
    jobs = [await fast.submit(MAKE, **HILL) for _ in range(3)]
    assert await fast.control("finish", {"job": jobs[0]}) == {"finished": 1}
    assert (await fast.get(f"/jobs/{jobs[0]}"))[1]["status"] == "completed"
    assert (await fast.get(f"/jobs/{jobs[1]}"))[1]["status"] == "pending"
    assert await fast.control("finish", {"job": None}) == {"finished": 2}
    assert [(await fast.get(f"/jobs/{job}"))[1]["status"] for job in jobs] == [
        "completed",
        "completed",
        "failed",
    ]
    assert "error" in await fast.control("finish", {"job": "job_none"})


async def test_words_for_states_can_be_changed(fast: Client) -> None:
    switches = {
        "latency": 1000,
        "running_words": ["QUEUED", "IN_PROGRESS"],
        "failed_word": "error",
        "next": ["fail"],
    }
    await fast.control("switches", switches)
    job = await fast.submit(MAKE, **HILL)
    assert (await fast.get(f"/jobs/{job}"))[1]["status"] == "QUEUED"
    await fast.control("finish", {"job": None})
    assert (await fast.get(f"/jobs/{job}"))[1]["status"] == "error"


@pytest.mark.parametrize("shape", ["strings", "objects", "image", "assets"])
async def test_results_come_in_every_shape(fast: Client, shape: str) -> None:
    await fast.control("switches", {"result_shape": shape})
    view = await fast.ended(await fast.submit(MAKE, **HILL))
    urls = {
        "strings": lambda: view["output"]["images"][0],
        "objects": lambda: view["output"]["images"][0]["url"],
        "image": lambda: view["output"]["image"],
        "assets": lambda: view["assets"][0]["url"],
    }
    url = urls[shape]()
    assert url.startswith(f"{fast.stand_in.origin}/temp/")
    assert opened(await fast.fetch(url)).size == (64, 64)


@pytest.mark.parametrize(
    ("shape", "kind"), [("object", dict), ("string", str), ("list", list), ("none", type(None))]
)
async def test_failures_come_in_every_shape_and_quote_the_prompt(
    fast: Client, shape: str, kind: type
) -> None:
    await fast.control("switches", {"job_error_shape": shape, "next": ["moderated"]})
    view = await fast.ended(await fast.submit(MAKE, **HILL))
    assert isinstance(view.get("error"), kind)
    assert ("a green hill" in str(view)) is (shape != "none")


async def test_a_failed_job_is_refunded_unless_switched_off(fast: Client) -> None:
    await fast.control("switches", {"next": ["fail", "fail"]})
    first = await fast.submit(MAKE, **HILL)
    assert (await fast.ended(first))["creditCost"] == 0
    await fast.control("switches", {"refund_failures": False})
    second = await fast.submit(MAKE, **HILL)
    assert (await fast.ended(second))["creditCost"] == 4
    books = await fast.control("books")
    assert [(line["job"], line["cost"], line["refunded"], line["status"]) for line in books] == [
        (first, 4, 4, "failed"),
        (second, 4, 0, "failed"),
    ]
    assert (await fast.control("state"))["balance"] == 996


async def test_the_entries_add_up_to_the_balance(fast: Client) -> None:
    await fast.control("switches", {"next": ["ok", "fail"], "costs": {MAKE: 1.25}})
    for _ in range(2):
        await fast.ended(await fast.submit(MAKE, **HILL))
    await fast.control("spend", {"credits": 10})
    entries = await fast.control("entries")
    assert [entry["kind"] for entry in entries] == ["top_up", "charge", "charge", "refund", "spend"]
    sign = {"top_up": 1, "refund": 1, "charge": -1, "spend": -1}
    total = sum(sign[entry["kind"]] * entry["credits"] for entry in entries)
    assert total == (await fast.control("state"))["balance"] == 988.75


async def test_the_list_names_the_newest_jobs_first(fast: Client) -> None:
    jobs = [await fast.submit(MAKE, prompt=f"hill {number}") for number in range(53)]
    await fast.ended(jobs[-1])
    _, reply = await fast.get("/jobs")
    assert [line["jobId"] for line in reply["jobs"]] == jobs[:2:-1]
    assert reply["jobs"][0] | {"expiresAt": "", "createdAt": "", "output": {}} == {
        "jobId": jobs[-1],
        "status": "completed",
        "creditCost": 4,
        "expiresAt": "",
        "createdAt": "",
        "output": {},
        "model": MAKE,
        "prompt": "hill 52",
    }
    await fast.control("switches", {"list_shape": "summary"})
    _, reply = await fast.get("/jobs")
    assert set(reply["jobs"][0]) == {"jobId", "status", "model", "prompt", "createdAt"}
    await fast.control("switches", {"list_shape": "unreadable"})
    assert "jobs" not in (await fast.get("/jobs"))[1]
    await fast.control("switches", {"list_shape": "missing"})
    assert (await fast.get("/jobs"))[0] == 404


async def test_an_unknown_job_is_not_found(fast: Client) -> None:
    status, reply = await fast.get("/jobs/job_none")
    assert (status, reply["error"]["code"]) == (404, "job_not_found")


async def test_a_source_that_is_gone_fails_the_job_and_refunds_it(client: Client, sources: Sources) -> None:
    urls = [sources.url("cat.jpg"), sources.url("none.png")]
    view = await client.ended(await client.submit(prompt="sepia", image_urls=urls))
    assert view["status"] == "failed"
    assert view["error"] == {
        "code": "invalid_image",
        "message": "image_urls[1] could not be downloaded: HTTP 404.",
    }
    assert (await client.control("books"))[0]["refunded"] == 4


@pytest.mark.parametrize(
    "content", [b"", b"this is text", b"GIF89a" + bytes(40), b"\xff\xd8\xff\xe0" + bytes(90)]
)
async def test_a_source_that_does_not_decode_fails_the_job(
    client: Client, sources: Sources, content: bytes
) -> None:
    sources.files["bad.png"] = content
    view = await client.ended(await client.submit(prompt="sepia", image_urls=[sources.url("bad.png")]))
    assert view["error"]["message"] == "image_urls[0] is not a readable png, jpeg or webp image."


async def test_a_truncated_source_fails_the_job(client: Client, sources: Sources) -> None:
    sources.files["half.jpg"] = (await client.fetch(sources.url("cat.jpg")))[:9000]
    view = await client.ended(await client.submit(prompt="sepia", image_urls=[sources.url("half.jpg")]))
    assert view["status"] == "failed"


async def test_a_source_above_50_megabytes_fails_the_job(client: Client, sources: Sources) -> None:
    sources.files["big.png"] = bytes(50 * 1024 * 1024 + 1)
    view = await client.ended(await client.submit(prompt="sepia", image_urls=[sources.url("big.png")]))
    assert view["error"]["message"] == "image_urls[0] is larger than 50 MB."


async def test_fast_results_still_fetch_and_check_sources(
    stand_ins: StandIns, clients: Clients, sources: Sources
) -> None:
    client = clients(await stand_ins(switches={"fast_results": True}))
    picture = await client.picture(prompt="sepia", image_urls=[sources.url("cat.jpg")], output_format="webp")
    assert (picture.format, picture.size) == ("WEBP", (64, 64))
    sources.files["bad.png"] = b"nothing"
    view = await client.ended(await client.submit(prompt="sepia", image_urls=[sources.url("bad.png")]))
    assert view["status"] == "failed"


async def test_many_jobs_at_once_all_end(fast: Client) -> None:
    await fast.control("switches", {"balance": 10_000})
    jobs = await asyncio.gather(
        *(fast.submit(MAKE, prompt=f"hill {n}", output_format="jpeg") for n in range(150))
    )
    views = await asyncio.gather(*(fast.ended(job) for job in jobs))
    assert {view["status"] for view in views} == {"completed"}
    assert len({url for view in views for url in view["output"]["images"]}) == 150


async def test_the_same_request_and_seed_give_the_same_bytes(
    stand_ins: StandIns, clients: Clients, sources: Sources
) -> None:
    body = {
        "prompt": "vintage snow",
        "image_urls": [sources.url("cat.jpg"), sources.url("coffee.jpg")],
        "num_images": 2,
    }
    first = await clients(await stand_ins(seed=5)).results(EDIT, **body)
    again = clients(await stand_ins(seed=5))
    assert await again.results(EDIT, **body) == first
    assert await again.results(EDIT, **body) == first
    assert await clients(await stand_ins(seed=6)).results(EDIT, **body) != first


async def test_repetitions_differ_where_that_is_switched_on(
    stand_ins: StandIns, clients: Clients, sources: Sources
) -> None:
    body = {"prompt": "vintage", "image_urls": [sources.url("cat.jpg")]}
    client = clients(await stand_ins(switches={"vary_repeats": True}))
    first, second = await client.results(EDIT, **body), await client.results(EDIT, **body)
    assert first != second
    anew = clients(await stand_ins(switches={"vary_repeats": True}))
    assert await anew.results(EDIT, **body) == first
    assert await anew.results(EDIT, **body) == second


async def test_all_sources_of_a_job_are_fetched_at_once(client: Client, sources: Sources) -> None:
    sources.stopped = asyncio.Event()
    job = await client.submit(prompt="sepia", image_urls=[sources.url("cat.jpg")] * 8)
    async with asyncio.timeout(20):
        while True:
            if len(sources.asked) == 8:
                break
            await asyncio.sleep(0.005)
    sources.stopped.set()
    assert (await client.ended(job))["status"] == "completed"


async def test_the_stand_in_answers_while_a_picture_is_made(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, paint = threading.Event(), threading.Event(), artist.paint

    def slowly(*given: Any) -> list[bytes]:
        begun.set()
        assert go_on.wait(30)
        return paint(*given)

    monkeypatch.setattr(artist, "paint", slowly)
    job = await client.submit(MAKE, prompt="a hill")
    assert await asyncio.to_thread(begun.wait, 30)
    status, view = await client.get(f"/jobs/{job}")
    assert (status, view["status"]) == (200, "processing")
    go_on.set()
    assert (await client.ended(job))["status"] == "completed"
