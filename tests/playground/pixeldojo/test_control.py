from typing import Any

import pytest

from playground.pixeldojo.switches import CHECKS, Switches
from tests.playground.pixeldojo.conftest import Client

MAKE = "gpt-image-1-5"


async def test_the_state_shows_jobs_newest_first(fast: Client) -> None:
    await fast.control("switches", {"next": ["fail"]})
    failed = await fast.submit(MAKE, prompt="a hill", num_images=2)
    await fast.ended(failed)
    await fast.control("switches", {"latency": 1000})
    running = await fast.submit("gpt-image-2", prompt="a sea")
    state = await fast.control("state")
    assert state["balance"] == 995
    assert [job["id"] for job in state["jobs"]] == [running, failed]
    assert state["jobs"][0] | {"seconds_left": 0} == {
        "id": running,
        "model": "gpt-image-2",
        "status": "pending",
        "prompt": "a sea",
        "images": 1,
        "results": [],
        "cost": 5,
        "seconds_left": 0,
        "failure": None,
    }
    assert state["jobs"][0]["seconds_left"] > 1000
    assert state["jobs"][1]["seconds_left"] == 0
    assert "a hill" in state["jobs"][1]["failure"]
    assert state["switches"]["balance"] == 995
    assert (state["log"][0]["method"], state["log"][0]["path"]) == (
        "POST",
        "/api/v1/models/gpt-image-2/run",
    )


async def test_the_state_keeps_to_50_jobs_while_the_books_keep_all(fast: Client) -> None:
    for number in range(55):
        await fast.submit(MAKE, prompt=f"hill {number}")
    state = await fast.control("state")
    assert (len(state["jobs"]), len(state["log"])) == (50, 50)
    assert len(await fast.control("books")) == len(await fast.control("log")) == 55


async def test_the_log_holds_what_was_submitted_and_what_went_wrong(fast: Client) -> None:
    await fast.control(
        "switches", {"next": ["booked_502"], "script": [{"path": "/models$", "action": "html"}]}
    )
    await fast.post(MAKE, {"prompt": "a hill", "quality": "low"})
    async with fast.session.get(f"{fast.stand_in.api_url}/models") as response:
        assert response.status == 502
    first, second = await fast.control("log")
    assert first["body"] == {"prompt": "a hill", "quality": "low"}
    assert first["fault"] == "error_502"
    assert (second["script"], second["method"], second["path"]) == ("html", "GET", "/api/v1/models")
    assert fast.stand_in.key not in str((first, second))


async def test_another_user_of_the_key_can_spend(fast: Client) -> None:
    assert await fast.control("spend", {"credits": 12.5}) == {"balance": 987.5}
    assert "error" in await fast.control("spend", {"credits": "all"})
    _, reply, _ = await fast.post(MAKE, {"prompt": "a hill"})
    assert reply["creditsRemaining"] == 983.5


async def test_setting_the_balance_is_booked(fast: Client) -> None:
    assert (await fast.control("switches", {"balance": 3}))["balance"] == 3
    entries = await fast.control("entries")
    assert [entry["credits"] for entry in entries] == [1000, -997]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"speed": 3}, "There is no switch 'speed'."),
    ({"latency": -1}, "'latency' must be a number, not negative."),
    ({"latency": True}, "'latency' must be"),
    ({"next": ["explode"]}, "'next' must be a list of ok, "),
    ({"next": "fail"}, "'next' must be a list"),
    ({"always": "explode"}, "'always' must be null or one of"),
    ({"requests_per_minute": 1.5}, "'requests_per_minute' must be a whole number or null."),
    ({"webhooks": "maybe"}, "'webhooks' must be one of"),
    ({"balance": "much"}, "'balance' must be a number of credits."),
    ({"running_words": []}, "'running_words' must be a list of at least one string."),
    ({"costs": {"gpt-image-1-5": "dear"}}, "'costs' must be an object"),
    ({"dead_jobs": {"gpt-image-9": "object"}}, "'dead_jobs' must be an object of models and one of object,"),
    ({"dead_runs": {"gpt-image-2": "rude"}}, "'dead_runs' must be an object of models and one of object,"),
    ({"dead_jobs": {"gpt-image-2": ["object"]}}, "'dead_jobs' must be an object"),
    ({"dead_status": 410}, "'dead_status' must be one of 400, 404."),
    ({"remap": {"gpt-image-2": -1}}, "'remap' must be an object of models and credits per image."),
    ({"redirect_to": "nowhere"}, "'redirect_to' must be a URL."),
    ({"fast_results": 1}, "'fast_results' must be true or false."),
]


@pytest.mark.parametrize(("change", "problem"), BAD)
async def test_a_bad_switch_changes_nothing(fast: Client, change: dict[str, Any], problem: str) -> None:
    before = await fast.control("switches")
    assert problem in (await fast.control("switches", {"surcharge": 9, **change}))["error"]
    assert await fast.control("switches") == before


async def test_a_body_that_is_no_object_is_refused(fast: Client) -> None:
    url, headers = f"{fast.stand_in.origin}/control/switches", {"Content-Type": "application/json"}
    async with fast.session.post(url, data=b"[1", headers=headers) as response:
        assert response.status == 400


def test_every_switch_has_a_check_that_its_default_passes() -> None:
    defaults = Switches().as_json()
    assert set(defaults) - {"script"} == set(CHECKS)
    for name, (fits, _) in CHECKS.items():
        assert fits(defaults[name]), name


async def test_a_wrong_skip_is_refused(fast: Client) -> None:
    assert "error" in await fast.control("clock", {"skip": "an hour"})
