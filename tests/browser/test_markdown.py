"""Discord's markdown, and that nothing in it becomes markup."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser import scenes
from tests.browser.fake_server import FakeServer
from tests.browser.screen import message, visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PARSE = "async text => (await import('/assets/js/text/parse.js')).parse(text)"


async def parse(page: Page, text: str) -> list[Any]:
    return await page.evaluate(PARSE, text)


async def test_every_mark_that_cards_use_is_drawn(page: Page, server: FakeServer) -> None:
    said = scenes.message(scenes.ANN, scenes.MARKDOWN)
    await visit(page, server, said)
    shown = message(page, said).locator(".md")
    expected = {
        "h2[data-level='1']": "Title",
        "h2[data-level='2']": "Smaller",
        "strong": "bold",
        "em": "slanted",
        "u": "under",
        "s": "gone",
        "p code": "code",
        "blockquote": "quoted",
        "ul ul li": "inner",
        "ol li": "first",
        "small": "small print",
        "pre code": 'print("hello")',
    }
    for selector, text in expected.items():
        await expect(shown.locator(selector)).to_have_text(text)
    await expect(shown.locator(".mention")).to_have_text(["@Ben", "#lounge", "@Moderators", "/edit"])
    link = shown.get_by_role("link", name="a link")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")


async def test_a_spoiler_is_hidden_until_it_is_pressed(page: Page, server: FakeServer) -> None:
    await visit(page, server, scenes.message(scenes.ANN, "it is ||a cat||"))
    spoiler = page.locator(".spoiler-text")
    await expect(spoiler.locator("span")).not_to_be_visible()
    await spoiler.press("Enter")
    await expect(spoiler.locator("span")).to_be_visible()


@pytest.mark.parametrize(
    "text",
    [
        "<img src=x onerror='window.hacked = 1'>",
        "<script>window.hacked = 1</script>",
        "**<b onclick=hacked()>bold</b>**",
        "`<i>code</i>` ```<u>block</u>```",
    ],
)
async def test_markup_in_a_message_stays_text(page: Page, server: FakeServer, text: str) -> None:
    said = scenes.message(scenes.BEN, text)
    card = scenes.card(scenes.text(text))
    await visit(page, server, said, card)
    for shown in (message(page, said), message(page, card)):
        assert await shown.locator(".md :is(img, script, b, i)").count() == 0
    assert await page.evaluate("window.hacked") is None


async def test_only_web_addresses_become_links(page: Page, server: FakeServer) -> None:
    text = "[a](javascript:alert(1)) [b](data:text/html,x) <https://example.org/c> https://example.org/d."
    said = scenes.message(scenes.BEN, text)
    await visit(page, server, said)
    links = message(page, said).locator(".md a")
    assert [await link.get_attribute("href") for link in await links.all()] == [
        "https://example.org/c",
        "https://example.org/d",
    ]


async def test_a_text_that_only_looks_like_markdown_is_left_alone(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    for text in (
        "a * b * c",
        "snake_case_name",
        "2 < 3 and 5 > 4",
        "#hashtag",
        "-5 degrees",
        r"\*not bold\*",
    ):
        [paragraph] = await parse(page, text)
        assert paragraph["type"] == "paragraph", text
        assert {span["type"] for span in paragraph["children"]} == {"text"}, text


async def test_marks_inside_marks_are_kept(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    [paragraph] = await parse(page, "***both*** and **bold *and slanted* text**")
    both, _, bold = paragraph["children"]
    assert [both["type"], both["children"][0]["type"]] == ["strong", "em"]
    assert [span["type"] for span in bold["children"]] == ["text", "em", "text"]


async def test_a_hostile_text_is_parsed_quickly(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    timing = (
        "async text => { const { parse } = await import('/assets/js/text/parse.js');"
        " const began = performance.now(); parse(text); return performance.now() - began; }"
    )
    for text in ("*" * 4000, "> " * 2000, "||" * 2000, "[" * 4000, "_a" * 2000, "<" * 4000, "**a" * 1300):
        assert await page.evaluate(timing, text) < 1500, text[:4]
