"""Headless Chromium, and the page on a server that a test scripts."""

import shutil
from collections.abc import AsyncIterator
from urllib.parse import urljoin

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, Page, async_playwright

from tests.browser.fake_server import FakeServer

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Start Debian's Chromium once for all tests."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def tab(browser: Browser) -> AsyncIterator[Page]:
    """Share one tab: opening another costs more than most tests."""
    context = await browser.new_context()
    yield await context.new_page()
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(tab: Page) -> AsyncIterator[Page]:
    """Lend the tab, which remembers nothing; an error in the page's scripts fails the test."""
    await tab.set_viewport_size({"width": 1280, "height": 800})
    await tab.emulate_media(color_scheme="dark", reduced_motion="reduce")
    tab.set_default_timeout(5000)
    problems: list[str] = []

    def note(error: Error) -> None:
        problems.append(str(error))

    tab.on("pageerror", note)
    yield tab
    tab.remove_listener("pageerror", note)
    await _leave(tab)
    assert problems == []


async def _leave(tab: Page) -> None:
    """Forget what the page kept, and end its scripts while staying in its process."""
    if tab.url.startswith("http"):
        await tab.evaluate("localStorage.clear()")
        await tab.goto(urljoin(tab.url, "/assets/icon.svg"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def running_server() -> AsyncIterator[FakeServer]:
    """Start the scripted server once: a browser caches by address."""
    server = FakeServer()
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def server(running_server: FakeServer) -> FakeServer:
    """Serve the page; nothing has been said yet."""
    running_server.reset()
    return running_server
