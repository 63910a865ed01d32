"""Styles, from the press that adopts ten to the card that names one and its reroll."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Join
from tests.e2e.member import Event, Failed, Member
from tests.e2e.messages import fields_of, labels_of, text_of
from tests.e2e.world import World

MANAGER = ["MANAGE_GUILD"]
OLD = "in ink: "


async def test_a_manager_adopts_ten_by_one_press_writes_another_and_members_choose_it(
    world: World, join: Join, small: Path
) -> None:
    manager, member = await join(permissions=MANAGER), await join()
    listed = await manager.ask("style", "list")
    assert "There are none yet" in text_of(listed)
    assert labels_of(listed) == ["Add ten to begin with"]
    await manager.press(listed, "Add ten")
    await manager.whisper("10 styles added")
    listed = await manager.sees(listed, "10 of at most 100", "💥 Comic")
    assert labels_of(listed) == ["Back", "More"]

    ink = {"name": "Ink", "text": OLD + "{prompt}, black on white", "emoji": "🖋️", "size": "1024x1536"}
    saved = await manager.ask("style", "add", **ink)
    assert "🖋️ Ink** · Portrait 1024 × 1536" in text_of(saved)
    await what_is_wrong_is_refused(manager)

    assert await member.suggestions("edit", "style", "ink") == ["Ink"]
    assert len(await member.suggestions("generate", "style", "")) == 11
    card = await world.finished(member, "a quiet harbour", small, style="Ink")
    finished = OLD + "a quiet harbour, black on white"
    (body,) = world.bodies(finished)
    assert body["image_size"] == "1024x1536"
    assert "> a quiet harbour\n" in text_of(card)
    assert "🖋️ Ink · Portrait 1024 × 1536" in text_of(card)
    assert OLD not in text_of(card)
    assert await member.suggestions("edit", "style", "") != [], "those used last come first"
    assert (await member.suggestions("edit", "style", ""))[0] == "Ink"
    assert await member.suggestions("edit", "prompt", "quiet") == ["quiet", "a quiet harbour"]

    unknown = await member.edit("anything", small, style="Nobody’s")
    assert "There is no style “Nobody’s”" in text_of(unknown)
    assert "You were not charged" in text_of(unknown)
    long = await member.edit("x" * 5_999, small, style="Ink", model="gpt-image-1-5-edit")
    await member.sees(long, "Done")

    # A reroll keeps the style as it was, whatever became of it since.
    changed = await manager.ask("style", "edit", style="ink", text="in pencil: {prompt}", size="-")
    assert "in pencil" in text_of(changed)
    assert "Portrait" not in text_of(changed)
    assert "Removed" in text_of(await manager.ask("style", "remove", style="Comic"))
    again = await member.answer(await member.press(card, "Reroll"))
    again = await member.sees(again, "Done", "🖋️ Ink", "> a quiet harbour")
    assert len(world.bodies(finished)) == 2
    await world.closed(again)
    with pytest.raises(Failed, match="permission"):
        await member.ask("style", "list")


async def what_is_wrong_is_refused(manager: Member) -> None:
    for said, wrong in (
        ("There is a style “INK” already", {"name": "INK", "text": "{prompt}"}),
        ("exactly once", {"name": "B", "text": "no place"}),
        (
            "“banana” is not something that any model on offer takes as size",
            {"name": "C", "text": "{prompt}", "size": "banana"},
        ),
    ):
        assert said in text_of(await manager.ask("style", "add", **wrong))


async def test_forms_offer_the_styles_and_begin_with_that_of_the_open_result(
    world: World, join: Join, small: Path
) -> None:
    manager, member = await join(permissions=MANAGER), await join()
    if "There are none yet" in text_of(listed := await manager.ask("style", "list")):
        await manager.press(listed, "Add ten")
        await manager.whisper("10 styles added")
    await manager.ask("style", "add", name="Snow", text="{prompt}, in snow", quality="low")
    card = await world.finished(member, "a red door", small, style="Snow")

    opened = await member.press(card, "Change prompt")
    fields = dict(fields_of(opened["d"]))
    assert fields["Prompt"]["value"] == "a red door"
    assert [each["value"] for each in fields["Style"]["options"] if each.get("default")] == ["Snow"]
    changed = await member.answer(await member.submit(opened, prompt="a blue door"))
    await member.sees(changed, "Done", "> a blue door", "Snow", "low quality")
    assert len(world.bodies("a blue door, in snow")) == 1

    await manager.ask("style", "add", name="Night", text="by night, {prompt}", quality="high")
    opened = await member.press(card, "Edit result")
    edited = await member.answer(await member.submit(opened, prompt="a green door", style="Night"))
    await member.sees(edited, "Done", "> a green door", "Night", "high quality")
    assert len(world.bodies("by night, a green door")) == 1

    opened, another = [await member.press(card, "Change prompt") for _ in range(2)]
    await manager.ask("style", "edit", style="Night", name="Dark")
    said = await member.answer(await member.submit(opened, prompt="a grey door", style="Night"))
    assert "no style “Night” in this server" in text_of(said)
    assert "What you wrote:\n```\na grey door\n```" in text_of(said)
    said = await member.answer(await member.submit(another, prompt="a door, " * 400, style="Night"))
    assert [each["filename"] for each in said["attachments"]] == ["what-you-wrote.txt"]
    assert world.bodies("grey door") == []

    post = await member.post("a picture", small)
    opened = await member.command("Edit images", target=post["id"])
    plain = await member.answer(await member.submit(opened, prompt="no style at all"))
    await member.sees(plain, "Done")
    assert len(world.bodies("no style at all")) == 1
    for each in (changed, edited, plain):
        await world.closed(each)


async def test_what_a_style_costs_is_said_wherever_it_can_be_chosen_if_it_is_another_price(
    world: World, join: Join, small: Path
) -> None:
    manager, member = await join(permissions=MANAGER), await join()
    await manager.ask("style", "add", name="Gold", text="{prompt}, gilded", model="gpt-image-2-edit")
    await manager.ask("style", "add", name="Tin", text="{prompt}, in tin", quality="low")
    dear = {"Gold": "Gold · 5 credits an image", "Tin": "Tin"}
    for command in ("edit", "generate"):
        found = await member.suggested(command, "style", "")
        assert {name: found[name] for name in dear} == dear
    found = await member.suggested("edit", "style", "gold", model="gpt-image-1-5-edit")
    assert found == {"Gold": "Gold"}, "the style's own model does not count then"

    card = await world.finished(member, "a teapot", small)
    post = await member.post("a picture", small)
    said = "One image for about 4 credits."
    for opened in (
        await member.command("Edit images", target=post["id"]),
        await member.press(card, "Edit result"),
        await member.press(card, "Change prompt"),
    ):
        assert (prices_in(opened)["Gold"], prices_in(opened)["Tin"]) == ("5 credits an image", None)
        assert said in str(opened["d"]["components"])
    edited = await member.answer(await member.submit(opened, prompt="a cup", style="Gold"))
    edited = await member.sees(edited, "Done · 5 credits", "Gold")
    opened = await member.press(edited, "Change prompt")
    assert "One image for about 5 credits." in str(opened["d"]["components"])
    assert prices_in(opened)["Gold"] is None

    # A result is gone on with in its own model's family, at the price that its button says.
    made = await member.sees(
        await member.ask("generate", prompt="a spoon", style="Gold"), "Done · 5 credits", "Gold"
    )
    await world.closed(made)
    assert "Edit result · 5 credits" in labels_of(made)
    opened = await member.press(made, "Edit result")
    assert "One image for about 5 credits." in str(opened["d"]["components"])
    assert (prices_in(opened)["Gold"], prices_in(opened)["Tin"]) == (None, None)
    again = await member.sees(await member.answer(await member.submit(opened)), "Done · 5 credits", "Gold")
    for each in (edited, again):
        await world.closed(each)


def prices_in(opened: Event) -> dict[str, str | None]:
    """Return what a form says of its styles, by name."""
    return {
        each["value"]: each.get("description") for each in dict(fields_of(opened["d"]))["Style"]["options"]
    }


async def test_a_style_that_says_what_its_server_forbids_is_offered_to_its_managers_only(
    world: World, join: Join, small: Path
) -> None:
    manager, member = await join(permissions=MANAGER), await join()
    await manager.ask("style", "add", name="Mist", text="{prompt} in mist")
    await manager.ask("style", "add", name="Dread", text="{prompt}, gruesome")
    card = await world.finished(member, "an old house", small, style="Dread")
    panel = await manager.ask("settings", "server")
    await manager.submit(await manager.press(panel, "Change the words"), words="gruesome")
    await manager.sees(panel, "One word so far")
    post = await member.post("a picture", small)
    for command in ("edit", "generate"):
        assert "Mist" in (found := await member.suggestions(command, "style", ""))
        assert "Dread" not in found
    for opened in (
        await member.command("Edit images", target=post["id"]),
        await member.press(card, "Edit result"),
        await member.press(card, "Change prompt"),
    ):
        assert "Mist" in prices_in(opened)
        assert "Dread" not in prices_in(opened)
    # Nothing that would be refused is filled in.
    assert dict(fields_of(opened["d"]))["Prompt"]["value"] == "an old house"
    changed = await manager.ask("style", "edit", style="Dread", text="{prompt}, in dread")
    assert "in dread" in text_of(changed)
    assert "Dread" in await member.suggestions("edit", "style", "")
    await manager.submit(await manager.press(panel, "Change the words"), words="")


async def test_a_styles_words_go_with_the_prompt(world: World, join: Join, small: Path) -> None:
    manager, member = await join(permissions=MANAGER), await join()
    await manager.ask("style", "add", name="Fog", text="{prompt} in fog")
    card = await world.finished(member, "a secret garden", small, style="Fog")
    await press_delete(member, card["id"])
    row = world.query("SELECT prompt, style FROM jobs WHERE card_id IS NULL OR card_id = ?", int(card["id"]))
    assert all("secret" not in str(tuple(each)) for each in row)


async def press_delete(member: Member, card_id: str) -> None:
    card = member.messages[card_id]
    question = await member.answer(await member.press(card, "Delete"))
    await member.press(question, "Delete")
    await member.gone(card)
