"""The forms that the bot opens."""

import pytest
from playwright.async_api import Page, expect

from tests.browser import scenes
from tests.browser.fake_server import FakeServer
from tests.browser.screen import attach, choose, part, visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def open_modal(page: Page, server: FakeServer) -> None:
    server.hold("component")
    await visit(page, server, scenes.done_card("cat"))
    await part(page, "job:5:edit").click()
    frame = await server.expect("component")
    await server.push("modal", scenes.edit_modal(frame["nonce"]))
    await expect(page.get_by_role("dialog", name="Edit result")).to_be_visible()


async def test_a_button_that_opens_a_modal_is_answered_by_it(page: Page, server: FakeServer) -> None:
    await open_modal(page, server)
    await expect(part(page, "prompt").locator("textarea")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    button = page.get_by_role("button", name="Edit result")
    await expect(button).to_have_attribute("data-state", "idle")
    await expect(button).to_be_focused()


async def test_a_filled_modal_is_sent_in_discords_shape(page: Page, server: FakeServer) -> None:
    await open_modal(page, server)
    await page.keyboard.type("Now in winter")
    await attach(page, "coffee.jpg", "rocket.jpg")
    await part(page, "quality").get_by_role("combobox").click()
    await choose(page, "Low")
    await page.keyboard.press("Control+Enter")
    frame = await server.expect("modal")
    assert frame["interaction_id"] == "8001"
    text, prompt, images, quality, name = frame["components"]
    assert text["type"] == 10
    assert prompt == {
        "type": 18,
        "component": {"type": 4, "custom_id": "prompt", "value": "Now in winter"},
    }
    assert images["component"] == {
        "type": 19,
        "custom_id": "images",
        "values": [server.upload_id("coffee.jpg"), server.upload_id("rocket.jpg")],
    }
    assert quality["component"] == {"type": 3, "custom_id": "quality", "values": ["low"]}
    assert name["component"]["value"] == ""
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_what_is_wrong_in_a_modal_is_said_and_nothing_is_sent(page: Page, server: FakeServer) -> None:
    await open_modal(page, server)
    await part(page, "name").locator("textarea").fill("a name of far too many letters")
    await page.get_by_role("button", name="Submit").click()
    await expect(part(page, "prompt")).to_contain_text("Please fill this in.")
    await expect(part(page, "name")).to_contain_text("At most 20 characters: 10 too many.")
    await expect(part(page, "prompt").locator("textarea")).to_be_focused()
    assert server.frames("modal") == []


async def test_a_modal_that_fails_stays_open_with_what_was_typed(page: Page, server: FakeServer) -> None:
    await open_modal(page, server)
    server.hold("modal")
    await page.keyboard.type("Now in winter")
    await page.get_by_role("button", name="Submit").click()
    await server.settle(await server.expect("modal"), "failed", "The application did not respond")
    await expect(page.get_by_role("alert")).to_have_text("The application did not respond")
    await expect(part(page, "prompt").locator("textarea")).to_have_value("Now in winter")


async def test_focus_stays_inside_an_open_modal(page: Page, server: FakeServer) -> None:
    await open_modal(page, server)
    inside = "document.querySelector('dialog.modal').contains(document.activeElement)"
    for _ in range(25):
        await page.keyboard.press("Tab")
        assert await page.evaluate(inside)
    for _ in range(12):
        await page.keyboard.press("Shift+Tab")
        assert await page.evaluate(inside)


async def test_escape_closes_a_list_before_the_modal_that_it_belongs_to(
    page: Page, server: FakeServer
) -> None:
    await open_modal(page, server)
    await part(page, "quality").get_by_role("combobox").click()
    await expect(page.get_by_role("listbox")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("listbox")).to_have_count(0)
    await expect(page.get_by_role("dialog", name="Edit result")).to_be_visible()
