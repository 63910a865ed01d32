"""How messages look and change."""

import re
import time

import pytest
from playwright.async_api import Page, expect

from tests.browser import scenes
from tests.browser.fake_server import FakeServer
from tests.browser.screen import message, part, visit

LATER = (
    "seconds => { const now = Date.now; window.now ??= now; Date.now = () => window.now() + seconds * 1000; }"
)
PATIENCE = 30_000
"""Milliseconds for what a busy machine draws slowly."""
pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_messages_of_one_author_are_grouped(page: Page, server: FakeServer) -> None:
    first, second = scenes.message(scenes.ANN, "one"), scenes.message(scenes.ANN, "two")
    third = scenes.message(scenes.BEN, "three")
    await visit(page, server, first, second, third)
    await expect(message(page, first).locator(".name")).to_have_text("Ann")
    await expect(message(page, second).locator(".name")).to_have_count(0)
    await expect(message(page, third).locator(".name")).to_have_text("Ben")


async def test_a_card_says_that_an_app_wrote_it_and_which_command_it_answers(
    page: Page, server: FakeServer
) -> None:
    card = scenes.done_card("cat")
    await visit(page, server, card)
    shown = message(page, card)
    await expect(shown.locator(".badge")).to_have_text("App")
    await expect(shown.locator(".context")).to_have_text("AAnnused/edit")
    await expect(shown.locator(".edited")).to_be_visible()


async def test_a_reply_leads_to_its_original(page: Page, server: FakeServer) -> None:
    original = scenes.message(scenes.ANN, "the **first** word")
    between = [scenes.message(scenes.BEN, f"line {number}\n" * 4) for number in range(20)]
    answer = scenes.message(scenes.BEN, "yes", **scenes.reply_to(original))
    await visit(page, server, original, *between, answer)
    await expect(message(page, original)).not_to_be_in_viewport()
    await message(page, answer).get_by_role("button", name="Go to the message: the first word").click()
    await expect(message(page, original)).to_be_in_viewport()
    await expect(message(page, original)).to_be_focused()


async def test_a_deleted_message_goes_and_its_replies_say_so(page: Page, server: FakeServer) -> None:
    original = scenes.message(scenes.ANN, "gone soon")
    await visit(page, server, original)
    answer = await server.say(scenes.message(scenes.BEN, "ok", **scenes.reply_to(original)))
    refusal = await server.say(scenes.refusal(**scenes.reply_to(original)))
    await expect(message(page, refusal).locator(".context")).to_contain_text("gone soon")
    await server.push("message_delete", {"id": original["id"], "channel_id": scenes.DARKROOM})
    await expect(message(page, original)).to_have_count(0)
    await expect(message(page, answer).locator(".context")).to_contain_text("was deleted")
    await expect(message(page, refusal).locator(".context")).to_have_text("AAnnused/edit")


async def test_a_private_message_can_be_dismissed(page: Page, server: FakeServer) -> None:
    private = scenes.refusal()
    await visit(page, server, private)
    await expect(message(page, private)).to_contain_text("Only you can see this")
    await message(page, private).get_by_role("button", name="Dismiss message").click()
    await expect(message(page, private)).to_have_count(0)


async def test_a_deferred_answer_is_thought_about_until_it_comes(page: Page, server: FakeServer) -> None:
    waiting = scenes.thinking()
    await visit(page, server, waiting)
    await expect(message(page, waiting)).to_have_attribute("data-state", "thinking")
    await expect(message(page, waiting)).to_contain_text("Darkroom is thinking…")
    await server.say({**waiting, "flags": 0, "content": "You have 12 credits left"}, name="message_update")
    await expect(message(page, waiting)).to_have_attribute("data-state", "sent")
    await expect(message(page, waiting)).to_contain_text("12 credits left")


async def test_a_relative_time_counts_down_by_itself(page: Page, server: FakeServer) -> None:
    now = int(time.time())
    await visit(page, server, scenes.message(scenes.BOT, f"Ready <t:{now + 90}:R>, made <t:{now}:D>"))
    moment = page.locator('time[data-style="R"]')
    await expect(moment).to_have_text("in 1 minute")
    await page.evaluate(LATER, 45)
    await expect(moment).to_have_text(re.compile(r"^in (3|4)\d seconds$"))
    await page.evaluate(LATER, 120)
    await expect(moment).to_have_text(re.compile(r"^(2|3)\d seconds ago$"))


async def test_a_changed_card_keeps_its_loaded_pictures_and_focus(page: Page, server: FakeServer) -> None:
    card = scenes.done_card("cat")
    await visit(page, server, card)
    picture = message(page, card).locator(".gallery img")
    await expect(picture).to_have_js_property("complete", value=True)
    await picture.evaluate("image => { window.picture = image; }")
    await part(page, "job:5:edit").focus()
    changed = {**card, "reactions": [{"emoji": {"id": None, "name": "🔁"}, "count": 1, "me": False}]}
    await server.say(changed, name="message_update")
    await expect(message(page, card).locator(".reaction[data-emoji='🔁']")).to_have_attribute(
        "data-count", "1"
    )
    assert await picture.evaluate("image => image === window.picture")
    await expect(part(page, "job:5:edit")).to_be_focused()


async def test_reactions_are_counted_and_pressing_one_changes_its_own_state(
    page: Page, server: FakeServer
) -> None:
    reactions = [
        {"emoji": {"id": None, "name": "🔁"}, "count": 2, "me": False},
        {"emoji": {"id": None, "name": "👍"}, "count": 1, "me": True},
    ]
    card = scenes.done_card("cat", reactions=reactions)
    await visit(page, server, card)
    again = message(page, card).get_by_role("button", name="🔁, 2 reactions")
    await expect(again).to_have_attribute("aria-pressed", "false")
    await again.click()
    wish = await server.expect("react")
    assert (wish["message_id"], wish["emoji"]) == (card["id"], "🔁")
    await message(page, card).get_by_role("button", name="👍, 1 reaction, yours among them").click()
    assert (await server.expect("unreact"))["emoji"] == "👍"
    await server.push(
        "reactions", {"message_id": card["id"], "channel_id": scenes.DARKROOM, "reactions": reactions[1:]}
    )
    await expect(again).to_have_count(0)


async def test_five_hundred_messages_are_drawn_at_once_and_the_oldest_can_be_reached(
    page: Page, server: FakeServer
) -> None:
    many = [scenes.done_card("cat", "coffee") for _ in range(250)]
    many += [scenes.message(scenes.ANN, f"Number {number}") for number in range(250)]
    answer = scenes.message(scenes.BEN, "the first", **scenes.reply_to(many[0]))
    await visit(page, server, *many, answer)
    began = time.monotonic()
    await page.locator('.channel-link[data-channel-id="202"]').click()
    await page.locator('.channel-link[data-channel-id="201"]').click()
    await expect(message(page, answer)).to_be_in_viewport()
    assert time.monotonic() - began < 2
    # It scrolls by five hundred pictures: on a busy machine that takes a while.
    go = message(page, answer).get_by_role("button", name="Go to the message")
    await go.click(timeout=PATIENCE)
    await expect(message(page, many[0])).to_be_in_viewport(timeout=PATIENCE)


async def test_a_new_message_does_not_move_what_is_being_read(page: Page, server: FakeServer) -> None:
    old = [scenes.message(scenes.BEN, f"line {number}\n" * 4) for number in range(20)]
    await visit(page, server, *old)
    scroller = page.locator("#scroller")
    await scroller.evaluate("element => { element.scrollTop = 200; }")
    await expect(page.locator(".jump-down")).to_have_text("To the newest")
    new = await server.say(scenes.message(scenes.BEN, "news"))
    jump = page.get_by_role("button", name="1 new message")
    await expect(jump).to_be_visible()
    assert await scroller.evaluate("element => element.scrollTop") == 200
    await jump.click()
    await expect(message(page, new)).to_be_in_viewport()
    await expect(jump).to_be_hidden()


async def test_a_message_elsewhere_marks_its_channel_until_it_is_read(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    lounge = page.locator('.channel-link[data-channel-id="202"]')
    hello = await server.say(scenes.message(scenes.BEN, "anybody here?", channel_id=scenes.LOUNGE))
    await expect(lounge).to_have_attribute("data-unread", "")
    await lounge.click()
    await expect(message(page, hello)).to_be_visible()
    await expect(page.locator('.divider[data-kind="unread"]')).to_be_visible()
    await expect(lounge).not_to_have_attribute("data-unread", "")


async def test_being_mentioned_is_noticed(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    ping = scenes.message(
        scenes.BOT,
        f"<@{scenes.ANN}> your picture is ready",
        mentions=[scenes.author(scenes.ANN)],
        channel_id=scenes.LOUNGE,
    )
    await server.say(ping)
    notice = page.locator(".toast")
    await expect(notice).to_contain_text("Darkroom mentioned you in #lounge")
    await expect(page).to_have_title("(1) #darkroom · Darkroom Test Server")
    await notice.get_by_role("button", name="your picture is ready").click()
    await expect(message(page, ping)).to_have_attribute("data-mentions-me", "")


async def test_a_message_that_mentions_nobody_pings_nobody(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    card = await server.say(scenes.running_card(eta=30))
    await expect(message(page, card)).to_contain_text("@Ann")
    await expect(page.locator(".toast")).to_have_count(0)


async def test_new_messages_are_said_to_screen_readers(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    await server.say(scenes.message(scenes.BEN, "**hello** there"))
    await expect(page.locator("#live")).to_have_text("Ben: hello there")


async def test_arrows_go_through_the_messages(page: Page, server: FakeServer) -> None:
    first, second = scenes.message(scenes.ANN, "one"), scenes.message(scenes.BEN, "two")
    await visit(page, server, first, second)
    await message(page, second).focus()
    await page.keyboard.press("ArrowUp")
    await expect(message(page, first)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menu", name="Message")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(message(page, first)).to_be_focused()
