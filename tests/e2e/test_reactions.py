"""🔁 on a card: the same again, for whoever reacted."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from playground.discord.render import member_json
from tests.e2e.member import Member
from tests.e2e.messages import pictures_of, reactions_of, text_of
from tests.e2e.pictures import located_photo, small_photo
from tests.e2e.waiting import until
from tests.e2e.world import World, open_world

FREE = "You were not charged."


async def count_is(world: World, member: Member, number: int) -> None:
    """Wait until a member has this many jobs, and a moment longer for one too many."""
    await until(lambda: len(world.jobs_of(member)) >= number, what=lambda: f"{number} jobs")
    await world.settled()
    assert len(world.jobs_of(member)) == number


async def test_a_reaction_rerolls_on_the_account_of_whoever_reacted(
    world: World, ann: Member, ben: Member, small: Path, tmp_path: Path
) -> None:
    other = small_photo(tmp_path / "other.png")
    card = await world.finished(ann, "once more", small, other, quality="low", format="webp")
    # It comes with a request of its own, after the card says that it is done.
    await until(
        lambda: reactions_of(ann.messages[card["id"]]) == {"🔁": 1}, what=lambda: "the bot's own reaction"
    )
    await ben.react(card)
    reply = await ben.reply_to(card, "reroll of")
    done = await ben.sees(reply, "Done · 4 credits", "once more", "low quality", ben.mention, "reroll of")
    assert done["id"] != card["id"]
    assert (world.account(ann), world.account(ben)) == ((0, 4000), (0, 4000))
    first, second = world.bodies("once more")
    for body in (first, second):
        del body["webhook_url"]
    urls = [body.pop("image_urls") for body in (first, second)]
    assert first == second
    assert [len(each) for each in urls] == [2, 2]
    assert set(urls[0]).isdisjoint(urls[1]), "the first card's addresses were used again"
    assert world.sources_of(done) == world.sources_of(card)
    assert world.results_on(done) == await world.provider_results("once more")
    assert (await world.closed(done))["token"] is None
    await until(
        lambda: reactions_of(ben.messages[done["id"]]) == {"🔁": 1}, what=lambda: "the bot's own reaction"
    )


async def test_the_kept_copies_are_published_on_the_new_card_until_the_provider_has_them(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    card = await world.finished(ann, "publish the copies", small)
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


async def test_what_a_reroll_publishes_tells_nothing_of_a_place_or_a_camera(
    world: World, ann: Member, ben: Member, tmp_path: Path
) -> None:
    photo = located_photo(tmp_path / "home.jpg")
    card = await world.finished(ann, "from home", photo)
    world.faults(ephemeral_lifetime=0.0)
    world.switch(next=["stuck"])
    await ben.react(card)
    await ben.sees(await ben.reply_to(card, "reroll of"), "Running")
    [url] = world.bodies("from home")[1]["image_urls"]
    published = world.discord.world.attachments[int(url.split("/")[-2])].file.path
    for telling in (b"Maker", b"Model", b"at home", b"Exif"):
        assert telling in photo.read_bytes()
        assert telling not in published.read_bytes()
    with Image.open(photo) as before, Image.open(published) as after:
        assert ImageChops.difference(before, after).getbbox() is None
    await world.finish()


async def test_a_repeated_event_is_one_job(world: World, ann: Member, ben: Member, small: Path) -> None:
    card = await world.finished(ann, "only once", small)
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
    card = await world.finished(ann, "again and again", small)
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
    card = await world.finished(ann, "in a hurry", small)
    await ben.react(card)
    await ben.unreact(card)
    await ben.react(card)
    await count_is(world, ben, 2)


async def test_three_reactions_of_one_person_at_once_are_queued(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    cards = [await world.finished(ann, f"three at once {number}", small) for number in range(3)]
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
    done = await world.finished(ann, "finished", small)
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
        card = await world.finished(ann, "two days later", small_photo(tmp_path / "a.jpg"), count=2)
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
        await ben.sees(edited, "Done · 4 credits", "edit of")
        assert world.account(ben) == (0, 20_000)


async def test_images_that_are_no_longer_kept_are_told_to_whoever_reacted(
    world: World, ann: Member, ben: Member, tmp_path: Path
) -> None:
    photo = small_photo(tmp_path / "forgotten.png", side=77)
    card = await world.finished(ann, "forget me", photo)
    world.change(
        "UPDATE images SET sha256 = NULL WHERE job_id = ? AND role = 'source'", world.job(card)["id"]
    )
    await ben.react(card)
    said = await ben.message(lambda each: "no longer kept" in text_of(each))
    assert said["channel_id"] == ben.channels["direct"]
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
    card = await world.finished(ann, "forget me soon", small)
    world.change(
        "UPDATE images SET sha256 = NULL WHERE job_id = ? AND role = 'source'", world.job(card)["id"]
    )
    await ben.react(card)
    said = await ann.message(lambda each: f"{ben.mention}, that did not work" in text_of(each))
    await ann.until(lambda: said["id"] in ann.deleted, seconds=40, what="its end")
