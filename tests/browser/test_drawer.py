"""Behind the scenes."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser import scenes
from tests.browser.fake_server import FakeServer
from tests.browser.screen import visit

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
