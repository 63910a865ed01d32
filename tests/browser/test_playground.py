"""The playground as a newcomer meets it: one command, one address, the real bot, a real photograph."""

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser.playing import PATIENCE, come, edit, playing
from tests.browser.screen import SAMPLES, attach, choose, open_form, option

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def address() -> AsyncIterator[str]:
    """Share one playground."""
    async with playing() as address:
        yield address


async def test_a_newcomer_gives_edit_a_photograph_and_sees_the_edited_one(page: Page, address: str) -> None:
    await come(page, address)
    states: list[str] = []
    await page.expose_function("said", lambda state: states.append(state))
    await page.evaluate(
        """() => new MutationObserver(() => {
            const card = [...document.querySelectorAll('[data-message-id]')].at(-1);
            const state = card?.textContent.match(/Queued|Submitting|Running|Done/);
            if (state) window.said(state[0]);
        }).observe(document.body, {childList: true, subtree: true, characterData: true})"""
    )
    card = await edit(page, "Make it a vintage travel poster", "cat.jpg")
    await expect(card).to_contain_text("4 credits")
    picture = card.get_by_role("img", name="Result 1")
    await expect(picture).to_be_visible()
    assert await picture.evaluate("image => image.complete && image.naturalWidth > 100")
    order = [state for state in ("Queued", "Submitting", "Running", "Done") if state in states]
    assert order == ["Queued", "Submitting", "Running", "Done"]
    assert [states.index(state) for state in order] == sorted(states.index(state) for state in order)


async def test_a_reaction_rerolls_the_card_as_a_reply_to_it(page: Page, address: str) -> None:
    await come(page, address)
    card = await edit(page, "mirror and sepia", "coffee.jpg")
    reaction = card.get_by_role("button", name=re.compile("🔁")).last
    await expect(reaction).to_be_visible(timeout=PATIENCE)
    await reaction.click()
    again = page.locator("[data-message-id]").filter(has_text="reroll of")
    await expect(again.last).to_contain_text("Done", timeout=PATIENCE)
    await expect(again.last).to_contain_text("mirror and sepia")


async def test_the_reroll_button_works_for_somebody_else_on_their_own_account(
    page: Page, address: str
) -> None:
    await come(page, address)
    await edit(page, "night over the tower", "rocket.jpg")
    await come(page, address, "ben")
    card = page.locator("[data-message-id]").filter(has_text="night over the tower").first
    await card.get_by_role("button", name="Reroll").click()
    again = page.locator("[data-message-id]").filter(has_text="night over the tower").last
    await expect(again).to_contain_text("paid by @Ben", timeout=PATIENCE)
    await expect(again).to_contain_text("Done", timeout=PATIENCE)


async def test_a_result_is_edited_through_the_modal_with_one_more_image(page: Page, address: str) -> None:
    await come(page, address)
    card = await edit(page, "posterize this", "astronaut.jpg")
    await card.get_by_role("button", name="Edit result").click()
    modal = page.get_by_role("dialog")
    await expect(modal).to_contain_text("Edit result")
    await modal.locator("textarea").fill("now as a pencil sketch")
    await modal.locator('input[type="file"]').set_input_files(SAMPLES / "coffee.jpg")
    await modal.get_by_role("button", name="Submit").click()
    again = page.locator("[data-message-id]").filter(has_text="now as a pencil sketch")
    await expect(again).to_contain_text("Done", timeout=PATIENCE)
    await expect(again).to_contain_text("edit of")


async def test_what_is_chosen_once_is_what_forms_begin_with(page: Page, address: str) -> None:
    await come(page, address, "mod")
    await open_form(page, "settings me")
    await page.keyboard.press("Enter")
    panel = page.locator("[data-message-id]").filter(has_text="Your settings").last
    await panel.locator('[data-custom-id="dr:mine:quality"]').get_by_role("combobox").click()
    await choose(page, "Low quality")
    await expect(panel.get_by_role("button", name="Back to the bot’s defaults")).to_be_visible()
    card = await edit(page, "as a woodcut", "cat.jpg")
    await expect(card).to_contain_text("low quality")
    await card.get_by_role("button", name="Edit result").click()
    modal = page.get_by_role("dialog")
    await expect(modal).to_contain_text("One image for about 4 credits.")
    await modal.locator('[data-custom-id="options"]').get_by_role("combobox").click()
    await expect(page.get_by_role("option", name="Default: low quality")).to_be_visible()
    for entry in ("Square 1024 × 1024", "High quality"):
        await choose(page, entry)
    await page.keyboard.press("Escape")
    await modal.locator("textarea").fill("as a linocut")
    await modal.get_by_role("button", name="Submit").click()
    again = page.locator("[data-message-id]").filter(has_text="as a linocut").last
    await expect(again).to_contain_text("Square 1024 × 1024 · high quality", timeout=PATIENCE)


async def test_what_could_not_be_delivered_is_collected_from_the_list(page: Page, address: str) -> None:
    async with aiohttp.ClientSession() as session:

        async def switch(**faults: object) -> None:
            async with session.post(f"{address}/page/faults", json=faults) as reply:
                assert reply.status == 200

        await come(page, address)
        form = await open_form(page, "edit")
        await option(page, "prompt").locator("textarea").fill("blur this away")
        await attach(page, "cat.jpg")
        await form.get_by_role("button", name="Send").click()
        card = page.locator("[data-message-id]").filter(has_text="blur this away")
        await expect(card).to_contain_text("Running", timeout=PATIENCE)
        await switch(token_expired=True, channel_hidden=True, closed_dms=True)
        for number in range(1, 41):
            listed = await list_jobs(page, number)
            if "waits for you" in await listed.inner_text():
                break
            await page.wait_for_timeout(1_000)
        await switch(token_expired=False, channel_hidden=False, closed_dms=False)
    await expect(listed).to_contain_text("waits for you")
    await listed.get_by_role("button", name="Collect").first.click()
    collected = page.locator("[data-message-id]").last.locator("img[src*='darkroom-']")
    await expect(collected).to_be_visible(timeout=PATIENCE)


async def list_jobs(page: Page, number: int) -> Locator:
    """Use /jobs for the n-th time and return the answer."""
    lists = page.locator("[data-message-id]").filter(has_text="Your jobs")
    await open_form(page, "jobs")
    await page.keyboard.press("Enter")
    await expect(lists).to_have_count(number, timeout=PATIENCE)
    return lists.last


async def test_a_moderator_sets_an_allowance_and_a_member_is_refused_and_later_let_in(
    page: Page, address: str
) -> None:
    await come(page, address, "mod")
    await set_allowance(page, "0")
    await come(page, address, "ben")
    form = await open_form(page, "edit")
    await option(page, "prompt").locator("textarea").fill("solarize it")
    await attach(page, "cat.jpg")
    await form.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("You were not charged.").last).to_be_visible(timeout=PATIENCE)
    await come(page, address, "mod")
    await set_allowance(page, "500")
    await come(page, address, "ben")
    await edit(page, "solarize it again", "cat.jpg")


async def set_allowance(page: Page, amount: str) -> None:
    form = await open_form(page, "allowance set")
    await option(page, "credits").locator("input").fill(amount)
    await option(page, "period").locator("button, select, input").first.click()
    await choose(page, "Month")
    await form.get_by_role("button", name="Send").click()
    sure = page.get_by_role("button", name="Limit the whole server").last
    await sure.click(timeout=PATIENCE)
    await expect(page.get_by_text("This server, all together").last).to_be_visible(timeout=PATIENCE)
