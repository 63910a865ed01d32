"""Rerolls by reaction and by button, edits of results and of any message's images."""

from pathlib import Path

import pytest

from playground.discord.render import member_json
from tests.e2e.conftest import Join
from tests.e2e.member import Member, Message
from tests.e2e.messages import fields_of, labels_of, pictures_of, reactions_of, text_of
from tests.e2e.pictures import small_photo
from tests.e2e.world import World, open_world, until

FREE = "You were not charged."


async def finished(world: World, member: Member, prompt: str, *images: Path, **options: object) -> Message:
    """Have a job done, with its reaction on the card, and return the card."""
    card = await member.edit(prompt, *images, **options)
    await member.sees(card, "Done")
    await world.closed(card)
    return member.messages[card["id"]]


def sources(world: World, job_id: str) -> list[str]:
    rows = world.query(
        "SELECT sha256 FROM images WHERE job_id = ? AND role = 'source' ORDER BY position", job_id
    )
    return [row["sha256"] for row in rows]


async def count_is(world: World, member: Member, number: int) -> None:
    """Wait until a member has this many jobs, and a moment longer for one too many."""
    await until(lambda: len(world.jobs_of(member)) >= number, what=lambda: f"{number} jobs")
    await world.settled()
    assert len(world.jobs_of(member)) == number


# 🔁


async def test_a_reaction_rerolls_on_the_account_of_whoever_reacted(
    world: World, ann: Member, ben: Member, small: Path, tmp_path: Path
) -> None:
    other = small_photo(tmp_path / "other.png")
    card = await finished(world, ann, "once more", small, other, quality="low", format="webp")
    assert reactions_of(ann.messages[card["id"]]) == {"🔁": 1}
    await ben.react(card)
    reply = await ben.reply_to(card, "reroll of")
    done = await ben.sees(reply, "Done · 4 credits", "once more", "quality low", ben.mention, "reroll of")
    assert done["id"] != card["id"]
    assert (world.account(ann), world.account(ben)) == ((0, 4000), (0, 4000))
    first, second = world.bodies("once more")
    for body in (first, second):
        del body["webhook_url"]
    urls = [body.pop("image_urls") for body in (first, second)]
    assert first == second
    assert [len(each) for each in urls] == [2, 2]
    assert set(urls[0]).isdisjoint(urls[1]), "the first card's addresses were used again"
    assert sources(world, world.job(done)["id"]) == sources(world, world.job(card)["id"])
    assert world.results_on(done) == await world.provider_results("once more")
    assert (await world.closed(done))["token"] is None
    assert reactions_of(ben.messages[done["id"]]) == {"🔁": 1}


async def test_the_kept_copies_are_published_on_the_new_card_until_the_provider_has_them(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    card = await finished(world, ann, "publish the copies", small)
    world.faults(ephemeral_lifetime=0.0)
    world.switch(next=["stuck"])
    await ben.react(card)
    reply = await ben.reply_to(card, "reroll of")
    running = await ben.sees(reply, "Running")
    [url] = world.bodies("publish the copies")[1]["image_urls"]
    assert url.startswith(f"{world.discord.cdn_url}/attachments/{card['channel_id']}/")
    assert [picture.split("?")[0] for picture in pictures_of(running)] == [url.split("?")[0]]
    await world.finish()
    done = await ben.sees(reply, "Done")
    assert all(not name.startswith("source-") for name, _ in world.files_of(done)), "the copies stayed"


async def test_a_repeated_event_is_one_job(world: World, ann: Member, ben: Member, small: Path) -> None:
    card = await finished(world, ann, "only once", small)
    world.faults(events={"MESSAGE_REACTION_ADD": "twice"})
    await ben.react(card)
    await ben.reply_to(card, "reroll of")
    await count_is(world, ben, 1)
    stranger = world.discord.world.member(int(ben.id))
    assert stranger is not None
    repeated = {
        "user_id": ben.id,
        "channel_id": card["channel_id"],
        "message_id": card["id"],
        "guild_id": str(world.discord.world.guild.id),
        "emoji": {"id": None, "name": "🔁"},
        "message_author_id": str(world.discord.world.bot.id),
        "member": member_json(stranger),
        "burst": False,
        "type": 0,
    }
    await world.page("dispatch", event="MESSAGE_REACTION_ADD", data=repeated)
    await ann.edit("whose answer shows that the repeat was dealt with", small)
    await count_is(world, ben, 1)


async def test_taking_it_back_and_putting_it_again_is_a_new_wish(
    world: World, ann: Member, ben: Member, mod: Member, small: Path
) -> None:
    card = await finished(world, ann, "again and again", small)
    await ben.react(card)
    await count_is(world, ben, 1)
    await ben.unreact(card)
    await ben.react(card)
    await count_is(world, ben, 2)
    await mod.clear_reactions(card, "🔁")
    await ben.react(card)
    await count_is(world, ben, 3)
    await mod.clear_reactions(card)
    await ben.react(card)
    await count_is(world, ben, 4)


async def test_a_quick_change_of_mind_counts_too(world: World, ann: Member, ben: Member, small: Path) -> None:
    """The events follow each other faster than the first can be worked on."""
    card = await finished(world, ann, "in a hurry", small)
    await ben.react(card)
    await ben.unreact(card)
    await ben.react(card)
    await count_is(world, ben, 2)


async def test_three_reactions_of_one_person_at_once_are_queued(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    cards = [await finished(world, ann, f"three at once {number}", small) for number in range(3)]
    for card in cards:
        await ben.react(card)
    for card in cards:
        await ben.sees(await ben.reply_to(card, "reroll of"), "Done")
    assert world.account(ben) == (0, 12_000)


async def test_only_this_emoji_on_finished_cards_counts(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    world.switch(next=["stuck"])
    running = await ann.edit("not finished yet", small)
    await ann.sees(running, "Running")
    note = await ann.post("an ordinary message")
    done = await finished(world, ann, "finished", small)
    await ben.react(done, "👍")
    await ben.react(running)
    await ben.react(note)
    failed_at = world.bodies("forbidden thing")
    assert failed_at == []
    failed = await ann.edit("forbidden thing", small)
    await ann.sees(failed, "Failed")
    await ben.react(failed)
    await ben.sees(await ben.reply_to(failed, "reroll of"), "Failed", FREE)
    await world.finish()
    await count_is(world, ben, 1)


async def test_rerolls_work_after_a_restart_and_after_the_addresses_have_expired(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, world.member("ann") as ann, world.member("ben") as ben:
        card = await finished(world, ann, "two days later", small_photo(tmp_path / "a.jpg"), count=2)
        await world.kill_bot()
        await world.page("clock", skip=2 * 86_400)
        await world.start_bot()
        await ben.react(card)
        done = await ben.sees(await ben.reply_to(card, "reroll of"), "Done · 8 credits")
        assert world.results_on(done) == await world.provider_results("two days later")
        by_button = await ben.answer(await ben.press(card, "Reroll"))
        await ben.sees(by_button, "Done · 8 credits", "reroll of")
        form = await ben.press(card, "Edit result")
        edited = await ben.answer(await ben.submit(form, prompt="three days later"))
        await ben.sees(edited, "Done · 8 credits", "edit of")
        assert world.account(ben) == (0, 24_000)


async def test_images_that_are_no_longer_kept_are_said_in_the_channel(
    world: World, ann: Member, ben: Member, tmp_path: Path
) -> None:
    photo = small_photo(tmp_path / "forgotten.png", side=77)
    card = await finished(world, ann, "forget me", photo)
    world.change(
        "UPDATE images SET sha256 = NULL WHERE job_id = ? AND role = 'source'", world.job(card)["id"]
    )
    await ben.react(card)
    said = await ann.message(lambda each: "no longer kept" in text_of(each) and ben.mention in text_of(each))
    assert FREE in text_of(said)
    answer = await ben.answer(await ben.press(card, "Reroll"))
    assert answer["only_you"]
    assert "no longer kept" in text_of(answer)
    assert FREE in text_of(answer)
    assert (world.jobs_of(ben), world.account(ben)) == ([], (0, 0))


@pytest.mark.slow
@pytest.mark.timeout(90)
async def test_what_is_said_in_the_channel_goes_after_half_a_minute(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    card = await finished(world, ann, "forget me soon", small)
    world.change(
        "UPDATE images SET sha256 = NULL WHERE job_id = ? AND role = 'source'", world.job(card)["id"]
    )
    await ben.react(card)
    said = await ann.message(lambda each: "no longer kept" in text_of(each) and ben.mention in text_of(each))
    await ann.until(lambda: said["id"] in ann.deleted, seconds=40, what="its end")


# Who may


async def test_without_the_use_of_commands_there_is_no_reroll(
    world: World, ann: Member, join: Join, small: Path
) -> None:
    card = await finished(world, ann, "not for everybody", small)
    barred = await join(denied=["USE_APPLICATION_COMMANDS"])
    await barred.react(card)
    said = await ann.message(lambda each: "may not" in text_of(each) and barred.mention in text_of(each))
    assert FREE in text_of(said)
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
        card = await finished(world, ann, "by the rules", photo)
        for _ in range(2):
            await ben.react(card)
            await ben.unreact(card)
        await ann.message(lambda each: "may not" in text_of(each) and ben.mention in text_of(each))
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
    card = await finished(world, ann, "no files here", small)
    world.faults(missing_permissions=["ATTACH_FILES"])
    await ben.react(card)
    said = await ann.message(lambda each: "Attach Files" in text_of(each) and ben.mention in text_of(each))
    assert FREE in text_of(said)
    assert world.account(ben) == (0, 0)


# Buttons


async def test_reroll_as_a_button_is_on_the_account_of_whoever_pressed(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    card = await finished(world, ann, "press again", small, count=2, size="1024x1536")
    answer = await ben.answer(await ben.press(card, "Reroll · 8 credits"))
    done = await ben.sees(answer, "Done · 8 credits", "size 1024x1536", ben.mention, "reroll of")
    assert done["message_reference"]["message_id"] == card["id"]
    assert (world.account(ann), world.account(ben)) == ((0, 8000), (0, 8000))
    assert world.job(done)["parent_id"] == world.job(card)["id"]


async def test_a_failed_job_can_be_tried_again(world: World, ann: Member, small: Path) -> None:
    world.switch(next=["fail"])
    failed = await ann.edit("the second time", small)
    again = await ann.answer(await ann.press(await ann.sees(failed, "Failed"), "Try again · 4 credits"))
    await ann.sees(again, "Done · 4 credits")
    assert world.account(ann) == (0, 4000)


# Edit result


async def test_a_result_becomes_the_first_source(
    world: World, ann: Member, ben: Member, small: Path, tmp_path: Path
) -> None:
    card = await finished(world, ann, "two variants", small, count=2, format="webp", fidelity="low")
    form = await ben.press(card, "Edit result")
    fields = fields_of(form["d"])
    assert 1 <= len(form["d"]["components"]) <= 5
    assert fields[0][1]["value"] == "two variants"
    more = small_photo(tmp_path / "more.png")
    second = next(each for label, each in fields if label == "Start from")["options"][1]["value"]
    sent = await ben.submit(form, prompt="go on from the second", start=second, more=[more], quality="low")
    done = await ben.sees(await ben.answer(sent), "Done · 8 credits", "edit of", ben.mention)
    [body] = world.bodies("go on from the second")
    assert (body["num_images"], body["output_format"], body["quality"]) == (2, "webp", "low")
    assert body["input_fidelity"] == "low"
    assert len(body["image_urls"]) == 2
    assert sources(world, world.job(done)["id"])[0] == world.results_on(card)[1]
    assert (world.account(ann), world.account(ben)) == ((0, 8000), (0, 8000))


async def test_a_prompt_too_long_for_the_form_starts_empty_and_says_so(
    world: World, ann: Member, small: Path
) -> None:
    card = await finished(world, ann, "long " * 900, small)
    form = await ann.press(card, "Edit result")
    assert not fields_of(form["d"])[0][1].get("value")
    assert "too long" in str(form["d"]["components"][0].get("description"))


async def test_seven_more_images_fit_and_bad_ones_are_refused_as_ever(
    world: World, ann: Member, small: Path, tmp_path: Path
) -> None:
    card = await finished(world, ann, "the first of eight", small)
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
    assert [label.split(" · ")[0] for label in labels_of(done)] == ["Reroll", "Edit result", "Delete"]
    await ben.react(card)
    await ben.sees(await ben.reply_to(card, "reroll of"), "Done", "generated")
    form = await ben.press(done, "Edit result")
    edited = await ben.sees(await ben.answer(await ben.submit(form, prompt="at night")), "Done · 8 credits")
    assert "gpt-image-1-5-edit" in text_of(edited)
    assert sources(world, world.job(edited)["id"]) == world.results_on(done)[:1]


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
    assert "1. photo0.png\n2. photo1.png\n3. photo2.png" in str(form["d"]["components"]).encode().decode(
        "unicode_escape"
    )
    sent = await ann.submit(form, prompt="all of your holidays", size="1024x1024")
    done = await ann.sees(await ann.answer(sent), "Done · 4 credits", ann.mention, "size 1024x1024")
    [body] = world.bodies("all of your holidays")
    names = [url.split("?")[0].rsplit("/", 1)[1] for url in body["image_urls"]]
    assert names == ["photo0.png", "photo1.png", "photo2.png"]
    assert len(sources(world, world.job(done)["id"])) == 3
    assert world.account(ben) == (0, 0)


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


async def test_a_message_without_images_or_with_too_many_is_refused(
    world: World, ann: Member, ben: Member, tmp_path: Path
) -> None:
    empty = await ben.post("nothing but words")
    answer = await ann.answer(await ann.command("Edit images", target=empty["id"]))
    assert "no image" in text_of(answer)
    nine = [small_photo(tmp_path / f"{number}.png") for number in range(9)]
    full = await ben.post("nine of them", *nine)
    answer = await ann.answer(await ann.command("Edit images", target=full["id"]))
    assert "at most 8 images" in text_of(answer)
    assert world.account(ann) == (0, 0)
