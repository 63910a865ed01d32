"""``/settings me``: what a member chose once, and what becomes of what they leave out."""

from pathlib import Path

from tests.e2e.member import Member, Message
from tests.e2e.messages import components, fields_of, labels_of, text_of
from tests.e2e.pictures import small_photo
from tests.e2e.world import World, open_world


def shown(panel: Message) -> dict[str, str]:
    """Return what each menu of the panel shows as chosen, by the end of its id."""
    return {
        str(each["custom_id"]).rsplit(":", 1)[1]: entry["label"]
        for each in components(panel)
        if each["type"] == 3
        for entry in each["options"]
        if entry.get("default")
    }


async def test_what_is_chosen_once_counts_for_what_is_left_out(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    panel = await ann.ask("settings", "me")
    assert panel["only_you"]
    assert shown(panel) == {
        "pings": "Reply to it and mention me",
        "edit_model": "Default: GPT-Image 1.5",
        "generate_model": "Default: GPT-Image 1.5",
        "size": "Default: automatic size",
        "quality": "Default: high quality",
        "count": "Default: 1 image",
    }
    assert labels_of(panel) == []
    for name, value in (("quality", "low"), ("count", "2"), ("edit_model", "gpt-image-2-edit")):
        panel = await ann.choose(panel, name, value)
    assert shown(panel)["quality"] == "Low quality"
    assert "an edit for about 10 credits" in text_of(panel)
    await ann.sees(
        await ann.edit("by what I prefer", small), "Done · 10 credits", "low quality", "GPT-Image 2"
    )
    explicit = await ann.edit("by what I say", small, quality="high", count=1, model="gpt-image-1-5-edit")
    await ann.sees(explicit, "Done · 4 credits", "high quality", "GPT-Image 1.5")
    generated = await ann.ask("generate", prompt="from nothing")
    await ann.sees(generated, "Done", "low quality", "2 images")
    # Somebody else's form begins with theirs, ann's with hers.
    card = await world.finished(ben, "somebody else's", small)
    labels = [
        each["label"]
        for each in dict(fields_of((await ann.press(card, "Edit result"))["d"]))["Options"]["options"]
    ]
    assert {"Default: low quality", "Default: 1 image"} <= set(labels)
    panel = await ann.answer(await ann.command("settings", "me", channel="direct"))
    assert shown(panel)["count"] == "2 images"
    await ann.press(panel, "Back to the bot")
    panel = await ann.sees(panel, "an edit for about 4 credits")
    assert shown(panel)["quality"] == "Default: high quality"


async def test_a_preference_that_a_model_does_not_take_is_left_out_and_said(
    world: World, ann: Member, small: Path
) -> None:
    panel = await ann.choose(await ann.ask("settings", "me"), "quality", "low")
    world.change(
        "UPDATE preferences SET quality = 'ultra', edit_model = 'gone' WHERE member_id = ?", int(ann.id)
    )
    panel = await ann.ask("settings", "me")
    assert shown(panel)["edit_model"] == "gone (not on offer)"
    assert shown(panel)["quality"] == "Ultra quality"
    assert "ultra quality was left out" in text_of(panel)
    card = await ann.edit("as well as it can", small)
    done = await ann.sees(card, "Done · 4 credits", "Your default ultra quality was left out")
    assert "gone, which you chose in /settings me, is not on offer" in text_of(done)
    assert "quality" not in world.bodies("as well as it can")[0]


async def test_mentions_are_switched_on_again_after_a_restart(tmp_path: Path) -> None:
    photo = small_photo(tmp_path / "a.jpg")
    async with open_world(tmp_path) as world, world.member("ann") as ann:
        panel = await ann.choose(await ann.ask("settings", "me"), "pings", "off")
        await world.kill_bot()
        await world.start_bot()
        panel = await ann.choose(panel, "pings", "on")
        assert shown(panel)["pings"] == "Reply to it and mention me"
        world.switch(next=["stuck"])
        card = await ann.edit("a long one", photo)
        await world.status(card, "running")
        world.change("UPDATE jobs SET created_at = created_at - 61000")
        await world.finish()
        await ann.reply_to(card, "your image is ready")
