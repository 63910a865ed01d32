"""A real discord.py bot against the stand-in: what an image bot does all day."""

import discord
import pytest
from aiohttp import ClientSession

from playground.discord import DiscordStandIn
from tests.playground.discord.conftest import OpenPage
from tests.playground.discord.page import Person, ask
from tests.playground.discord.testbot import TestBot, card, file


async def test_a_bot_logs_in_and_its_commands_reach_the_page(bot: TestBot, ann: Person) -> None:
    assert bot.user is not None
    assert [guild.name for guild in bot.guilds] == ["Darkroom Test Server"]
    assert ann.hello["bot"]["online"] is True
    names = {command["name"] for command in ann.hello["commands"]}
    assert names == {"edit", "say", "moderate", "form", "Edit images", "allowance"}
    edit = ann.command("edit")
    assert [option["required"] for option in edit["options"]][:3] == [True, True, False]


async def test_a_command_with_photographs_becomes_a_card_with_files_that_is_edited_by_both_tokens(
    bot: TestBot, ann: Person, http: ClientSession, cat: bytes, rocket: bytes
) -> None:
    uploads = await ann.upload(("cat.jpg", cat, "image/jpeg"), ("a rocket.jpg", rocket, "image/jpeg"))
    assert [item["filename"] for item in uploads] == ["cat.jpg", "a_rocket.jpg"]
    nonce = await ann.use(
        "edit", prompt="sepia", image=uploads[0]["id"], image2=uploads[1]["id"], size="1024x1024", count=2
    )
    interaction, prompt, images, size, count = await bot.until("edit")
    assert (prompt, size.value, count) == ("sepia", "1024x1024", 2)
    assert [(item.width, item.height) for item in images] == [
        (item["width"], item["height"]) for item in uploads
    ]
    assert interaction.filesize_limit == 10 * 1024 * 1024
    assert interaction.app_permissions.attach_files
    await ann.state(nonce, "answered")
    message = await bot.until("card")
    shown = await ann.message()
    assert shown["id"] == str(message.id)
    assert "only_you" not in shown
    gallery = shown["components"][0]["components"][1]
    for item, data in zip(gallery["items"], (cat, rocket), strict=True):
        async with http.get(item["media"]["url"]) as reply:
            assert await reply.read() == data
    await interaction.edit_original_response(
        view=card("Done", "out.png"), attachments=[file("out.png", rocket)]
    )
    update = await ann.until("message_update")
    assert [item["filename"] for item in update["attachments"]] == ["out.png"]
    again = bot.get_partial_messageable(message.channel.id).get_partial_message(message.id)
    await again.edit(view=card("Later"), attachments=[])
    later = await ann.until("message_update", lambda data: not data["attachments"])
    assert later["components"][0]["components"][0]["content"] == "Later"


async def test_a_dynamic_button_answers_only_to_whoever_pressed_it(
    bot: TestBot, ann: Person, ben: Person
) -> None:
    channel = bot.get_partial_messageable(int(ann.channel("darkroom")))
    message = await channel.send(view=card("A card", number=42))
    await ann.wish("component", channel_id=str(channel.id), message_id=str(message.id), custom_id="again:42")
    answer = await ann.message(lambda data: data["content"] == "again 42")
    assert answer["only_you"] is True
    assert answer["flags"] & 64
    assert answer["message_reference"]["message_id"] == str(message.id)
    await ben.wish("message", channel_id=str(channel.id), content="later")
    await ben.until("message_create", lambda data: data["content"] == "later")
    assert all(data["content"] != "again 42" for data in ben.all("message_create"))


@pytest.mark.usefixtures("bot")
async def test_a_modal_with_a_file_upload_is_filled_in_and_submitted(ann: Person, cat: bytes) -> None:
    nonce = await ann.use("form")
    modal = await ann.until("modal", lambda data: data["nonce"] == nonce)
    assert modal["title"] == "More"
    text, files = (label["component"] for label in modal["components"])
    (upload,) = await ann.upload(("cat.jpg", cat, "image/jpeg"))
    filled = [
        {"type": 18, "component": {"type": 4, "custom_id": text["custom_id"], "value": "make it blue"}},
        {"type": 18, "component": {"type": 19, "custom_id": files["custom_id"], "values": [upload["id"]]}},
    ]
    nonce = await ann.wish("modal", interaction_id=modal["interaction_id"], components=filled)
    await ann.state(nonce, "answered")
    assert (await ann.message())["content"] == "make it blue: cat.jpg"


async def test_a_message_command_sees_the_images_of_a_message_without_the_content_intent(
    bot: TestBot, ann: Person, ben: Person, cat: bytes
) -> None:
    (upload,) = await ben.upload(("cat.jpg", cat, "image/jpeg"))
    await ben.wish("message", channel_id=ben.channel("darkroom"), content="my cat", uploads=[upload["id"]])
    posted = await ann.message(lambda data: data["content"] == "my cat")
    heard = await bot.until("message")
    assert (heard.content, heard.attachments) == ("", [])
    await ann.wish(
        "command",
        channel_id=posted["channel_id"],
        command_id=ann.command("Edit images")["id"],
        target_id=posted["id"],
    )
    answer = await ann.message(lambda data: data.get("only_you"))
    assert answer["content"] == "my cat: cat.jpg"


@pytest.mark.usefixtures("bot")
async def test_autocomplete_suggestions_come_back_to_the_page(ann: Person) -> None:
    nonce = await ann.wish(
        "autocomplete",
        channel_id=ann.channel("darkroom"),
        command_id=ann.command("say")["id"],
        options=[{"name": "text", "type": 3, "value": "he", "focused": True}],
    )
    reply = await ann.until("choices", lambda data: data["nonce"] == nonce)
    assert [choice["value"] for choice in reply["choices"]] == ["hea", "heb"]


async def test_a_deferred_answer_is_filled_by_an_edit_and_followed_up(bot: TestBot, ann: Person) -> None:
    async def slowly(interaction: discord.Interaction, text: str) -> None:
        await interaction.response.defer(ephemeral=True)
        await interaction.edit_original_response(content=f"{text} at last")
        follow = await interaction.followup.send("and more", wait=True)
        await follow.edit(content="and even more")
        await interaction.followup.send("gone soon", wait=True)
        original = await interaction.original_response()
        assert original.content == f"{text} at last"

    bot.answers["say"] = slowly
    await ann.use("say", text="here")
    first = await ann.until("message_create")
    assert first["flags"] & 128
    filled = await ann.until("message_update", lambda data: data["content"] == "here at last")
    assert filled["id"] == first["id"]
    assert not filled["flags"] & 128
    assert filled["only_you"] is True
    await ann.until("message_update", lambda data: data["content"] == "and even more")
    await ann.until("message_create", lambda data: data["content"] == "gone soon")
    assert bot.faults == []


async def test_the_first_follow_up_after_a_deferral_becomes_the_answer_itself(
    bot: TestBot, ann: Person
) -> None:
    async def slowly(interaction: discord.Interaction, text: str) -> None:
        await interaction.response.defer()
        await interaction.followup.send(text)

    bot.answers["say"] = slowly
    await ann.use("say", text="at once")
    first = await ann.until("message_create")
    filled = await ann.until("message_update", lambda data: data["content"] == "at once")
    assert filled["id"] == first["id"]
    assert len(ann.all("message_create")) == 1


async def test_an_answer_can_be_deleted_through_its_token(bot: TestBot, ann: Person) -> None:
    async def briefly(interaction: discord.Interaction, text: str) -> None:
        await interaction.response.send_message(text, ephemeral=True)
        await interaction.delete_original_response()

    bot.answers["say"] = briefly
    await ann.use("say", text="gone")
    made = await ann.until("message_create")
    assert (await ann.until("message_delete"))["id"] == made["id"]


@pytest.mark.usefixtures("bot")
async def test_a_subcommand_resolves_its_member_and_number(ann: Person, ben: Person) -> None:
    given = [{"name": "member", "type": 6, "value": ben.id}, {"name": "credit", "type": 10, "value": 2.5}]
    await ann.wish(
        "command",
        channel_id=ann.channel("lounge"),
        command_id=ann.command("allowance")["id"],
        options=[{"name": "set", "type": 1, "options": given}],
    )
    assert (await ann.message())["content"] == "ben 2.5"


async def test_a_command_in_direct_messages_carries_a_user_and_no_server(bot: TestBot, ann: Person) -> None:
    command = ann.command("say")
    given = [{"name": "text", "type": 3, "value": "psst"}]
    await ann.wish("command", channel_id=None, command_id=command["id"], options=given)
    interaction = await bot.until("say")
    assert interaction.guild is None
    assert isinstance(interaction.user, discord.User)
    assert interaction.context.dm_channel
    assert (await ann.message())["channel_id"] == ann.direct


async def test_a_direct_message_from_the_bot_reaches_its_member_alone(
    bot: TestBot, ann: Person, ben: Person
) -> None:
    user = await bot.fetch_user(int(ann.id))
    await user.send("for you", file=file("a.txt", b"hello"))
    got = await ann.message()
    assert (got["content"], got["channel_id"], got["attachments"][0]["size"]) == ("for you", ann.direct, 5)
    assert ben.all("message_create") == []


async def test_reactions_go_both_ways_and_name_the_messages_author(bot: TestBot, ann: Person) -> None:
    channel = bot.get_partial_messageable(int(ann.channel("darkroom")))
    message = await channel.send("a card")
    await message.add_reaction("🔁")
    place = {"channel_id": str(channel.id), "message_id": str(message.id), "emoji": "🔁"}
    await ann.until("reactions")
    await ann.wish("react", **place)
    added = await bot.until("reaction", 2)
    assert (str(added.emoji), added.user_id, added.message_author_id) == (
        "🔁",
        int(ann.id),
        message.author.id,
    )
    counted = await ann.until("reactions", lambda data: data["reactions"][0]["count"] == 2)
    assert counted["reactions"] == [{"emoji": {"id": None, "name": "🔁"}, "count": 2, "me": True}]
    await ann.wish("unreact", **place)
    gone = await bot.until("reaction_gone")
    assert gone.user_id == int(ann.id)
    fetched = await message.fetch()
    assert [(reaction.count, reaction.me) for reaction in fetched.reactions] == [(1, True)]


async def test_a_moderator_clears_reactions_of_one_kind_and_of_all(bot: TestBot, page: OpenPage) -> None:
    mod = await page("mod")
    channel = bot.get_partial_messageable(int(mod.channel("darkroom")))
    message = await channel.send("a card")
    place = {"channel_id": str(channel.id), "message_id": str(message.id)}
    await mod.until("message_create")
    for emoji in ("🔁", "👍"):
        await mod.wish("react", **place, emoji=emoji)
    await mod.wish("clear_reactions", **place, emoji="👍")
    assert str((await bot.until("reactions_clear_emoji")).emoji) == "👍"
    await mod.wish("clear_reactions", **place)
    assert (await bot.until("reactions_clear")).message_id == message.id


async def test_a_message_sent_twice_with_one_nonce_is_one_message(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    channel = bot.get_partial_messageable(int(ann.channel("darkroom")))
    first = await channel.send("the result", nonce="job-1", file=file("a.txt", b"1"))
    second = await channel.send("the result", nonce="job-1", file=file("a.txt", b"1"))
    assert second.id == first.id
    await ask(http, standin, "clock", {"skip": 600})
    third = await channel.send("the result", nonce="job-1")
    assert third.id != first.id
    assert len((await ask(http, standin, "state"))["messages"]) == 2


async def test_a_reply_pings_nobody_unless_it_is_allowed_to(bot: TestBot, ann: Person) -> None:
    await ann.wish("message", channel_id=ann.channel("darkroom"), content="please")
    asked = await bot.until("message")
    await asked.reply(f"<@{ann.id}> here", allowed_mentions=discord.AllowedMentions.none())
    quiet = await ann.message(lambda data: data["author"]["id"] != ann.id)
    assert (quiet["type"], quiet["mentions"]) == (19, [])
    assert quiet["referenced_message"]["content"] == "please"
    mentions = discord.AllowedMentions(users=[discord.Object(int(ann.id))])
    await asked.channel.send(f"<@{ann.id}> now", allowed_mentions=mentions)
    loud = await ann.message(lambda data: data["content"].endswith("now"))
    assert [user["id"] for user in loud["mentions"]] == [ann.id]


async def test_history_is_paged_in_discords_order(bot: TestBot, ann: Person) -> None:
    channel = bot.get_partial_messageable(int(ann.channel("darkroom")))
    sent = [(await channel.send(str(number))).id for number in range(7)]
    assert [message.id async for message in channel.history(limit=3)] == sent[:-4:-1]
    before = discord.Object(sent[3])
    assert [message.id async for message in channel.history(limit=2, before=before)] == [sent[2], sent[1]]
    after = discord.Object(sent[4])
    assert [message.id async for message in channel.history(limit=9, after=after)] == sent[5:]
    around = [message.id async for message in channel.history(limit=3, around=discord.Object(sent[3]))]
    assert sorted(around) == sent[2:5]
    await channel.get_partial_message(sent[0]).delete()
    assert (await bot.until("deleted")).message_id == sent[0]
