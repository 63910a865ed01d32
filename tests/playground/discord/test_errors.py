"""Each error that a delivery can meet, made to happen and read by discord.py."""

from collections.abc import Awaitable

import discord
import pytest
from aiohttp import ClientSession

from playground.discord import DiscordStandIn
from tests.playground.discord.page import Person, ask
from tests.playground.discord.testbot import TestBot, card, file


async def code_of(request: Awaitable[object]) -> tuple[int, int]:
    """Return status and code of a request that Discord refuses."""
    with pytest.raises(discord.HTTPException) as caught:
        await request
    return caught.value.status, caught.value.code


def place(bot: TestBot, person: Person) -> discord.PartialMessageable:
    return bot.get_partial_messageable(int(person.channel("darkroom")))


async def interaction_of(bot: TestBot, ann: Person) -> discord.Interaction:
    await ann.use("say", text="hello")
    interaction: discord.Interaction = await bot.until("say")
    await ann.until("message_create")
    return interaction


async def test_a_token_is_refused_after_fifteen_minutes_and_the_bots_own_token_still_edits(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    interaction = await interaction_of(bot, ann)
    message = await interaction.original_response()
    await ask(http, standin, "clock", {"skip": 901})
    assert await code_of(interaction.edit_original_response(content="late")) == (401, 50027)
    assert await code_of(message.edit(content="late")) == (401, 50027)
    assert await code_of(interaction.followup.send("late")) == (401, 50027)
    await place(bot, ann).get_partial_message(message.id).edit(content="in time")
    assert (await ann.until("message_update"))["content"] == "in time"


async def test_the_switch_expires_tokens_but_lets_first_answers_through(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    await ask(http, standin, "faults", {"token_expired": True})
    interaction = await interaction_of(bot, ann)
    assert await code_of(interaction.edit_original_response(content="late")) == (401, 50027)


async def test_a_first_answer_after_three_seconds_is_unknown_and_the_page_shows_a_failure(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    async def late(interaction: discord.Interaction, text: str) -> None:
        await ask(http, standin, "clock", {"skip": 4})
        await interaction.response.send_message(text)

    bot.answers["say"] = late
    nonce = await ann.use("say", text="late")
    failed = await ann.state(nonce, "failed")
    assert failed["error"] == "The application did not respond"
    problem = await bot.until_fault()
    assert isinstance(problem, discord.NotFound)
    assert problem.code == 10062


async def test_a_second_first_answer_is_refused(bot: TestBot, ann: Person) -> None:
    interaction = await interaction_of(bot, ann)
    fresh = discord.InteractionResponse(interaction)
    assert await code_of(fresh.send_message("again")) == (400, 40060)


async def test_a_wrong_kind_of_answer_is_refused_and_the_interaction_stays_open(
    bot: TestBot, ann: Person
) -> None:
    codes: list[tuple[int, int]] = []

    async def wrong(interaction: discord.Interaction, text: str) -> None:
        codes.append(await code_of(interaction.response.send_message("x" * 2001)))
        interaction.response._response_type = None
        await interaction.response.send_message(text)

    bot.answers["say"] = wrong
    await ann.use("say", text="right")
    assert (await ann.message())["content"] == "right"
    assert codes == [(400, 50035)]


async def test_an_unknown_message_a_deleted_message_and_an_ephemeral_one_are_unknown_to_the_bots_token(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    channel = place(bot, ann)
    assert await code_of(channel.get_partial_message(1).edit(content="?")) == (404, 10008)
    message = await channel.send("soon gone")
    await ask(http, standin, "delete-message", {"channel_id": str(channel.id), "message_id": str(message.id)})
    assert await code_of(message.edit(content="?")) == (404, 10008)

    async def secretly(interaction: discord.Interaction, text: str) -> None:
        await interaction.response.send_message(text, ephemeral=True)

    bot.answers["say"] = secretly
    interaction = await interaction_of(bot, ann)
    hidden = await interaction.original_response()
    assert await code_of(channel.get_partial_message(hidden.id).fetch()) == (404, 10008)
    await interaction.edit_original_response(content="the token still can")
    await interaction.delete_original_response()
    assert await code_of(interaction.edit_original_response(content="?")) == (404, 10008)


async def test_an_unknown_channel_user_member_and_guild(bot: TestBot) -> None:
    assert await code_of(bot.get_partial_messageable(5).send("?")) == (404, 10003)
    assert await code_of(bot.fetch_user(5)) == (404, 10013)
    assert await code_of(bot.guilds[0].fetch_member(5)) == (404, 10007)
    assert await code_of(bot.fetch_guild(5)) == (404, 10004)


async def test_a_hidden_channel_refuses_and_is_quiet_but_commands_still_arrive(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    channel = place(bot, ann)
    message = await channel.send("a card")
    await ask(http, standin, "faults", {"channel_hidden": True})
    assert await code_of(message.edit(content="?")) == (403, 50001)
    assert await code_of(bot.fetch_channel(channel.id)) == (403, 50001)
    await ann.wish("message", channel_id=str(channel.id), content="unheard")
    await ann.message(lambda data: data["content"] == "unheard")
    await ann.wish("message", channel_id=ann.channel("lounge"), content="heard")
    assert (await bot.until("message", 2)).channel.name == "lounge"
    interaction = await interaction_of(bot, ann)
    assert interaction.app_permissions.value == 0
    guild = bot.guilds[0]
    hidden = guild.get_channel(channel.id)
    assert isinstance(hidden, discord.TextChannel)
    assert not hidden.permissions_for(guild.me).view_channel
    await ask(http, standin, "faults", {"channel_hidden": False})
    await message.edit(content="seen again")


async def test_missing_permissions_refuse_sends_files_and_reactions_but_not_edits(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    channel = place(bot, ann)
    message = await channel.send("a card")
    await ask(http, standin, "faults", {"missing_permissions": ["attach_files", "ADD_REACTIONS"]})
    assert await code_of(channel.send(file=file("a.txt", b"1"))) == (403, 50013)
    assert await code_of(message.edit(attachments=[file("a.txt", b"1")])) == (403, 50013)
    assert await code_of(message.add_reaction("🔁")) == (403, 50013)
    await channel.send("text is fine")
    await ask(http, standin, "faults", {"missing_permissions": ["SEND_MESSAGES"]})
    assert await code_of(channel.send("?")) == (403, 50013)
    await message.edit(content="edited all the same")
    others = await channel.history(limit=1).__anext__()
    await ask(http, standin, "faults", {"missing_permissions": []})
    await ann.wish("message", channel_id=str(channel.id), content="mine")
    mine = await ann.message(lambda data: data["content"] == "mine")
    assert others.author == bot.user
    foreign = channel.get_partial_message(int(mine["id"]))
    assert await code_of(foreign.delete()) == (403, 50013)
    assert await code_of(foreign.edit(content="?")) == (403, 50005)


async def test_closed_direct_messages_and_a_bot_that_was_removed(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    user = await bot.fetch_user(int(ann.id))
    await ask(http, standin, "faults", {"closed_dms": True})
    assert await code_of(user.send("?")) == (403, 50007)
    await ask(http, standin, "faults", {"closed_dms": False, "bot_removed": True})
    assert await code_of(place(bot, ann).send("?")) == (403, 50001)
    await user.send("still possible")
    assert "permission" in await ann.refusal(
        "command", channel_id=ann.channel("darkroom"), command_id=ann.command("form")["id"]
    )


@pytest.mark.parametrize("switch", ["upload_limit", "unannounced_limit"])
async def test_a_file_over_the_limit_is_too_large_for_both_tokens(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn, switch: str
) -> None:
    await ask(http, standin, "faults", {switch: 1000})
    interaction = await interaction_of(bot, ann)
    assert interaction.filesize_limit == (1000 if switch == "upload_limit" else 10 * 1024 * 1024)
    big = file("a.bin", b"x" * 1001)
    assert await code_of(interaction.edit_original_response(attachments=[big])) == (413, 40005)
    assert await code_of(place(bot, ann).send(file=file("a.bin", b"x" * 1001))) == (413, 40005)
    await place(bot, ann).send(file=file("a.bin", b"x" * 1000))


async def test_a_members_subscription_counts_for_the_interaction_and_boosts_for_the_bot(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    eleven = b"x" * (11 * 1024 * 1024)
    await ask(http, standin, "faults", {"member_upload_limit": 100 * 1024 * 1024})
    interaction = await interaction_of(bot, ann)
    assert interaction.filesize_limit == 100 * 1024 * 1024
    await interaction.edit_original_response(attachments=[file("a.bin", eleven)])
    assert await code_of(place(bot, ann).send(file=file("a.bin", eleven))) == (413, 40005)
    await ask(http, standin, "faults", {"premium_tier": 2})
    await place(bot, ann).send(file=file("a.bin", eleven))
    assert bot.guilds[0].filesize_limit == 50 * 1024 * 1024
    files = [file(f"{number}.bin", eleven) for number in range(3)]
    assert await code_of(place(bot, ann).send(files=files)) == (413, 40005)


async def test_an_old_message_takes_only_so_many_edits_an_hour(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    message = await place(bot, ann).send("old")
    await ask(http, standin, "clock", {"skip": 3700})
    await ask(http, standin, "faults", {"late_edit_limit": 2})
    for number in range(2):
        await message.edit(content=str(number))
    address = f"{standin.api_url}/channels/{message.channel.id}/messages/{message.id}"
    headers = {"Authorization": f"Bot {standin.token}"}
    async with http.patch(address, json={"content": "again"}, headers=headers) as reply:
        body = await reply.json()
        assert (reply.status, body["code"]) == (429, 30046)
        assert reply.headers["Via"]
        assert body["retry_after"] == 0.2
    await ask(http, standin, "clock", {"skip": 3700})
    await message.edit(content="an hour later")


async def test_a_wrong_token_cannot_log_in(new_bot: type[TestBot]) -> None:
    client = new_bot()
    with pytest.raises(discord.LoginFailure):
        await client.start("wrong")
    await client.close()


async def test_nothing_at_all_is_an_empty_message(bot: TestBot, ann: Person) -> None:
    channel = place(bot, ann)
    assert await code_of(channel.send("  ")) == (400, 50006)
    message = await channel.send("something")
    assert await code_of(message.edit(content="")) == (400, 50006)


async def test_a_card_that_names_a_missing_file_says_where(bot: TestBot, ann: Person) -> None:
    with pytest.raises(discord.HTTPException) as caught:
        await place(bot, ann).send(view=card("x", "absent.png"))
    assert caught.value.code == 50035
    assert "components.0.components.1.items.0.media.url" in caught.value.text
