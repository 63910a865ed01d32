"""Ordinary messages, and what can be done with them."""

import pytest
from playwright.async_api import Page, expect

from tests.browser import scenes
from tests.browser.fake_server import FakeServer
from tests.browser.screen import SAMPLES, message, visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_message_with_pictures_is_posted(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    files = [SAMPLES / "cat.jpg", SAMPLES / "coffee.jpg"]
    await page.locator('[data-role="message-files"]').set_input_files(files)
    await expect(page.locator('.tray .upload[data-state="ready"]')).to_have_count(2)
    await page.locator("#message-box").fill("Look!")
    await page.keyboard.press("Enter")
    frame = await server.expect("message")
    assert (frame["channel_id"], frame["content"]) == (scenes.DARKROOM, "Look!")
    assert frame["uploads"] == [server.upload_id("cat.jpg"), server.upload_id("coffee.jpg")]
    await expect(page.locator(".tray")).to_be_hidden()
    await expect(page.locator("#message-box")).to_have_value("")


async def test_shift_and_enter_make_a_new_line(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    await page.locator("#message-box").fill("one")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("two")
    await page.keyboard.press("Enter")
    assert (await server.expect("message"))["content"] == "one\ntwo"


async def test_the_box_is_one_line_high_again_when_there_is_room(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    box = page.locator("#message-box")
    height = "element => [element.clientHeight, element.scrollHeight]"
    await box.focus()
    low = await box.evaluate(height)
    assert low[0] == low[1]
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(box).to_have_attribute("placeholder", "Message #darkroom")
    assert await box.evaluate(height) == low
    await box.fill("words " * 12)
    tall = await box.evaluate(height)
    assert tall[0] == tall[1] > low[0]
    await page.set_viewport_size({"width": 1280, "height": 800})
    await expect(box).not_to_have_attribute("placeholder", "Message #darkroom")
    assert await box.evaluate(height) == low


async def test_too_long_a_message_is_not_sent(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    await page.locator("#message-box").fill("x" * 2003)
    await expect(page.locator(".box-note")).to_have_text("A message holds 2000 characters: 3 too many.")
    await page.keyboard.press("Enter")
    await page.locator("#message-box").fill("short")
    await page.keyboard.press("Enter")
    assert (await server.expect("message"))["content"] == "short"


async def test_direct_messages_have_no_channel_on_the_wire(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    await page.get_by_role("button", name="Darkroom", exact=True).first.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Darkroom")
    await page.locator("#message-box").fill("hello")
    await page.keyboard.press("Enter")
    assert (await server.expect("message"))["channel_id"] is None


async def test_a_message_command_is_found_under_apps(page: Page, server: FakeServer) -> None:
    said = scenes.message(
        scenes.BEN, "two", attachments=[scenes.attachment("coffee.jpg", url="/cdn/coffee.jpg")]
    )
    await visit(page, server, said)
    await message(page, said).hover()
    await page.get_by_role("button", name="More").click()
    await page.get_by_role("menuitem", name="Apps").click()
    await page.get_by_role("menuitem", name="Edit images").click()
    frame = await server.expect("command")
    assert (frame["command_id"], frame["target_id"]) == ("9007", said["id"])
    await expect(page.get_by_role("menu")).to_have_count(0)


async def test_a_user_command_is_found_on_the_profile(page: Page, server: FakeServer) -> None:
    said = scenes.message(scenes.BEN, "hi")
    await visit(page, server, said)
    await message(page, said).get_by_role("button", name="Ben").click()
    await page.get_by_role("dialog", name="About Ben").get_by_role("button", name="Show spending").click()
    frame = await server.expect("command")
    assert (frame["command_id"], frame["target_id"]) == ("9008", scenes.BEN)


async def test_one_may_delete_ones_own_messages_and_a_moderator_all(page: Page, server: FakeServer) -> None:
    mine, other = scenes.message(scenes.ANN, "mine"), scenes.message(scenes.BEN, "his")
    await visit(page, server, mine, other)
    await message(page, other).click(button="right")
    await expect(page.get_by_role("menuitem", name="Delete message")).to_have_count(0)
    await page.keyboard.press("Escape")
    await message(page, mine).click(button="right")
    await page.get_by_role("menuitem", name="Delete message").click()
    assert (await server.expect("delete"))["message_id"] == mine["id"]
    await page.goto(f"{server.url}/?member=mod")
    await message(page, other).click(button="right")
    await expect(page.get_by_role("menuitem", name="Delete message")).to_be_visible()


async def test_again_is_the_first_reaction_on_offer(page: Page, server: FakeServer) -> None:
    card = scenes.done_card("cat")
    await visit(page, server, card)
    await message(page, card).hover()
    await page.get_by_role("button", name="React with 🔁").click()
    assert (await server.expect("react"))["emoji"] == "🔁"
    await page.get_by_role("button", name="Add a reaction").click()
    board = page.get_by_role("dialog", name="React with")
    await expect(board.get_by_role("button").first).to_be_focused()
    await expect(board.get_by_role("button").first).to_have_text("🔁")
    await board.get_by_role("button", name="🎉").click()
    assert (await server.expect("react", earlier=1))["emoji"] == "🎉"


async def test_a_reply_names_the_message_that_it_answers(page: Page, server: FakeServer) -> None:
    said = scenes.message(scenes.BEN, "who has it?")
    await visit(page, server, said)
    await message(page, said).hover()
    await page.get_by_role("button", name="Reply", exact=True).click()
    await expect(page.locator(".replying")).to_have_text("Replying to Ben")
    await page.keyboard.type("me")
    await page.keyboard.press("Enter")
    assert (await server.expect("message"))["reply_to"] == said["id"]
    await expect(page.locator(".replying")).to_be_hidden()


async def test_what_the_server_refuses_is_said(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    await server.push("error", {"nonce": "1", "message": "You cannot see that channel."})
    await expect(page.get_by_role("alert")).to_contain_text("You cannot see that channel.")
