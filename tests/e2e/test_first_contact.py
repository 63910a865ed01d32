"""First contact: what a server is told, what ``/help`` says to whom, what a manager sets up with one press."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from playground.discord.permissions import bits
from playground.discord.render import guild_json, member_json
from tests.e2e.conftest import Join
from tests.e2e.member import LONG, Member, Message
from tests.e2e.messages import custom_ids_of, labels_of, text_of
from tests.e2e.pictures import small_photo
from tests.e2e.world import World, open_world

MANAGER = ["MANAGE_GUILD", "MODERATE_MEMBERS"]


async def comes_in(world: World, ann: Member) -> Message:
    """Take the bot out of the server and invite it again; return what it says then."""
    before = set(ann.messages)
    world.faults(bot_removed=True)
    world.faults(bot_removed=False)
    return await ann.message(lambda each: each["id"] not in before, what="a greeting")


async def test_a_server_is_greeted_and_its_manager_sets_it_up_by_one_press(
    world: World, join: Join, small: Path
) -> None:
    manager, member = await join(permissions=MANAGER), await join()
    greeting = await comes_in(world, manager)
    assert not greeting.get("only_you")
    assert labels_of(greeting) == ["Set up"]
    ids = {each["name"]: each["id"] for each in manager.commands}
    for name in ("edit", "allowance set", "help"):
        assert f"</{name}:{ids[name.split()[0]]}>" in text_of(greeting)
    assert "I lack" not in text_of(greeting)

    refused = await member.answer(await member.press(greeting, "Set up"))
    assert "You may not use this here" in text_of(refused)
    assert "You may not use this here" in text_of(await member.ask("settings", "server"))
    for panel in (
        await manager.ask("settings", "server"),
        await manager.answer(await manager.press(greeting, "Set up")),
    ):
        assert panel["only_you"]
        assert "### Settings of this server" in text_of(panel)
    assert f"</allowance set:{ids['allowance']}>" in text_of(panel)

    async def choose(*channels: str) -> None:
        values = [manager.channels[each] for each in channels]
        await manager.send(
            "component",
            channel_id=panel["channel_id"],
            message_id=panel["id"],
            custom_id="dr:server:answers-in",
            values=values,
        )
        stored = json.loads(world.query("SELECT answers_in FROM server_settings")[0][0])
        assert stored == [int(each) for each in values]

    await choose("lounge")
    said = text_of(await member.edit("not here", small))
    assert f"Images are made in <#{member.channels['lounge']}> only" in said
    assert "You were not charged" in said
    assert world.jobs_of(member) == []
    card = await member.ask("edit", prompt="but here", image=small, channel="lounge")
    await member.sees(card, "Done")
    await world.closed(card)
    await choose()
    await world.finished(member, "and here again", small)


async def test_whoever_invites_the_bot_while_it_is_down_is_greeted_when_it_comes_up_and_only_then(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path) as world, world.member("ann") as ann:
        await world.finished(ann, "the first start greets nobody of old", small_photo(tmp_path / "a.jpg"))
        assert greetings_of(ann) == []
        await world.kill_bot()
        world.faults(bot_removed=True)
        world.faults(bot_removed=False)
        no = {"status": 403, "body": {"code": 50013, "message": "Missing Permissions"}}
        world.faults(script=[{"path": "/channels/[0-9]+/messages", "method": "POST", "times": 1, **no}])
        await world.start_bot()
        await world.logged("A new server could not be greeted")
        for _ in range(2):
            await world.kill_bot()
            await world.start_bot()
            await ann.message(lambda each: HELLO in text_of(each), what="a greeting")
            await ann.ask("help")
        (greeting,) = greetings_of(ann)
        # The one that was refused, and one more: not even one that Discord takes for the same.
        assert len(world.requests("POST", f"/channels/{greeting['channel_id']}/messages")) == 2


HELLO = "Hello. I edit pictures"


def greetings_of(member: Member) -> list[Message]:
    return [each for each in member.messages.values() if HELLO in text_of(each)]


async def test_what_the_bot_lacks_is_said_with_why(world: World, ann: Member) -> None:
    me = world.discord.world.guild.members[world.discord.world.bot.id]
    roles, me.roles = me.roles, []
    everyone = world.discord.world.guild.roles[world.discord.world.guild.id]
    before, everyone.permissions = everyone.permissions, everyone.permissions & ~(1 << 15)
    try:
        greeting = await comes_in(world, ann)
    finally:
        me.roles, everyone.permissions = roles, before
        world.faults(bot_removed=True)
        world.faults(bot_removed=False)
    assert "**Attach Files**: without it I cannot post any image." in text_of(greeting)
    assert "Send Messages" not in text_of(greeting)
    # The world is shared: nobody else's test shall find these words.
    await world.page("delete-message", channel_id=greeting["channel_id"], message_id=greeting["id"])


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_system_channel_that_is_closed_to_the_bot_is_greeted_in_once_it_is_open(
    tmp_path: Path, *, restarts: bool
) -> None:
    async with open_world(tmp_path) as world, world.member("ann") as ann:
        world.faults(bot_removed=True)
        world.faults(channel_hidden=True)
        world.faults(bot_removed=False)
        await world.logged("greeted once that is open")
        assert greetings_of(ann) == []
        if restarts:
            await world.kill_bot()
        world.faults(channel_hidden=False)
        if restarts:
            await world.start_bot()
        await ann.message(lambda each: HELLO in text_of(each), what="a greeting")
        world.faults(channel_hidden=True)
        world.faults(channel_hidden=False)
        await ann.ask("help")
        assert len(greetings_of(ann)) == 1


@pytest.mark.parametrize("denied", ["VIEW_CHANNEL", "SEND_MESSAGES"])
@pytest.mark.parametrize("opened", ["by a role", "by another one"])
async def test_a_system_channel_that_a_role_opens_or_another_one_is_greeted_in_once(
    tmp_path: Path, opened: str, denied: str
) -> None:
    async with open_world(tmp_path) as world, world.member("ann") as ann:
        guild, bot = world.discord.world.guild, world.discord.world.bot
        role = next(each.id for each in guild.roles.values() if each.name == "Moderators")
        closed = {"channel_id": ann.channels["darkroom"]}
        world.faults(bot_removed=True)
        await world.page("overwrites", **closed, id=str(role), allow=[denied])
        await world.page("overwrites", **closed, id=str(guild.id), deny=[denied])
        await world.page("overwrites", **closed, id=ann.id, allow=[denied])
        world.faults(bot_removed=False)
        await world.logged("greeted once that is open")

        async def hears(event: str, data: Any) -> None:
            await world.page("dispatch", event=event, data={"guild_id": str(guild.id), **data})

        async def has_role() -> None:
            guild.members[bot.id].roles.append(role)
            await hears("GUILD_MEMBER_UPDATE", member_json(guild.members[bot.id]))

        async def is_elsewhere() -> None:
            await hears("GUILD_UPDATE", {**guild_json(guild), "system_channel_id": ann.channels["lounge"]})

        await hears("GUILD_UPDATE", {**guild_json(guild), "name": "the same channel as before"})
        roads = {"by a role": has_role, "by another one": is_elsewhere}
        await roads[opened]()
        greeting = await ann.message(lambda each: HELLO in text_of(each), what="a greeting")
        place = "darkroom" if opened == "by a role" else "lounge"
        assert greeting["channel_id"] == ann.channels[place]
        for again in roads.values():
            await again()
        await ann.ask("help", channel="lounge")
        assert len(greetings_of(ann)) == 1


async def test_another_system_channel_while_the_greeting_is_sent_gets_no_second_one(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, world.member("ann") as ann:
        world.faults(bot_removed=True)
        slow = {"path": "/channels/[0-9]+/messages", "method": "POST", "times": 1, "delay": 1.0}
        world.faults(script=[slow], bot_removed=False)
        async with asyncio.timeout(LONG):
            while world.discord.set_faults()["script"]:
                await asyncio.sleep(0.01)
        elsewhere = {**guild_json(world.discord.world.guild), "system_channel_id": ann.channels["lounge"]}
        await world.page("dispatch", event="GUILD_UPDATE", data=elsewhere)
        greeting = await ann.message(lambda each: HELLO in text_of(each), what="a greeting")
        await ann.ask("help", channel="lounge")
        await asyncio.sleep(1.0)
        assert [each["channel_id"] for each in greetings_of(ann)] == [ann.channels["darkroom"]]
        assert greeting["channel_id"] == ann.channels["darkroom"]


async def test_what_the_bot_lacks_in_the_channel_itself_is_said_with_why(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world, world.member("ann") as ann:
        world.faults(missing_permissions=["ATTACH_FILES"])
        greeting = await comes_in(world, ann)
        assert "**Attach Files**: without it I cannot post any image." in text_of(greeting)
        assert "in this channel" in text_of(greeting)
        assert "Add Reactions" not in text_of(greeting)


async def test_what_the_bot_lacks_in_other_channels_only_is_not_said_of_the_one_where_it_says_so(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path) as world, world.member("ann") as ann:
        guild, bot = world.discord.world.guild, world.discord.world.bot
        guild.members[bot.id].roles = []
        everyone = guild.roles[guild.id]
        everyone.permissions &= ~bits(["VIEW_CHANNEL", "ATTACH_FILES"])
        given = ["VIEW_CHANNEL", "SEND_MESSAGES", "ATTACH_FILES", "READ_MESSAGE_HISTORY"]
        for denied in ([], ["ADD_REACTIONS"]):
            for number in (bot.id, int(ann.id)):
                await world.page(
                    "overwrites",
                    channel_id=ann.channels["darkroom"],
                    id=str(number),
                    allow=given,
                    deny=denied if number == bot.id else [],
                )
            here, _, elsewhere = text_of(await comes_in(world, ann)).partition("I lack permissions in other")
            lacking = [line for line in elsewhere.split("\n") if line.startswith("- ")]
            assert [line.split("**")[1] for line in lacking] == ["View Channels", "Attach Files"]
            assert "in all of the server:" in elsewhere
            assert ("I lack permissions in this channel" in here) is bool(denied)
            assert ("in this channel’s settings:\n- **Add Reactions**" in here) is bool(denied)
            assert "Attach Files" not in here


async def test_help_says_what_costs_what_and_turns_its_pages_only_for_those_they_are_for(
    world: World, join: Join
) -> None:
    manager, member = await join(permissions=MANAGER), await join()
    first = await member.ask("help")
    assert first["only_you"]
    ids = {each["name"]: each["id"] for each in member.commands}
    for text in (f"</edit:{ids['edit']}>", "GPT-Image 1.5 · 4 credits an image", "Left: ", "Privacy"):
        assert text in text_of(first)
    assert labels_of(first) == []
    direct = await member.answer(await member.command("help", channel="direct"))
    for text in ("in servers only", f"</jobs:{ids['jobs']}>", "GPT-Image 1.5 · 4 credits an image"):
        assert text in text_of(direct)
    assert labels_of(direct) == []

    theirs = await manager.ask("help")
    assert labels_of(theirs) == ["For moderators", "For managers"]
    await manager.press(theirs, "For managers")
    await manager.sees(theirs, "### For managers", f"</allowance set:{ids['allowance']}>")
    assert custom_ids_of(manager.messages[theirs["id"]]) == ["dr:help:members", "dr:help:moderators"]
    await manager.press(theirs, "For moderators")
    await manager.sees(theirs, "### For moderators", f"</usage report:{ids['usage']}>")
    await manager.press(theirs, "For members")
    await manager.sees(theirs, "Left: ")
    world.discord.world.guild.members[int(manager.id)].roles.clear()
    refused = await manager.answer(await manager.press(theirs, "For managers"))
    assert "You may not use this here" in text_of(refused)


async def test_a_server_that_may_not_use_the_bot_is_told_so_in_a_sentence(tmp_path: Path) -> None:
    async with open_world(tmp_path, ALLOWED_GUILDS="1") as world, world.member("ann") as ann:
        said = text_of(await ann.ask("help"))
        assert said.startswith("This server is not on the list of servers")
        greeting = await comes_in(world, ann)
        assert "not on the list of servers" in text_of(greeting)
        assert str(world.discord.world.guild.id) in text_of(greeting)
        assert labels_of(greeting) == []
        async with world.member("mod") as manager:
            refused = await manager.ask("style", "add", name="Ink", text="{prompt} in ink")
        assert text_of(refused) == said
        for name in ("credits", "jobs"):
            assert text_of(await ann.ask(name)) == said, "nothing there is theirs"
        assert world.query("SELECT * FROM styles") == []

        await world.kill_bot()
        await world.start_bot(ALLOWED_GUILDS="any")
        hello = await ann.message(lambda each: HELLO in text_of(each), what="a greeting")
        assert labels_of(hello) == ["Set up"]


async def test_what_was_paid_for_stays_ones_own_in_a_server_that_may_not_use_the_bot_any_more(
    tmp_path: Path,
) -> None:
    photo = small_photo(tmp_path / "a.jpg")
    closed = "This server is not on the list of servers"
    async with open_world(tmp_path) as world, world.member("ann") as ann, world.member("mod") as manager:
        card = await world.finished(ann, "while it was allowed", photo)
        help_page = await manager.ask("help")
        assert labels_of(help_page) != []
        await world.kill_bot()
        await world.start_bot(ALLOWED_GUILDS="1")
        statement = text_of(await ann.ask("credits"))
        assert closed in statement
        assert "while it was allowed" in statement
        assert "Spent today: **4 credits**" in statement
        for promise in ("Left:", "Prices", "/generate"):
            assert promise not in statement
        jobs = await ann.ask("jobs")
        assert closed in text_of(jobs)
        assert "while it was allowed" in text_of(jobs)
        none = text_of(await ann.ask("jobs", state="failed"))
        assert closed in none
        assert closed in text_of(await manager.answer(await manager.press(help_page, "For managers")))
        question = await ann.answer(await ann.press(jobs, "Delete"))
        await ann.press(question, "Delete")
        await ann.gone(card)
        assert text_of(await ann.ask("jobs")).startswith(closed)
