"""Behind the scenes."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser import scenes
from tests.browser.fake_server import FakeServer
from tests.browser.screen import choose, visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

JOBS = [
    {
        "id": "j1",
        "model": "gpt-image-1-5-edit",
        "status": "processing",
        "prompt": "Sepia",
        "images": 1,
        "cost": 4,
        "seconds_left": 83.2,
    },
    {
        "id": "j2",
        "model": "gpt-image-1-5-edit",
        "status": "failed",
        "prompt": "No",
        "images": 2,
        "cost": 8,
        "failure": "moderated",
    },
]
SWITCHES = "**/page/provider/switches"


async def open_drawer(
    page: Page, server: FakeServer, *messages: dict[str, Any], tab: str = "provider"
) -> None:
    await visit(page, server, *messages)
    await page.get_by_role("button", name="Behind the scenes").click()
    await page.locator(f'[data-tab="{tab}"]').click()


async def test_the_balance_and_the_jobs_are_shown_and_kept_up_to_date(page: Page, server: FakeServer) -> None:
    server.provider["jobs"] = JOBS
    await open_drawer(page, server)
    await expect(page.get_by_label("Balance")).to_have_text("482credits")
    await expect(page.locator('.job[data-job-id="j1"]')).to_contain_text("running · 1:24")
    await expect(page.locator('.job[data-job-id="j2"]')).to_contain_text("2 images · 8 credits · moderated")
    server.provider["balance"] = 477.5
    await expect(page.get_by_label("Balance")).to_have_text("477.5credits")


async def test_what_can_go_wrong_stands_above_the_jobs_and_is_reached_on_a_phone(
    page: Page, server: FakeServer
) -> None:
    server.provider["jobs"] = JOBS
    await page.set_viewport_size({"width": 390, "height": 844})
    await open_drawer(page, server)
    outcome, jobs = page.locator('[data-outcome="fail"]'), page.locator(".jobs")
    await expect(outcome).to_be_in_viewport(ratio=1)
    mischief, list_of_jobs = await outcome.bounding_box(), await jobs.bounding_box()
    assert mischief is not None
    assert list_of_jobs is not None
    assert mischief["y"] < list_of_jobs["y"]


@pytest.mark.parametrize(
    ("latency", "said"),
    [(0, "at once"), (0.05, "20 × faster"), (1, "as in life"), (2.5, "2.5 × slower")],
)
async def test_the_pace_is_said_as_it_is(page: Page, server: FakeServer, latency: float, said: str) -> None:
    server.provider["switches"]["latency"] = latency
    await open_drawer(page, server)
    await expect(page.locator(".range output")).to_have_text(said)


async def test_outcomes_are_queued_and_can_be_taken_back(page: Page, server: FakeServer) -> None:
    await open_drawer(page, server)
    await page.locator('[data-outcome="fail"]').click()
    await expect(page.locator(".queue .chip")).to_have_count(1)
    await page.locator('[data-outcome="lose_reply"]').click()
    await expect(page.locator(".queue .chip")).to_have_text(["1. fails", "2. loses its reply"])
    assert server.posted[-1] == ("provider/switches", {"next": ["fail", "lose_reply"]})
    await page.get_by_role("button", name="Take back: fails").click()
    await expect(page.locator(".queue .chip")).to_have_text(["1. loses its reply"])


async def test_every_job_can_be_made_to_go_wrong(page: Page, server: FakeServer) -> None:
    await open_drawer(page, server)
    every = page.get_by_label("Every job from now on")
    await every.check()
    await page.locator('[data-outcome="slow"]').click()
    await expect(page.locator(".queue")).to_have_text("Every job is slow.")
    await every.uncheck()
    await expect(page.locator(".queue")).to_have_text("")
    assert [body for _, body in server.posted] == [{"always": "slow"}, {"always": None}]


def ending(name: str, value: Any = None, model: str = "gpt-image-1-5-edit") -> tuple[str, dict[str, Any]]:
    """Return what is posted so that one model ends in this way and in no other."""
    change: dict[str, Any] = {"dead_jobs": {}, "dead_runs": {}, "delist": [], "remap": {}}
    if name:
        change[name] = [model] if name == "delist" else {model: value}
    return "provider/switches", change


async def test_a_model_ends_in_one_way_at_a_time_and_answers_again(page: Page, server: FakeServer) -> None:
    await open_drawer(page, server)
    ways = {"dead_jobs": "fails its jobs", "dead_runs": "turns jobs away", "delist": "has disappeared"}
    for way, said in ways.items():
        await page.locator(f'[data-ending="{way}"]').click()
        await expect(page.locator(".ended")).to_have_text(f"GPT-Image 1.5 Edit {said}")
        await expect(page.locator('.outcome[data-ending][aria-pressed="true"]')).to_have_count(1)
    await page.locator('[data-ending="delist"]').click()
    await expect(page.locator(".ended")).to_have_text("")
    await expect(page.locator('.outcome[data-ending][aria-pressed="true"]')).to_have_count(0)
    assert server.posted == [
        ending("dead_jobs", "object"),
        ending("dead_runs", "object"),
        ending("delist"),
        ending(""),
    ]


async def test_what_is_said_of_a_model_that_ended_can_be_chosen(page: Page, server: FakeServer) -> None:
    await open_drawer(page, server)
    await page.locator('[data-ending="dead_runs"]').click()
    await page.get_by_role("combobox", name="PixelDojo says").click()
    async with page.expect_response(SWITCHES):
        await choose(page, "“is no longer supported”")
    await expect(page.get_by_role("combobox", name="PixelDojo says")).to_have_text("“is no longer supported”")
    async with page.expect_response(SWITCHES):
        await page.get_by_text("400, bad request").click()
    assert server.posted[1:] == [
        ending("dead_runs", "nested"),
        ("provider/switches", {"dead_status": 400}),
    ]


async def test_a_swapped_model_has_another_price_that_can_be_chosen(page: Page, server: FakeServer) -> None:
    await open_drawer(page, server)
    await page.locator('[data-ending="remap"]').click()
    price = page.get_by_label("Credits an image")
    await expect(price).to_have_value("6")
    async with page.expect_response(SWITCHES):
        await price.fill("2.5")
    await expect(price).to_be_focused()
    await price.fill("free")
    await expect(page.locator(".ending-details")).to_contain_text("This is not a number.")
    assert server.posted == [ending("remap", 6), ending("remap", 2.5)]


async def test_another_model_is_chosen_and_each_can_be_let_to_answer_again(
    page: Page, server: FakeServer
) -> None:
    server.provider["switches"]["dead_jobs"] = {"gpt-image-1-5-edit": "string"}
    await open_drawer(page, server)
    await expect(page.locator('[data-ending="dead_jobs"]')).to_have_attribute("aria-pressed", "true")
    await page.get_by_role("combobox", name="Model:").click()
    await expect(page.get_by_role("option").first).to_contain_text("fails its jobs")
    await choose(page, "GPT-Image 2 Edit")
    await expect(page.locator('[data-ending="dead_jobs"]')).to_have_attribute("aria-pressed", "false")
    await page.locator('[data-ending="delist"]').click()
    await expect(page.locator(".ended .chip")).to_have_count(2)
    await page.get_by_role("button", name="Let GPT-Image 1.5 Edit answer again").click()
    await expect(page.locator(".ended")).to_have_text("GPT-Image 2 Edit has disappeared")
    assert server.posted[-1] == ending("delist", model="gpt-image-2-edit")


async def test_the_purse_can_be_filled_and_emptied(page: Page, server: FakeServer) -> None:
    await open_drawer(page, server)
    await page.locator('[data-action="refill"]').click()
    await expect(page.get_by_label("Balance")).to_have_text("1,000credits")
    await page.locator('[data-action="spend"]').click()
    await expect(page.locator(".toast")).to_contain_text("25 credits spent by another user of the key")
    assert server.posted[-1] == ("provider/spend", {"credits": 25})


async def test_discords_switches_are_set_and_read_back(page: Page, server: FakeServer) -> None:
    await open_drawer(page, server, tab="discord")
    tokens = page.get_by_role("switch", name="Interaction tokens are expired")
    await expect(tokens).to_have_attribute("aria-checked", "false")
    await tokens.click()
    await expect(tokens).to_have_attribute("aria-checked", "true")
    await page.get_by_role("switch", name="Upload limit of 1 MB").click()
    await page.get_by_role("switch", name="The bot may not attach files").click()
    await expect(page.get_by_role("switch", name="The bot may not attach files")).to_have_attribute(
        "aria-checked", "true"
    )
    assert server.faults["token_expired"] is True
    assert server.faults["upload_limit"] == 1024 * 1024
    assert server.faults["missing_permissions"] == ["ATTACH_FILES"]


async def test_the_bots_last_message_can_be_deleted(page: Page, server: FakeServer) -> None:
    card = scenes.running_card(eta=30)
    await open_drawer(page, server, card, scenes.message(scenes.BEN, "oh"), tab="discord")
    await page.locator('[data-action="delete-last"]').click()
    await expect(page.locator(".toast")).to_have_text("Deleted")
    wanted = {"channel_id": scenes.DARKROOM, "message_id": card["id"]}
    assert server.posted == [("delete-message", wanted)]


async def test_the_gateway_can_be_dropped_and_time_be_skipped(page: Page, server: FakeServer) -> None:
    await open_drawer(page, server, tab="discord")
    await page.locator('[data-action="gateway-drop"]').click()
    await expect(page.locator(".toast")).to_contain_text("dropped")
    await page.locator('[data-action="skip-900"]').click()
    await expect(page.locator(".toast")).to_have_count(2)
    assert server.posted == [("gateway", {"do": "drop"}), ("clock", {"skip": 900})]


async def test_the_bots_requests_are_listed(page: Page, server: FakeServer) -> None:
    await open_drawer(page, server, tab="requests")
    await expect(page.locator(".request").first).to_contain_text("/users/@me")


async def test_escape_closes_the_drawer_and_focus_goes_back(page: Page, server: FakeServer) -> None:
    await open_drawer(page, server)
    await page.keyboard.press("Escape")
    await expect(page.locator("#drawer")).to_be_hidden()
    await expect(page.get_by_role("button", name="Behind the scenes")).to_be_focused()
