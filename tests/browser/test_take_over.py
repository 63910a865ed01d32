"""A take-over as a person watches it: two real bots on a PostgreSQL server, one of them killed on the page."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from playground.postgres import PostgresMissing, binaries
from tests.browser.playing import PATIENCE, ask, come, playing

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def address() -> AsyncIterator[str]:
    try:
        binaries()
    except PostgresMissing as missing:
        pytest.skip(str(missing))
    async with playing("--postgres", "--processes", "2") as address:
        yield address


async def test_the_one_at_work_is_killed_and_another_brings_the_picture(page: Page, address: str) -> None:
    await come(page, address)
    await page.get_by_role("button", name="Behind the scenes").click()
    await page.get_by_role("tab", name="Processes").click()
    who = page.get_by_role("status", name="At work")
    await expect(who).to_contain_text("Process", timeout=PATIENCE)
    await expect(page.locator('[data-status="waiting"]')).to_have_count(1, timeout=PATIENCE)
    card = await ask(page, "as a watercolour", "cat.jpg")
    await expect(card).to_contain_text(re.compile("Queued|Submitting|Running|Done"), timeout=PATIENCE)
    await page.get_by_role("button", name="Kill the one at work").click()
    await expect(who).to_contain_text("Nobody", timeout=PATIENCE)
    await expect(who).to_contain_text("Process", timeout=PATIENCE)
    # Whoever looks first: the one that waited, or the one that was killed and waits again.
    await expect(page.get_by_role("log", name="Take-overs").locator(".request")).to_have_count(1)
    await expect(card).to_contain_text("Done", timeout=PATIENCE)
    await expect(page.locator("[data-message-id]").filter(has_text="as a watercolour")).to_have_count(1)
    await expect(page.locator('[data-status="waiting"]')).to_have_count(1, timeout=PATIENCE)
