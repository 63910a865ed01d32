"""Components V2: what is drawn, what is sent, and what is said when it goes wrong."""

import pytest
from playwright.async_api import Page, expect

from tests.browser import scenes
from tests.browser.fake_server import FakeServer
from tests.browser.screen import choose, message, part, visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

OVERLAPS = """gallery => {
  const boxes = [...gallery.children].map((tile) => tile.getBoundingClientRect());
  const across = (a, b) => a.left < b.right - 1 && b.left < a.right - 1;
  const meet = (a, b) => across(a, b) && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return boxes.some((a, at) => a.width < 40 || a.height < 40 || boxes.slice(at + 1).some((b) => meet(a, b)));
}"""


async def test_a_finished_card_shows_all_of_its_parts(page: Page, server: FakeServer) -> None:
    card = scenes.done_card("cat", "coffee", "rocket")
    await visit(page, server, card)
    shown = message(page, card)
    accent = await shown.locator(".container").evaluate(
        "card => card.style.getPropertyValue('--accent-color')"
    )
    assert accent == "#3ba55c"
    await expect(shown.locator(".gallery .tile")).to_have_count(3)
    await expect(shown.locator(".section .thumbnail img")).to_have_attribute("alt", "Contact sheet")
    await expect(shown.locator("hr.separator")).to_be_visible()
    await expect(shown.get_by_role("button", name="Cancel")).to_be_disabled()
    link = shown.get_by_role("link", name="Original")
    await expect(link).to_have_attribute("href", "https://example.org/original.png")
    styles = [await button.get_attribute("data-style") for button in await shown.locator(".button").all()]
    assert styles == ["primary", "secondary", "danger", "link", "secondary"]


async def test_one_to_ten_pictures_never_overlap(page: Page, server: FakeServer) -> None:
    names = ["cat", "coffee", "rocket", "astronaut", "galaxies"] * 2
    cards = [scenes.card(scenes.gallery(*map(scenes.sample, names[:count]))) for count in range(1, 11)]
    await visit(page, server, *cards)
    for count, card in enumerate(cards, start=1):
        gallery = message(page, card).locator(".gallery")
        await expect(gallery).to_have_attribute("data-count", str(count))
        assert await gallery.evaluate(OVERLAPS) is False, count


async def test_a_picture_opens_large_and_arrows_step_through(page: Page, server: FakeServer) -> None:
    card = scenes.done_card("cat", "coffee", "rocket")
    await visit(page, server, card)
    tile = message(page, card).locator(".tile").nth(1)
    await tile.click()
    box = page.get_by_role("dialog", name="Picture")
    picture = box.locator(".stage img")
    await expect(picture).to_have_attribute("src", scenes.sample("coffee"))
    await expect(picture).to_have_attribute("alt", "Result: a vintage travel poster")
    await page.keyboard.press("ArrowRight")
    await expect(picture).to_have_attribute("src", scenes.sample("rocket"))
    await page.keyboard.press("ArrowRight")
    await expect(picture).to_have_attribute("src", scenes.sample("cat"))
    await expect(box.get_by_role("link", name="Download")).to_have_attribute("download", "cat.jpg")
    await page.keyboard.press("Escape")
    await expect(box).to_have_count(0)
    await expect(tile).to_be_focused()


async def test_a_pressed_button_waits_for_its_answer(page: Page, server: FakeServer) -> None:
    server.hold("component")
    card = scenes.done_card("cat")
    await visit(page, server, card)
    reroll = part(page, "job:5:reroll")
    await reroll.click()
    frame = await server.expect("component")
    assert (frame["message_id"], frame["custom_id"]) == (card["id"], "job:5:reroll")
    assert "values" not in frame
    await expect(reroll).to_have_attribute("data-state", "pending")
    await reroll.click(force=True)
    await server.settle(frame)
    await expect(reroll).to_have_attribute("data-state", "idle")
    assert len(server.frames("component")) == 1


async def test_a_button_without_an_answer_says_so(page: Page, server: FakeServer) -> None:
    server.hold("component")
    card = scenes.done_card("cat")
    await visit(page, server, card)
    await part(page, "job:5:reroll").click()
    await server.settle(await server.expect("component"), "failed", "The application did not respond")
    await expect(part(page, "job:5:reroll")).to_have_attribute("data-state", "failed")
    failure = message(page, card).get_by_role("alert")
    await expect(failure).to_have_text("This interaction failed: the application did not respond")


async def test_picking_in_a_select_sends_what_was_picked(page: Page, server: FakeServer) -> None:
    await visit(page, server, scenes.select_card(), member="mod")
    period = part(page, "usage:period").get_by_role("combobox")
    await expect(period).to_have_accessible_name("Which days: 7 days")
    await period.press("ArrowDown")
    await expect(page.get_by_role("option", name="7 days")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    assert (await server.expect("component"))["values"] == ["month"]
    await expect(period).to_be_focused()


async def test_several_people_can_be_picked_up_to_the_limit(page: Page, server: FakeServer) -> None:
    await visit(page, server, scenes.select_card(), member="mod")
    await part(page, "usage:members").get_by_role("combobox").click()
    for name in ("Ann", "Ben", "Mod", "Darkroom"):
        await choose(page, name)
    await page.get_by_role("button", name="Done").click()
    assert (await server.expect("component"))["values"] == [scenes.ANN, scenes.BEN, scenes.MOD]


async def test_a_spoiler_covers_a_picture_until_it_is_asked_for(page: Page, server: FakeServer) -> None:
    card = scenes.card(scenes.gallery(scenes.sample("galaxies"), spoiler=True))
    await visit(page, server, card)
    tile = message(page, card).locator(".tile")
    await expect(tile).to_have_attribute("data-spoiler", "hidden")
    await tile.get_by_role("button", name="Spoiler").click()
    await expect(page.get_by_role("dialog", name="Picture")).to_have_count(0)
    await message(page, card).get_by_role("button", name="Press to enlarge").click()
    await expect(page.get_by_role("dialog", name="Picture")).to_be_visible()


async def test_a_covered_card_is_shown_when_it_is_asked_for(page: Page, server: FakeServer) -> None:
    hidden = scenes.container(scenes.text("the surprise"), spoiler=True)
    card = scenes.message(scenes.BOT, flags=scenes.COMPONENTS_V2, components=[hidden])
    await visit(page, server, card)
    container = message(page, card).locator(".container")
    await expect(container).to_have_attribute("data-spoiler", "hidden")
    await container.get_by_role("button", name="Spoiler").click()
    await expect(container).to_have_attribute("data-spoiler", "shown")


async def test_a_file_is_shown_with_its_name_and_size(page: Page, server: FakeServer) -> None:
    card = scenes.select_card()
    await visit(page, server, card)
    file = message(page, card).locator(".file")
    await expect(file).to_contain_text("usage.csv")
    await expect(file).to_contain_text("18 kB")
    await expect(file.get_by_role("link", name="Download usage.csv")).to_have_attribute(
        "download", "usage.csv"
    )


async def test_a_classic_message_shows_text_pictures_files_embed_and_buttons(
    page: Page, server: FakeServer
) -> None:
    said = scenes.report_embed()
    await visit(page, server, said)
    shown = message(page, said)
    await expect(shown.locator(".content strong")).to_have_text("report")
    await expect(shown.locator(".gallery .tile")).to_have_count(2)
    await expect(shown.locator(".file")).to_contain_text("entries.csv")
    await expect(shown.locator(".embed .embed-title")).to_have_text("Balance")
    await expect(shown.locator(".embed dd")).to_have_text(["18", "4"])
    await expect(shown.get_by_role("button", name="Yes", exact=True)).to_be_enabled()
