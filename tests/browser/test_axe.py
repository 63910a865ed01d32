"""axe-core finds nothing on the page: every part of it, light and dark, wide and narrow."""

from collections.abc import Awaitable, Callable
from itertools import product

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.browser import scenes
from tests.browser.fake_server import FakeServer
from tests.browser.screen import attach, open_form, visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LOOKS = list(product(("light", "dark"), ((1280, 800), (390, 844))))
Part = Callable[[Page, FakeServer], Awaitable[None]]


async def the_channel(page: Page, server: FakeServer) -> None:
    """Cards, private answers, menus of messages."""


async def the_commands(page: Page, server: FakeServer) -> None:
    await page.locator("#message-box").fill("/")
    await expect(page.locator(".palette")).to_be_visible()


async def the_form(page: Page, server: FakeServer) -> None:
    form = await open_form(page, "edit")
    await attach(page, "cat.jpg", "coffee.jpg", "rocket.jpg", "astronaut.jpg")
    await form.get_by_role("button", name="Add the option size").click()
    await expect(page.get_by_role("listbox")).to_be_visible()


async def the_modal(page: Page, server: FakeServer) -> None:
    await server.push("modal", scenes.edit_modal(None))
    await expect(page.get_by_role("dialog")).to_be_visible()


async def behind_the_scenes(page: Page, server: FakeServer) -> None:
    await page.get_by_role("button", name="Behind the scenes").click()
    await expect(page.locator("[data-outcome]").first).to_be_visible()


async def discords_switches(page: Page, server: FakeServer) -> None:
    await page.get_by_role("button", name="Behind the scenes").click()
    await page.locator('[data-tab="discord"]').click()


async def the_people(page: Page, server: FakeServer) -> None:
    await page.locator(".box-row .you").click()
    await expect(page.get_by_role("menu")).to_be_visible()


@pytest.mark.parametrize(
    "part",
    [the_channel, the_commands, the_form, the_modal, the_people, behind_the_scenes, discords_switches],
)
async def test_axe_finds_nothing(page: Page, server: FakeServer, part: Part) -> None:
    axe = Axe()
    await visit(
        page,
        server,
        scenes.message(scenes.BEN, "Has anybody tried **this**? `code` and <@301>"),
        scenes.running_card(eta=30),
        scenes.done_card("cat.jpg"),
        scenes.refusal(),
        scenes.select_card(),
    )
    await part(page, server)
    found: list[str] = []
    for scheme, (width, height) in LOOKS:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.set_viewport_size({"width": width, "height": height})
        result = await axe.run(page)
        found += [
            f"{scheme} {width}: {each['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
            for each in result.response["violations"]
            for node in each["nodes"]
        ]
    assert not found, "\n".join(found)
