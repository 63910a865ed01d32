"""A model dies, in each way that providers chose so far, and what members and the owner read then.

Pages are left before their playground ends: ``address`` stands before ``page``.
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser.playing import PATIENCE, ask, come, edit, playing

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DEAD, OTHER = "gpt-image-1-5-edit", "gpt-image-2-edit"
DEAD_NAME, OTHER_NAME = "GPT-Image 1.5", "GPT-Image 2"
"""As cards call it."""
OWNER = "mod"
WAYS = ("dead_jobs", "dead_runs", "delist")


@pytest_asyncio.fixture(loop_scope="session")
async def address() -> AsyncIterator[str]:
    """Start a playground for each test: the bot remembers which models died."""
    async with playing() as address:
        yield address


async def end_model(page: Page, address: str, way: str) -> None:
    """Let the default edit model end, behind the scenes."""
    await come(page, address)
    await page.get_by_role("button", name="Behind the scenes").click()
    await page.locator(f'[data-ending="{way}"]').click()
    await expect(page.locator(".ended")).to_contain_text("GPT-Image 1.5 Edit")
    await page.locator("#drawer").get_by_role("button", name="Close").click()


async def told(page: Page, address: str, words: str) -> Locator:
    """Find what the bot told the application's owner in direct messages."""
    await come(page, address, OWNER)
    await page.get_by_role("list", name="Direct messages").get_by_role("button", name="Darkroom").click()
    return page.locator("[data-message-id]").filter(has_text=words)


async def blames_nobody(page: Page) -> None:
    await expect(page.get_by_text("other options or images")).to_have_count(0)


@pytest.mark.parametrize("way", WAYS)
async def test_of_three_edits_with_a_dead_model_the_first_finds_it_out_and_the_others_get_their_images(
    address: str, page: Page, way: str
) -> None:
    await end_model(page, address, way)
    first = await ask(page, "sepia for the first", "cat.jpg")
    sentence = f"The image service no longer offers {DEAD_NAME}. You were not charged."
    await expect(first).to_contain_text(sentence, timeout=PATIENCE)
    await blames_nobody(page)
    for member in ("ben", "mod"):
        await come(page, address, member)
        card = await edit(page, f"posterize this for {member}", "coffee.jpg")
        await expect(card).to_contain_text("Done · 5 credits")
        await expect(card).to_contain_text(OTHER_NAME)
        await expect(card.get_by_role("img", name="Result 1")).to_be_visible()
        await blames_nobody(page)
    warning = await told(page, address, f"no longer runs {DEAD}")
    await expect(warning).to_have_count(1, timeout=PATIENCE)
    await expect(warning).to_contain_text(f"1 job failed because of it, at no cost. New jobs go to {OTHER}")
    await expect(warning).to_contain_text("PIXELDOJO_MODELS")


async def test_the_first_gets_its_images_from_another_model_by_one_press(address: str, page: Page) -> None:
    await end_model(page, address, "dead_jobs")
    first = await ask(page, "sepia for the first", "cat.jpg")
    await first.get_by_role("button", name="Use GPT-Image 2 · 5 credits").click(timeout=PATIENCE)
    cards = page.locator("[data-message-id]").filter(has_text="sepia for the first")
    await expect(cards.last).to_contain_text("Done · 5 credits", timeout=PATIENCE)
    await expect(cards.last).to_contain_text(OTHER_NAME)


async def test_a_swapped_model_delivers_and_the_owner_is_told_of_its_price(address: str, page: Page) -> None:
    await end_model(page, address, "remap")
    # The first may be faster than the list of prices that it differs from.
    for prompt in ("sepia at another price", "and once more"):
        card = await edit(page, prompt, "cat.jpg")
        await expect(card).to_contain_text("Done · 6 credits")
    await expect(card.get_by_role("img", name="Result 1")).to_be_visible()
    warning = await told(page, address, f"image by {DEAD}")
    await expect(warning).to_have_count(1, timeout=PATIENCE)
    await expect(warning).to_contain_text("6 credits")
    await expect(warning).to_contain_text("4 credits")
