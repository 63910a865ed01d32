"""The first hour of a server, by what the bot itself says: a manager sets it up, somebody new makes an image."""

import aiohttp
import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.playing import PATIENCE, come, playing
from tests.browser.screen import attach, choose, open_form, option, part

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_manager_sets_the_server_up_and_somebody_new_makes_an_image_by_the_bots_words_alone(
    page: Page,
) -> None:
    async with playing() as address:
        await set_up(page, address)
        await come(page, address, "ann")
        await use(said(page, "Hello. I edit pictures"), "/help")
        await page.keyboard.press("Enter")
        helped = said(page, "Darkroom edits your pictures")
        await expect(helped).to_contain_text("4 credits an image", timeout=PATIENCE)
        await expect(helped).to_contain_text("Left: 50 credits of 50 credits a day")
        await expect(helped.get_by_role("button", name="For managers")).to_have_count(0)
        await use(helped, "/edit")
        form = page.locator('form[data-command="edit"]')
        await option(page, "prompt").locator("textarea").fill("a winter evening")
        await attach(page, "cat.jpg")
        await form.get_by_role("button", name="Add the option style").click()
        await option(page, "style").locator("input, textarea").fill("water")
        await choose(page, "🎨 Watercolour")
        await form.get_by_role("button", name="Send").click()
        card = said(page, "a winter evening")
        await expect(card).to_contain_text("Done · 4 credits", timeout=PATIENCE)
        await expect(card).to_contain_text("🎨 Watercolour")
        await expect(card.get_by_role("img", name="Result 1")).to_be_visible()
        # The page is left before its playground ends.
        await page.goto("about:blank")


async def set_up(page: Page, address: str) -> None:
    """Do what the greeting says: channels, words, limits, styles."""
    await come(page, address, "mod")
    # What comes in while it connects is no news to a bot: it answers first.
    await open_form(page, "help")
    await page.keyboard.press("Enter")
    await expect(said(page, "Darkroom edits your pictures")).to_be_visible(timeout=PATIENCE)
    await invite(address)
    greeting = said(page, "Hello. I edit pictures")
    await greeting.get_by_role("button", name="Set up").click(timeout=PATIENCE)
    panel = said(page, "Settings of this server")
    await part(page, "dr:server:answers-in").locator("button").click(timeout=PATIENCE)
    await choose(page, "#darkroom")
    await page.keyboard.press("Escape")
    await expect(panel.locator(".pick")).to_have_text("#darkroom", timeout=PATIENCE)
    await panel.get_by_role("button", name="Change the words").click()
    form = page.get_by_role("dialog")
    await form.locator("textarea").fill("gore")
    await form.get_by_role("button", name="Submit").click()
    await expect(panel).to_contain_text("One word so far", timeout=PATIENCE)
    # The panel was written anew by the bot: it is shown as saved.
    await expect(panel.locator(".pick")).to_have_text("#darkroom")
    await use(panel, "/allowance set")
    form = page.locator('form[data-command="allowance set"]')
    await option(page, "credits").locator("input").fill("50")
    await option(page, "period").locator("button, select, input").first.click()
    await choose(page, "a day")
    await form.get_by_role("button", name="Send").click()
    await page.get_by_role("button", name="Limit the whole server").click(timeout=PATIENCE)
    await expect(page.get_by_text("This server, all together").last).to_be_visible(timeout=PATIENCE)
    await use(greeting, "/style list")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Add ten to begin with").click(timeout=PATIENCE)
    await expect(said(page, "Styles of this server")).to_contain_text("10 of at most 100", timeout=PATIENCE)


async def invite(address: str) -> None:
    """Take the bot out of the server and invite it again."""
    async with aiohttp.ClientSession() as session:
        for removed in (True, False):
            async with session.post(f"{address}/page/faults", json={"bot_removed": removed}) as reply:
                assert reply.status == 200


def said(page: Page, words: str) -> Locator:
    """Find the newest message with these words."""
    return page.locator("[data-message-id]").filter(has_text=words).last


async def use(message: Locator, command: str) -> None:
    """Press a command that a message names."""
    await message.get_by_role("button", name=command, exact=True).first.click(timeout=PATIENCE)
