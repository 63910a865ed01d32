"""What a server's managers forbid or hide, in the real bot: refused before anything is paid, at every door."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from playground.discord import intents
from playground.discord.model import Channel
from playground.discord.render import channel_for_bot_json
from tests.e2e.conftest import Join
from tests.e2e.member import Member, Message
from tests.e2e.messages import components, text_of
from tests.e2e.waiting import until
from tests.e2e.world import World

MANAGER = ["MANAGE_GUILD"]


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def no_rules_later(world: World) -> AsyncGenerator[None]:
    yield
    world.change("DELETE FROM server_settings")


def rule(world: World, **rules: Any) -> None:
    """Switch these rules on, and no others, as the panel does."""
    names = ", ".join(rules)
    marks = ", ".join("?" * len(rules))
    world.change("DELETE FROM server_settings")
    world.change(
        f"INSERT INTO server_settings (guild_id, {names}) VALUES (?, {marks})",
        world.discord.world.guild.id,
        *rules.values(),
    )


def set_age_restricted(world: World, channel: Channel, restricted: bool) -> None:
    channel.nsfw = restricted
    shown = channel_for_bot_json(world.discord.world, channel)
    world.discord._core.gateway.dispatch("CHANNEL_UPDATE", shown, needs=intents.GUILDS)


def covered(message: Message) -> list[bool]:
    """Return of each picture of a message whether it is a spoiler."""
    return [bool(each.get("spoiler")) for each in components(message) if "media" in each] + [
        bool(item.get("spoiler")) for each in components(message) for item in each.get("items", [])
    ]


async def test_a_manager_forbids_words_in_the_panel_and_no_door_takes_them(
    world: World, join: Join, ben: Member, small: Path
) -> None:
    manager = await join(permissions=MANAGER)
    card = await world.finished(manager, "a hat for the cát", small)
    panel = await manager.ask("settings", "server")
    form = await manager.press(panel, "Change the words")
    await manager.submit(form, words="cat\n*secret*")
    panel = await manager.sees(panel, "2 words so far")
    assert "secret" not in text_of(panel)

    photo = await ben.post("look", small)
    forms = [
        await ben.press(card, "Edit result"),
        await ben.press(card, "Change prompt"),
        await ben.command("Edit images", target=photo["id"]),
    ]
    refused = [
        await ben.edit("My CAT", small),
        await ben.ask("generate", prompt="topsecrets"),
        await ben.answer(await ben.press(card, "Reroll")),
        *[await ben.answer(await ben.submit(form, prompt="Secret things")) for form in forms],
    ]
    for said in refused:
        assert said["only_you"]
        assert "do not allow something that your prompt says" in text_of(said)
        assert "You were not charged" in text_of(said)
        assert not any(word in text_of(said).lower() for word in ("cat", "secret"))
    await ben.react(card)
    await ben.message(lambda each: "do not allow" in text_of(each) and not each.get("only_you"))
    assert world.jobs_of(ben) == []
    assert world.account(ben) == (0, 0)
    await world.finished(ben, "concatenate", small)


async def test_where_only_ones_own_images_may_be_used_no_door_takes_anothers(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    card = await world.finished(ann, "annes hat", small)
    photo = await ann.post("annes photo", small)
    form = await ben.press(card, "Edit result")
    rule(world, own_images=1)
    sent = [await ben.press(card, "Reroll"), await ben.submit(form, prompt="still")]
    for message in (card, photo):
        opened = await ben.command("Edit images", target=message["id"])
        sent.append(await ben.submit(opened, prompt="taken from a message"))
    for each in sent:
        assert "images of their own only" in text_of(await ben.answer(each))
    await ben.react(card)
    await ben.message(lambda each: "images of their own only" in text_of(each) and not each.get("only_you"))
    assert world.jobs_of(ben) == []
    opened = await ann.command("Edit images", target=photo["id"])
    own = await ann.answer(await ann.submit(opened, prompt="my own"))
    await ann.sees(own, "Done")


@pytest.fixture(scope="module")
def hidden(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hidden") / "SPOILER_photo.jpg"
    path.write_bytes(small.read_bytes())
    return path


async def test_a_spoiler_stays_one_on_the_card_the_sheet_and_in_what_is_made_of_it(
    world: World, ann: Member, ben: Member, hidden: Path, small: Path
) -> None:
    photo = await ben.post("do not look", hidden)
    opened = await ann.command("Edit images", target=photo["id"])
    card = await ann.answer(await ann.submit(opened, prompt="blue"))
    assert covered(card) == [True]
    card = await ann.sees(card, "Done")
    await world.closed(card)
    again = await ann.answer(await ann.press(card, "Reroll"))
    form = await ben.press(card, "Edit result")
    further = await ben.answer(await ben.submit(form, prompt="red"))
    opened = await ben.command("Edit images", target=card["id"])
    from_card = await ben.answer(await ben.submit(opened, prompt="green"))
    for each in (card, again, further, from_card):
        done = await ann.sees(each, "Done")
        assert covered(done) == [True, True], "the contact sheet and the result"
    assert covered(await world.finished(ann, "plain", small)) == [False, False]


async def test_results_as_spoilers_and_prompts_hidden_hold_for_what_is_asked_from_then_on(
    world: World, ann: Member, ben: Member, small: Path
) -> None:
    rule(world, spoilers=1, prompts_hidden=1)
    card = await world.finished(ann, "my own words", small)
    assert covered(card) == [False, True]
    assert "my own words" not in "".join(ann.states(card))
    assert "is not shown here" in text_of(card)
    theirs = await ben.press(card, "Change prompt")
    assert "my own words" not in str(theirs)
    own = await ann.press(card, "Change prompt")
    assert "my own words" in str(own)


async def test_only_age_restricted_channels_take_anything_once_that_is_chosen(
    world: World, ann: Member, small: Path
) -> None:
    card = await world.finished(ann, "before", small)
    count = len(world.jobs_of(ann))
    rule(world, age_restricted=1)
    lounge = world.discord.world.channels[int(ann.channels["lounge"])]
    for said in (await ann.edit("not here", small), await ann.answer(await ann.press(card, "Reroll"))):
        assert "age-restricted channels only" in text_of(said)
        assert "You were not charged" in text_of(said)
    await ann.react(card)
    await ann.message(lambda each: "age-restricted" in text_of(each) and not each.get("only_you"))
    assert len(world.jobs_of(ann)) == count
    set_age_restricted(world, lounge, True)
    try:
        done = await ann.ask("edit", prompt="but here", image=small, channel="lounge")
        await ann.sees(done, "Done")
        await until(lambda: bool(world.job(done)["reminded"]), what=lambda: "its chores")
    finally:
        set_age_restricted(world, lounge, False)


async def test_a_moderator_hides_results_from_the_channel_and_their_owner_has_them(
    world: World, join: Join, ann: Member, small: Path
) -> None:
    moderator = await join(permissions=["MANAGE_MESSAGES"])
    card = await world.finished(ann, "hide me", small)
    results = world.results_on(card)
    answer = await moderator.answer(await moderator.command("Hide result", target=card["id"]))
    assert answer["only_you"]
    assert "reaches only whoever asked" in text_of(answer)
    await ann.gone(card)
    await ann.message(lambda each: "A moderator hid your result" in text_of(each))
    listed = await ann.ask("jobs")
    handed = await ann.answer(await ann.press(listed, "Collect"))
    await until(
        lambda: [sha for _, sha in world.files_of(handed)] == results, what=lambda: "the results in private"
    )

    photo = await ann.post("no card", small)
    said = await moderator.answer(await moderator.command("Hide result", target=photo["id"]))
    assert "none of mine that shows a result" in text_of(said)


@pytest.mark.parametrize("by_command", [True, False])
async def test_a_running_job_that_a_moderator_takes_away_never_comes_back_to_the_channel(
    world: World, join: Join, ann: Member, small: Path, by_command: bool
) -> None:
    moderator = await join(permissions=["MANAGE_MESSAGES"])
    world.switch(next=["stuck"])
    card = await ann.edit("end this in public", small)
    await world.status(card, "running")
    row = world.job(card)
    if by_command:
        await moderator.command("Hide result", target=card["id"])
    else:
        await moderator.delete(card)
    await ann.gone(card)
    await until(
        lambda: bool(world.query("SELECT hidden FROM jobs WHERE id = ?", row["id"])[0][0]),
        what=lambda: "the bot to take note",
    )
    after = {each["id"] for each in world.all_messages() if each["channel_id"] == card["channel_id"]}
    await world.finish()
    direct = await ann.message(lambda each: "this came to you alone" in text_of(each))
    await ann.sees(direct, "Done")
    await until(
        lambda: bool(world.query("SELECT reminded FROM jobs WHERE id = ?", row["id"])[0][0]),
        what=lambda: "its chores",
    )
    there = {
        each["id"]
        for each in world.all_messages()
        if each["channel_id"] == card["channel_id"] and not each["only_for"]
    }
    assert there <= after
    assert direct["channel_id"] == ann.channels["direct"]


async def test_a_log_tells_moderators_who_had_what_made_and_loses_it_with_the_job(
    world: World, join: Join, ann: Member, small: Path
) -> None:
    manager = await join(permissions=MANAGER)
    assert "keeps a log" not in text_of(await ann.ask("privacy"))
    panel = await manager.ask("settings", "server")
    lounge = manager.channels["lounge"]
    await manager.choose(panel, "log", lounge)
    assert "keeps a log, in which moderators see your prompts" in text_of(await ann.ask("privacy"))
    rule(world, log_channel=int(lounge), prompts_hidden=1)
    card = await world.finished(ann, "words in the log @everyone", small)
    told = await manager.message(
        lambda each: each["channel_id"] == lounge and world.job(card)["id"] in text_of(each), what="the log"
    )
    assert f"{ann.mention} in <#{card['channel_id']}>" in text_of(told)
    assert "words in the log" in text_of(told)
    assert covered(told) == [True]
    assert world.results_on(told) == world.results_on(card)
    sent = world.requests("POST", f"/channels/{lounge}/messages")[-1]
    assert not told.get("mentions"), sent
    await ann.delete_for_good(card)
    await manager.gone(told)
