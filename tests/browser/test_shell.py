"""The page around the messages: people, connection, themes, widths, the drawer."""

from typing import Literal

import pytest
from playwright.async_api import Page, expect

from tests.browser import scenes
from tests.browser.fake_server import FakeServer
from tests.browser.screen import message, visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FITS = """async element => {
  await Promise.all(element.getAnimations().map((animation) => animation.finished));
  return element.getBoundingClientRect().right <= innerWidth;
}"""
UNNAMED = """() => [...document.querySelectorAll('button, a[href], input, textarea, [role="switch"]')]
  .filter((element) => element.checkVisibility() && !element.closest('[aria-hidden="true"]'))
  .filter((element) => !(element.textContent.trim() || element.getAttribute('aria-label')
    || element.getAttribute('aria-labelledby') || element.labels?.length))
  .map((element) => element.outerHTML.slice(0, 120))"""
CONTRAST = """names => {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (name) => {
    const probe = document.createElement('i');
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    paint.fillStyle = getComputedStyle(probe).color;
    probe.remove();
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255);
  };
  const linear = (part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const weights = [0.2126, 0.7152, 0.0722];
  const light = (name) => rgb(name).reduce((sum, part, at) => sum + linear(part) * weights[at], 0);
  return names.map(([ink, ground]) => {
    const [dark, bright] = [light(ink), light(ground)].sort((a, b) => a - b);
    return [ink, ground, (bright + 0.05) / (dark + 0.05)];
  });
}"""
GROUNDS = ("panel", "card", "raised", "field", "app")
INKS = ("text", "soft", "muted", "accent-text", "red-text", "green-text")


async def test_one_can_be_somebody_else(page: Page, server: FakeServer) -> None:
    await visit(page, server, scenes.message(scenes.ANN, "mine"))
    await page.get_by_role("button", name="You are Ann. Be somebody else.").first.click()
    await expect(page.get_by_role("menuitemradio", name="Ann")).to_have_attribute("aria-checked", "true")
    await page.get_by_role("menuitemradio", name="Ben").click()
    await expect(page.locator(".person-switch")).to_have_attribute("data-member", "Ben")
    await expect(page.locator("#message-box")).to_have_attribute(
        "placeholder", "Message #darkroom as Ben, or type / for commands"
    )
    await page.keyboard.press("Alt+Digit3")
    await expect(page.locator(".person-switch")).to_have_attribute("data-member", "Mod")


async def test_somebody_new_joins_and_is_who_one_is_then(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    await page.locator(".person-switch").click()
    await page.get_by_role("menuitem", name="Somebody new…").click()
    dialog = page.get_by_role("dialog", name="Somebody new")
    await page.keyboard.press("Enter")
    await expect(dialog).to_contain_text("Please give a name.")
    await page.keyboard.type("Carla")
    await dialog.get_by_text("Moderator").click()
    await dialog.get_by_role("button", name="Join").click()
    await expect(page.locator(".person-switch")).to_have_attribute("data-member", "Ben")
    [(path, body)] = server.posted
    assert (path, body["name"]) == ("members", "Carla")
    assert "MANAGE_GUILD" in body["permissions"]


async def test_somebody_who_is_remembered_but_gone_is_given_up(page: Page, server: FakeServer) -> None:
    await page.goto(f"{server.url}/?member=nobody")
    await expect(page.locator(".person-switch")).to_have_attribute("data-member", "Ann")


async def test_a_lost_connection_is_said_and_comes_back_by_itself(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    server.refuse = True
    await server.drop()
    await expect(page.locator(".banner")).to_contain_text("The connection to the playground is lost.")
    server.refuse = False
    server.messages.append(scenes.message(scenes.BEN, "meanwhile"))
    await expect(message(page, server.messages[0])).to_be_visible()
    await expect(page.locator(".banner")).to_have_count(0)


async def test_what_is_being_read_stays_where_it_is_when_the_connection_comes_back(
    page: Page, server: FakeServer
) -> None:
    await visit(page, server, *[scenes.message(scenes.BEN, f"line {number}\n" * 4) for number in range(20)])
    scroller = page.locator("#scroller")
    await scroller.evaluate("element => { element.scrollTop = 300; }")
    await expect(page.locator(".jump-down")).to_be_visible()
    await server.drop()
    await expect(page.locator(".banner")).to_be_visible()
    await expect(page.locator(".banner")).to_have_count(0)
    assert await scroller.evaluate("element => element.scrollTop") == 300


async def test_a_button_pressed_before_the_connection_broke_says_that_it_failed(
    page: Page, server: FakeServer
) -> None:
    server.hold("component")
    card = scenes.done_card("cat")
    await visit(page, server, card)
    await page.locator('[data-custom-id="job:5:reroll"]').click()
    await server.expect("component")
    server.refuse = True
    await server.drop()
    await expect(message(page, card).get_by_role("alert")).to_contain_text("the connection was lost")


async def test_an_absent_bot_is_said_until_it_is_back(page: Page, server: FakeServer) -> None:
    server.online = False
    await visit(page, server)
    await expect(page.locator(".banner")).to_contain_text("Darkroom is offline.")
    await server.push("bot", {"online": True})
    await expect(page.locator(".banner")).to_have_count(0)
    await expect(page.locator(".bot-pill")).to_have_text("Darkroom is online")


async def test_commands_that_come_later_can_be_used(page: Page, server: FakeServer) -> None:
    commands, server.commands = server.commands, []
    await visit(page, server)
    await expect(page.locator(".channel-start")).to_contain_text("is still starting")
    await server.push("commands", {"commands": commands})
    await expect(page.get_by_role("button", name="Try it: /edit with a sample")).to_be_visible()


async def test_the_theme_is_remembered(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    shade = "getComputedStyle(document.body).backgroundColor"
    dark = await page.evaluate(shade)
    await page.get_by_role("button", name="Theme: as this computer").click()
    await expect(page.get_by_role("button", name="Theme: light")).to_be_focused()
    light = await page.evaluate(shade)
    assert light != dark
    await page.reload()
    await expect(page.get_by_role("button", name="Theme: light")).to_be_visible()
    assert await page.evaluate(shade) == light


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_text_has_enough_contrast(
    page: Page, server: FakeServer, theme: Literal["light", "dark"]
) -> None:
    await page.emulate_media(color_scheme=theme)
    await visit(page, server)
    pairs = [[ink, ground] for ink in INKS for ground in GROUNDS]
    weak = [row for row in await page.evaluate(CONTRAST, pairs) if row[2] < 4.5]
    assert weak == []


@pytest.mark.parametrize("width", [360, 380, 600, 761, 900, 1181, 1600])
async def test_nothing_is_wider_than_the_screen(page: Page, server: FakeServer, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 760})
    cards = [scenes.done_card("cat", "coffee"), scenes.select_card(), scenes.report_embed(), scenes.refusal()]
    await visit(page, server, scenes.message(scenes.ANN, scenes.MARKDOWN + "\n" + "long" * 200), *cards)
    for selector in ("html", "#scroller", "#composer"):
        overflow = "element => element.scrollWidth - element.clientWidth"
        assert await page.locator(selector).evaluate(overflow) <= 0, selector
    await page.locator(".drawer-button").click()
    panel = page.locator("#drawer")
    await expect(panel).to_be_visible()
    assert await panel.evaluate(FITS)


async def test_on_a_phone_the_channels_slide_in(page: Page, server: FakeServer) -> None:
    await page.set_viewport_size({"width": 380, "height": 760})
    await visit(page, server)
    sidebar = page.get_by_role("navigation", name="Channels")
    await expect(sidebar).to_be_hidden()
    await page.get_by_role("button", name="Channels and people").click()
    await sidebar.get_by_role("button", name="lounge").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("lounge")
    await expect(sidebar).to_be_hidden()


async def test_everything_that_can_be_pressed_has_a_name(page: Page, server: FakeServer) -> None:
    await visit(page, server, scenes.done_card("cat", "coffee"), scenes.select_card(), scenes.refusal())
    await page.locator(".drawer-button").click()
    await page.locator("#message-box").fill("/edit ")
    await expect(page.locator("form")).to_be_visible()
    assert await page.evaluate(UNNAMED) == []


async def test_nothing_is_loaded_from_elsewhere(page: Page, server: FakeServer) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await visit(page, server, scenes.done_card("cat", "coffee"), scenes.report_embed())
    await page.wait_for_load_state("networkidle")
    assert len(asked) > 20
    assert [url for url in asked if not url.startswith(server.url)] == []


async def test_just_typing_goes_to_the_message_box(page: Page, server: FakeServer) -> None:
    said = scenes.message(scenes.BEN, "hello")
    await visit(page, server, said)
    await message(page, said).focus()
    await page.keyboard.type("hi")
    await expect(page.locator("#message-box")).to_have_value("hi")
