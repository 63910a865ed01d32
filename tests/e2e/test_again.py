"""Rerolls by button and who may, edits of results and of any message's images."""

from pathlib import Path

from tests.e2e.conftest import Join
from tests.e2e.member import Member
from tests.e2e.messages import fields_of, labels_of, text_of
from tests.e2e.pictures import small_photo
from tests.e2e.world import World, open_world

FREE = "You were not charged."


# Who may


async def test_without_the_use_of_commands_there_is_no_reroll(
    world: World, ann: Member, join: Join, small: Path
) -> None:
    card = await world.finished(ann, "not for everybody", small)
    barred = await join(denied=["USE_APPLICATION_COMMANDS"])
    await barred.react(card)
    said = await barred.message(lambda each: "may not" in text_of(each))
    assert said["channel_id"] == barred.channels["direct"]
    assert "Ask a moderator." in text_of(said)  # of money no word: nobody could have been charged
    for label in ("Reroll", "Edit result"):
        answer = await barred.answer(await barred.press(card, label))
        assert answer["only_you"]
        assert "may not" in text_of(answer)
    assert (world.jobs_of(barred), world.account(barred)) == ([], (0, 0))


async def test_the_rules_of_the_command_count_and_are_asked_for_once(tmp_path: Path) -> None:
    photo = small_photo(tmp_path / "a.jpg")
    async with open_world(tmp_path) as world, world.member("ann") as ann, world.member("ben") as ben:
        command = next(each["id"] for each in ann.commands if each["name"] == "edit")
        rules = [{"id": ben.id, "type": 2, "permission": False}]
        await world.page("command-permissions", command_id=command, permissions=rules)
        card = await world.finished(ann, "by the rules", photo)
        for _ in range(2):
            await ben.react(card)
            await ben.unreact(card)
        await ben.message(lambda each: "may not" in text_of(each))
        await ann.message(lambda each: f"{ben.mention}, that did not work" in text_of(each))
        answer = await ben.answer(await ben.press(card, "Reroll"))
        assert "may not" in text_of(answer)
        await ann.answer(await ann.press(card, "Reroll"))
        await world.settled()
        assert (world.account(ann), world.account(ben)) == ((0, 8000), (0, 0))
        assert len(world.requests("GET", f"/commands/{command}/permissions")) == 1


async def test_the_rules_of_the_whole_application_count_too(tmp_path: Path) -> None:
    photo = small_photo(tmp_path / "a.jpg")
    async with open_world(tmp_path) as world, world.member("ann") as ann, world.member("ben") as ben:
        here = {"id": ann.channels["darkroom"], "type": 3, "permission": False}
        await world.page(
            "command-permissions", command_id=str(world.discord.world.application.id), permissions=[here]
        )
        card = await ann.answer(
            await ann.command("edit", channel="lounge", prompt="in the lounge", image=photo)
        )
        await ann.sees(card, "Done")
        await world.closed(card)
        await ben.react(card)
        await ben.sees(await ben.reply_to(card, "reroll of"), "Done")
        assert world.account(ben) == (0, 4000)


async def test_a_missing_permission_of_the_bot_is_said_before_anything_is_paid(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    card = await world.finished(ann, "no files here", small)
    world.faults(missing_permissions=["ATTACH_FILES"])
    await ben.react(card)
    said = await ben.message(lambda each: "Attach Files" in text_of(each))
    assert FREE in text_of(said)
    assert world.account(ben) == (0, 0)


# Buttons


async def test_reroll_as_a_button_is_on_the_account_of_whoever_pressed(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    card = await world.finished(ann, "press again", small, count=2, size="1024x1536")
    answer = await ben.answer(await ben.press(card, "Reroll · 8 credits"))
    done = await ben.sees(answer, "Done · 8 credits", "Portrait 1024 × 1536", ben.mention, "reroll of")
    assert done["message_reference"]["message_id"] == card["id"]
    assert (world.account(ann), world.account(ben)) == ((0, 8000), (0, 8000))
    assert world.job(done)["parent_id"] == world.job(card)["id"]


async def test_a_failed_job_can_be_tried_again(world: World, ann: Member, small: Path) -> None:
    world.switch(next=["fail"])
    failed = await ann.sees(await ann.edit("the second time", small), "Failed")
    label = "Try again · 4 credits"
    too_soon = await ann.answer(await ann.press(failed, label))
    assert "the same would fail again" in text_of(too_soon)
    await ann.react(failed)
    await ann.message(lambda each: "the same would fail again" in text_of(each) and "only_you" not in each)
    assert len(world.jobs_of(ann)) == 1
    world.change("UPDATE jobs SET ended_at = ended_at - 180000 WHERE id = ?", world.job(failed)["id"])
    again = await ann.answer(await ann.press(failed, label))
    await ann.sees(again, "Done · 4 credits")
    assert world.account(ann) == (0, 4000)


# Edit result


async def test_a_result_becomes_the_first_source(
    world: World, ann: Member, ben: Member, small: Path, tmp_path: Path
) -> None:
    card = await world.finished(ann, "two variants", small, count=2, format="webp", fidelity="low")
    form = await ben.press(card, "Edit result")
    fields = fields_of(form["d"])
    assert 1 <= len(form["d"]["components"]) <= 5
    assert fields[0][1]["value"] == "two variants"
    more = small_photo(tmp_path / "more.png")
    second = next(each for label, each in fields if label == "Start from")["options"][1]["value"]
    sent = await ben.submit(
        form, prompt="go on from the second", start=second, more=[more], options=("quality=low",)
    )
    done = await ben.sees(await ben.answer(sent), "Done · 4 credits", "edit of", ben.mention)
    [body] = world.bodies("go on from the second")
    assert (body.get("num_images", 1), body["output_format"], body["quality"]) == (1, "webp", "low")
    assert body["input_fidelity"] == "low"
    assert len(body["image_urls"]) == 2
    assert world.sources_of(done)[0] == world.results_on(card)[1]
    assert (world.account(ann), world.account(ben)) == ((0, 8000), (0, 4000))


async def test_a_prompt_too_long_for_the_form_starts_empty_and_says_so(
    world: World, ann: Member, small: Path
) -> None:
    card = await world.finished(ann, "long " * 900, small)
    form = await ann.press(card, "Edit result")
    assert not fields_of(form["d"])[0][1].get("value")
    hint = str(form["d"]["components"][0].get("description"))
    assert "too long" in hint
    assert "about 4 credits" in hint


async def test_seven_more_images_fit_and_bad_ones_are_refused_as_ever(
    world: World, ann: Member, small: Path, tmp_path: Path
) -> None:
    card = await world.finished(ann, "the first of eight", small)
    seven = [small_photo(tmp_path / f"{number}.png", side=64 + number) for number in range(7)]
    form = await ann.press(card, "Edit result")
    done = await ann.sees(await ann.answer(await ann.submit(form, prompt="all eight", more=seven)), "Done")
    assert len(world.bodies("all eight")[0]["image_urls"]) == 8
    assert "edit of" in text_of(done)
    bad = tmp_path / "bad.png"
    bad.write_text("not a picture")
    refused = await ann.answer(
        await ann.submit(await ann.press(card, "Edit result"), prompt="and a bad one", more=[bad])
    )
    await ann.gone(refused)
    assert any("not an image" in each and FREE in each for each in ann.whispers)
    assert world.account(ann) == (0, 8000)


async def test_a_generated_card_has_the_same_buttons(world: World, ann: Member, ben: Member) -> None:
    card = await ann.ask("generate", prompt="a lighthouse", count=2, quality="low")
    done = await ann.sees(card, "Done", "generated")
    await world.closed(done)
    [body] = world.bodies("a lighthouse")
    assert sorted(body) == ["num_images", "prompt", "quality", "webhook_url"]
    assert [label.split(" · ")[0] for label in labels_of(done)] == [
        "Reroll",
        "Edit result",
        "Change prompt",
        "Delete",
    ]
    await ben.react(card)
    await ben.sees(await ben.reply_to(card, "reroll of"), "Done", "generated")
    form = await ben.press(done, "Edit result")
    edited = await ben.sees(await ben.answer(await ben.submit(form, prompt="at night")), "Done · 4 credits")
    assert "GPT-Image 1.5" in text_of(edited)
    assert world.sources_of(edited) == world.results_on(done)[:1]


async def test_other_words_for_the_same_images(world: World, ann: Member, ben: Member, small: Path) -> None:
    world.switch(next=["moderated"])
    refused = await ann.sees(await ann.edit("something nobody may ask", small), "Failed", "safety check")
    form = await ben.press(refused, "Change prompt")
    assert fields_of(form["d"])[0][1]["value"] == "something nobody may ask"
    assert "about 4 credits" in str(form["d"]["components"])
    sent = await ben.submit(form, prompt="something everybody may ask")
    done = await ben.sees(await ben.answer(sent), "Done · 4 credits", "everybody may", ben.mention)
    assert world.sources_of(done) == world.sources_of(refused)
    assert (world.account(ann), world.account(ben)) == ((0, 0), (0, 4000))


# Edit images


async def test_the_images_of_any_message_can_be_edited(
    world: World, ann: Member, ben: Member, tmp_path: Path
) -> None:
    photos = [small_photo(tmp_path / f"photo{number}.png", side=70 + number) for number in range(3)]
    letter = tmp_path / "letter.txt"
    letter.write_text("only text")
    message = await ben.post("my holidays", *photos, letter)
    form = await ann.command("Edit images", target=message["id"])
    assert form["t"] == "modal"
    fields = dict(fields_of(form["d"]))
    assert [each["label"] for each in fields["Images"]["options"]] == [
        "1. photo0.png",
        "2. photo1.png",
        "3. photo2.png",
    ]
    assert "“letter.txt” is not an image" in str(form["d"]["components"][0])
    assert "about 4 credits" in str(form["d"]["components"])
    sent = await ann.submit(form, prompt="all of your holidays", options=("size=1024x1024",))
    done = await ann.sees(await ann.answer(sent), "Done · 4 credits", ann.mention, "Square 1024 × 1024")
    [body] = world.bodies("all of your holidays")
    names = [url.split("?")[0].rsplit("/", 1)[1] for url in body["image_urls"]]
    assert names == ["photo0.png", "photo1.png", "photo2.png"]
    assert len(world.sources_of(done)) == 3
    assert world.account(ben) == (0, 0)


async def test_of_a_card_the_results_can_be_edited_and_not_the_contact_sheet(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    card = await world.finished(ann, "two to go on from", small, count=2)
    assert len(world.files_of(card)) == 3
    form = await ben.command("Edit images", target=card["id"])
    await ben.sees(await ben.answer(await ben.submit(form, prompt="on from both")), "Done")
    names = [url.split("?")[0].rsplit("/", 1)[1] for url in world.bodies("on from both")[0]["image_urls"]]
    assert [name.rsplit("-", 1)[1] for name in names] == ["1.png", "2.png"]


async def test_images_of_embeds_count_where_they_lie_on_the_cdn(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    holder = await ben.post("where it lies", small)
    message = await ben.post("what embeds it")
    stored = world.discord.world.message(int(message["channel_id"]), int(message["id"]))
    assert stored is not None
    for url in (holder["attachments"][0]["url"], "https://example.com/elsewhere.png"):
        stored.embeds.append({"type": "image", "url": url, "image": {"url": url, "width": 96, "height": 96}})
    form = await ann.command("Edit images", target=message["id"])
    await ann.sees(await ann.answer(await ann.submit(form, prompt="from the embed")), "Done")
    [url] = world.bodies("from the embed")[0]["image_urls"]
    assert url.split("?")[0] == holder["attachments"][0]["url"].split("?")[0]


async def test_of_more_than_eight_images_eight_are_chosen(
    world: World, ann: Member, ben: Member, tmp_path: Path
) -> None:
    empty = await ben.post("nothing but words")
    answer = await ann.answer(await ann.command("Edit images", target=empty["id"]))
    assert "no image" in text_of(answer)
    nine = [small_photo(tmp_path / f"{number}.png", side=70 + number) for number in range(9)]
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(bytes(64))
    full = await ben.post("nine of them", *nine, clip)
    form = await ann.command("Edit images", target=full["id"])
    fields = dict(fields_of(form["d"]))
    ticked = [each["value"] for each in fields["Images"]["options"] if each.get("default")]
    assert (ticked, fields["Images"]["max_values"]) == ([str(place) for place in range(8)], 8)
    assert "“clip.mp4” is a video" in str(form["d"]["components"][0])
    sent = await ann.submit(form, prompt="the last two", images=("8", "7"))
    await ann.sees(await ann.answer(sent), "Done · 4 credits")
    names = [url.split("?")[0].rsplit("/", 1)[1] for url in world.bodies("the last two")[0]["image_urls"]]
    assert names == ["7.png", "8.png"]


async def test_options_are_chosen_several_at_once_and_one_of_each(
    world: World, ann: Member, small: Path, tmp_path: Path
) -> None:
    card = await world.finished(ann, "as it was", small, size="1536x1024", quality="low", count=2)
    form = await ann.press(card, "Change prompt")
    labels = [each["label"] for each in dict(fields_of(form["d"]))["Options"]["options"]]
    assert labels == [
        "Automatic size",
        "Square 1024 × 1024",
        "Default: landscape 1536 × 1024",
        "Portrait 1024 × 1536",
        "Default: low quality",
        "Medium quality",
        "High quality",
        "1 image",
        "Default: 2 images",
        "3 images",
        "4 images",
    ]
    assert "2 images for about 8 credits." in str(form["d"]["components"])
    more = small_photo(tmp_path / "more.png")
    two = await ann.submit(form, prompt="twice", options=("size=auto", "size=1024x1024"))
    assert "More than one size" in text_of(await ann.answer(two))
    form = await ann.press(card, "Change prompt")
    several = ("quality=low", "quality=high", "count=1")
    sent = await ann.submit(form, prompt="several", more=[more], options=several)
    other = "other words for [this one]"
    await ann.sees(await ann.answer(sent), "Done · 4 credits", "Landscape 1536 × 1024", "high quality", other)
    [body] = world.bodies("several")
    assert (body["image_size"], body["quality"], body["num_images"]) == ("1536x1024", "high", 1)
    assert len(body["image_urls"]) == 2
