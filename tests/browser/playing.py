"""The whole playground for a test of the page: one command, one address, the real bot."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.browser.screen import attach, open_form, option

ROOT = Path(__file__).parents[2]
PATIENCE = 40_000
"""Milliseconds: the stand-in's jobs take about two seconds, but the bot expects half a minute of a new model."""


@asynccontextmanager
async def playing(*more: str) -> AsyncGenerator[str]:
    """Start the playground as the README says (with more options) and give the address that it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "playground", "--no-browser", "--port", "0", "--latency", "0.05", *more),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    found = None
    while found is None:
        line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
        assert line, "the playground ended"
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
    try:
        yield found[0]
    finally:
        process.terminate()
        ended = await asyncio.wait_for(process.wait(), 45)
    assert ended == 0


async def come(page: Page, address: str, member: str = "ann") -> None:
    """Open the page as a member, with the bot there."""
    await page.goto(f"{address}/?member={member}")
    await expect(page.get_by_text("Darkroom is online")).to_be_visible(timeout=PATIENCE)


async def ask(page: Page, prompt: str, *samples: str) -> Locator:
    """Ask for an edit as a member would and return its card."""
    cards = page.locator("[data-message-id]").filter(has_text=prompt)
    before = await cards.count()
    form = await open_form(page, "edit")
    await option(page, "prompt").locator("textarea").fill(prompt)
    await attach(page, *samples)
    await form.get_by_role("button", name="Send").click()
    await expect(cards).to_have_count(before + 1)
    return cards.last


async def edit(page: Page, prompt: str, *samples: str) -> Locator:
    """Ask for an edit and return its card once it is done."""
    card = await ask(page, prompt, *samples)
    await expect(card).to_contain_text("Done", timeout=PATIENCE)
    return card
