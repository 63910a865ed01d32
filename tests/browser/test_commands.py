"""Slash commands: the list, the form, what is checked, and what is sent."""

import pytest
from playwright.async_api import Page, expect

from tests.browser import scenes
from tests.browser.fake_server import FakeServer
from tests.browser.screen import attach, choose, open_form, option, visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

DROP = """async names => {
  const data = new DataTransfer();
  for (const name of names) data.items.add(new File([new Uint8Array(9)], name, { type: 'image/png' }));
  for (const kind of ['dragenter', 'dragover', 'drop']) {
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
  }
}"""
PASTE = """async name => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(9)], name, { type: 'image/png' }));
  const paste = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
  document.activeElement.dispatchEvent(paste);
}"""


async def test_typing_a_slash_lists_the_commands_and_more_typing_narrows_them(
    page: Page, server: FakeServer
) -> None:
    await visit(page, server)
    box = page.locator("#message-box")
    await box.fill("/")
    names = page.locator(".palette .command b")
    await expect(names).to_have_text(["/edit", "/generate", "/jobs", "/credits"])
    await box.fill("/cre")
    await expect(names).to_have_text(["/credits"])
    await box.fill("/photo")
    await expect(names).to_have_text(["/edit"])
    await box.fill("/nothing")
    await expect(page.locator(".palette")).to_contain_text("No command by that name can be used here.")
    await page.keyboard.press("Escape")
    await expect(page.locator(".palette")).to_be_hidden()


async def test_arrows_and_enter_choose_a_command(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    await page.locator("#message-box").fill("/")
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("option", selected=True)).to_have_attribute("data-command", "generate")
    await page.keyboard.press("Enter")
    await expect(page.locator('form[data-command="generate"]')).to_be_visible()
    await expect(option(page, "prompt").locator("textarea")).to_be_focused()


async def test_commands_for_moderators_are_listed_for_moderators(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    await page.locator("#message-box").fill("/")
    await expect(page.locator('.command[data-command="usage report"]')).to_have_count(0)
    await page.get_by_role("button", name="Switch to Mod").click()
    await expect(page.locator(".person-switch")).to_have_attribute("data-member", "Mod")
    await page.locator("#message-box").fill("/usage")
    await expect(page.locator(".palette .command b")).to_have_text(
        ["/usage adjust", "/usage notices", "/usage report"]
    )


async def test_what_is_missing_is_said_before_anything_is_sent(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    form = await open_form(page, "edit")
    await page.keyboard.press("Enter")
    await expect(option(page, "prompt")).to_contain_text("Please fill this in.")
    await expect(form.locator('[data-group="image"]')).to_contain_text("Please add a file.")
    await expect(option(page, "prompt").locator("textarea")).to_be_focused()
    await page.keyboard.type("x")
    await expect(option(page, "prompt")).to_contain_text("At least 2 characters, please.")
    await option(page, "prompt").locator("textarea").fill("x" * 601)
    await expect(option(page, "prompt").locator(".counter")).to_have_text("601 / 600")
    await expect(option(page, "prompt")).to_contain_text("At most 600 characters: 1 too many.")
    assert server.frames("command") == []


async def test_a_batch_of_photographs_fills_the_options_in_order(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    await open_form(page, "edit")
    await page.keyboard.type("Black and white")
    await attach(page, "cat.jpg", "coffee.jpg", "rocket.jpg")
    await expect(page.locator('[data-option="image2"]')).to_contain_text("coffee.jpg")
    await page.locator('.upload[data-option="image2"]').get_by_role("button").click()
    await expect(page.locator('[data-option="image2"]')).to_contain_text("rocket.jpg")
    await page.get_by_role("button", name="Send", exact=True).click()
    frame = await server.expect("command")
    assert (frame["channel_id"], frame["command_id"]) == (scenes.DARKROOM, "9001")
    assert sorted(server.uploads) == ["cat.jpg", "coffee.jpg", "rocket.jpg"]
    assert frame["options"] == [
        {"name": "prompt", "type": 3, "value": "Black and white"},
        {"name": "image", "type": 11, "value": server.upload_id("cat.jpg")},
        {"name": "image2", "type": 11, "value": server.upload_id("rocket.jpg")},
    ]
    await expect(page.locator("#message-box")).to_be_focused()


async def test_dropped_and_pasted_pictures_go_into_the_form(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    form = await open_form(page, "edit")
    await page.evaluate(DROP, ["one.png", "two.png"])
    await page.evaluate(PASTE, "three.png")
    names = form.locator(".upload figcaption b")
    await expect(names).to_have_text(["one.png", "two.png", "three.png"])
    await page.evaluate(DROP, [f"{number}.png" for number in range(6)])
    await expect(names).to_have_count(8)
    await expect(form.get_by_role("alert")).to_have_text("One file was left out: there is no more room.")


async def test_a_sample_can_be_used_instead_of_a_file(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    await open_form(page, "edit")
    await page.get_by_role("button", name="Use the sample: a rocket at night").click()
    await expect(page.locator('.upload[data-option="image"]')).to_contain_text("rocket.jpg")
    assert server.uploads == ["rocket.jpg"]


async def test_optional_options_are_added_with_chips_and_taken_away_again(
    page: Page, server: FakeServer
) -> None:
    await visit(page, server)
    await open_form(page, "edit")
    await page.get_by_role("button", name="Add the option size").click()
    await choose(page, "1536x1024")
    await page.get_by_role("button", name="Add the option count").click()
    await page.keyboard.type("9")
    await page.keyboard.press("Enter")
    await expect(option(page, "count")).to_contain_text("At most 4, please.")
    await option(page, "count").locator("input").fill("3")
    await page.get_by_role("button", name="Add the option quality").click()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Remove quality").click()
    await option(page, "prompt").locator("textarea").fill("Blur it")
    await attach(page, "cat.jpg")
    await page.keyboard.press("Control+Enter")
    names = {one["name"]: one["value"] for one in (await server.expect("command"))["options"]}
    assert names == {"prompt": "Blur it", "image": "7001", "size": "1536x1024", "count": 3}


async def test_suggestions_are_asked_for_and_taken(page: Page, server: FakeServer) -> None:
    server.hold("autocomplete")
    await visit(page, server)
    await open_form(page, "edit")
    await page.keyboard.type("se")
    frame = await server.expect("autocomplete", earlier=len(server.frames("autocomplete")))
    focused = {"name": "prompt", "type": 3, "value": "se", "focused": True}
    assert frame["options"] == [focused]
    found = [{"name": "Sepia, like 1910", "value": "sepia"}, {"name": "Sea at night", "value": "sea"}]
    await server.push("choices", {"nonce": frame["nonce"], "choices": found})
    await expect(page.get_by_role("option", name="Sepia, like 1910")).to_be_visible()
    await expect(page.get_by_role("option", selected=True)).to_have_text("Sepia, like 1910")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(option(page, "prompt").locator("textarea")).to_have_value("sea")
    assert server.frames("command") == []


async def test_enter_takes_what_is_offered_first_but_never_in_the_place_of_other_words(
    page: Page, server: FakeServer
) -> None:
    server.hold("autocomplete")
    await visit(page, server)
    await open_form(page, "edit")
    await option(page, "prompt").locator("textarea").fill("Blur it")
    await attach(page, "cat.jpg")
    await page.get_by_role("button", name="Add the option model").click()
    chosen = page.get_by_role("option", selected=True)
    for typed, marked in (("gpt", "GPT-Image 2"), ("gpt-image-2", "As typed")):
        before = len(server.frames("autocomplete"))
        await option(page, "model").locator("textarea").fill(typed)
        frame = await server.expect("autocomplete", earlier=before)
        found = [
            {"name": "GPT-Image 2", "value": "gpt-image-2-edit"},
            {"name": "As typed", "value": "gpt-image-2"},
        ]
        await server.push("choices", {"nonce": frame["nonce"], "choices": found})
        await expect(chosen).to_have_text(marked)
        if typed == "gpt":
            await page.keyboard.press("Enter")
            await expect(option(page, "model").locator("textarea")).to_have_value("gpt-image-2-edit")
    await page.keyboard.type("!")
    await expect(chosen).to_have_count(0)
    await page.keyboard.press("Enter")
    sent = {each["name"]: each["value"] for each in (await server.expect("command"))["options"]}
    assert sent["model"] == "gpt-image-2!"


async def test_suggestions_cover_no_field_and_what_is_pressed_stays_where_it_is(
    page: Page, server: FakeServer
) -> None:
    server.hold("autocomplete")
    await visit(page, server)
    form = await open_form(page, "edit")
    await page.keyboard.type("se")
    frame = await server.expect("autocomplete", earlier=len(server.frames("autocomplete")))
    found = [{"name": f"Sepia, like 19{number}", "value": f"sepia {number}"} for number in range(10, 35)]
    await server.push("choices", {"nonce": frame["nonce"], "choices": found})
    listed = page.get_by_role("listbox", name="Suggestions")
    await expect(listed).to_be_visible()
    place = await page.locator(".suggestions").bounding_box()
    assert place is not None
    for field in await form.locator(".field").all():
        if await field.locator(".suggestions").count():
            continue
        other = await field.bounding_box()
        assert other is not None
        assert other["y"] >= place["y"] + place["height"] or other["y"] + other["height"] <= place["y"]
    await form.locator("[data-sample='cat.jpg']").click()
    await expect(page.locator(".upload")).to_have_count(1)
    await expect(listed).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
async def test_eight_images_leave_the_prompt_in_view(
    page: Page, server: FakeServer, width: int, height: int
) -> None:
    await page.set_viewport_size({"width": width, "height": height})
    await visit(page, server)
    form = await open_form(page, "edit")
    names = ["cat.jpg", "coffee.jpg", "rocket.jpg", "astronaut.jpg"]
    await attach(page, *names, *names)
    await form.get_by_role("button", name="Add the option count").click()
    await expect(option(page, "prompt").locator("textarea")).to_be_in_viewport(ratio=1)
    await expect(option(page, "count")).to_be_in_viewport(ratio=1)


async def test_a_subcommand_in_a_group_is_nested_as_discord_nests_it(page: Page, server: FakeServer) -> None:
    await visit(page, server, member="mod")
    await open_form(page, "allowance member set")
    await option(page, "credits").locator("input").fill("2.5")
    await option(page, "period").get_by_role("combobox").click()
    await choose(page, "Week")
    await page.get_by_role("button", name="Add the option target").click()
    await choose(page, "Moderators")
    await page.get_by_role("button", name="Add the option announce").click()
    await option(page, "announce").get_by_text("False").click()
    await page.keyboard.press("Control+Enter")
    inner = [
        {"name": "credits", "type": 10, "value": 2.5},
        {"name": "period", "type": 3, "value": "week"},
        {"name": "target", "type": 9, "value": scenes.MODERATORS},
        {"name": "announce", "type": 5, "value": False},
    ]
    assert (await server.expect("command"))["options"] == [
        {"name": "member", "type": 2, "options": [{"name": "set", "type": 1, "options": inner}]}
    ]


async def test_members_and_channels_are_picked_from_lists(page: Page, server: FakeServer) -> None:
    await visit(page, server, member="mod")
    await open_form(page, "usage notices")
    await option(page, "channel").get_by_role("combobox").press("Enter")
    await expect(page.get_by_role("option")).to_have_text(["#darkroom", "#lounge"])
    await choose(page, "#lounge")
    await page.keyboard.press("Control+Enter")
    [notices] = (await server.expect("command"))["options"]
    assert notices["options"] == [{"name": "channel", "type": 7, "value": scenes.LOUNGE}]


async def test_a_command_without_an_answer_says_so_and_the_form_comes_back(
    page: Page, server: FakeServer
) -> None:
    server.hold("command")
    await visit(page, server, *[scenes.message(scenes.BEN, f"line {number}\n" * 4) for number in range(20)])
    await page.locator("#scroller").evaluate("element => { element.scrollTop = 0; }")
    await open_form(page, "generate")
    await page.keyboard.type("A lighthouse")
    await page.keyboard.press("Enter")
    ghost = page.locator(".ghost")
    await expect(ghost).to_be_in_viewport()
    await expect(ghost).to_have_attribute("data-state", "sending")
    await server.settle(await server.expect("command"), "failed", "The application did not respond")
    await expect(ghost).to_contain_text("The application did not respond")
    await ghost.get_by_role("button", name="Back to the form").click()
    await expect(ghost).to_have_count(0)
    await expect(option(page, "prompt").locator("textarea")).to_have_value("A lighthouse")


async def test_the_up_arrow_brings_the_last_command_back(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    await open_form(page, "generate")
    await page.keyboard.type("A lighthouse")
    await page.keyboard.press("Enter")
    await server.expect("command")
    await page.locator("#message-box").press("ArrowUp")
    await expect(option(page, "prompt").locator("textarea")).to_have_value("A lighthouse")
    await page.keyboard.press("Escape")
    await expect(page.locator("#message-box")).to_be_focused()


async def test_a_newcomer_gets_a_form_that_only_needs_to_be_sent(page: Page, server: FakeServer) -> None:
    await visit(page, server)
    await expect(page.locator(".channel-start")).to_contain_text("Type /edit, drop in a photograph")
    await page.get_by_role("button", name="Try it: /edit with a sample").click()
    await expect(page.locator('.upload[data-state="ready"]')).to_have_attribute("data-name", "cat.jpg")
    await page.keyboard.press("Enter")
    frame = await server.expect("command")
    assert [one["name"] for one in frame["options"]] == ["prompt", "image"]
