"""The smaller routes, asked with bare requests."""

from urllib.parse import quote

import pytest

from playground.discord import DiscordStandIn
from tests.playground.discord.page import Person
from tests.playground.discord.rest_client import Rest

LOOP = quote("🔁")


async def test_the_server_its_channels_and_roles_are_shown(rest: Rest, standin: DiscordStandIn) -> None:
    guild = f"/guilds/{standin.world.guild.id}"
    shown = (await rest.ask("GET", f"{guild}?with_counts=true")).body
    assert (shown["name"], shown["approximate_member_count"]) == ("Darkroom Test Server", 5)
    channels = (await rest.ask("GET", f"{guild}/channels")).body
    assert [channel["name"] for channel in channels] == ["darkroom", "lounge"]
    roles = (await rest.ask("GET", f"{guild}/roles")).body
    assert [role["name"] for role in roles] == ["@everyone", "Darkroom", "Moderators"]
    mine = (await rest.ask("GET", "/users/@me/guilds")).body
    assert [item["id"] for item in mine] == [str(standin.world.guild.id)]
    standin.set_faults(bot_removed=True)
    assert (await rest.ask("GET", guild)).code == 50001
    assert (await rest.ask("GET", "/users/@me/guilds")).body == []


async def test_typing_and_opening_direct_messages(rest: Rest, ann: Person) -> None:
    assert (await rest.ask("POST", f"{rest.channel}/typing")).status == 204
    opened = await rest.ask("POST", "/users/@me/channels", {"recipient_id": int(ann.id)})
    assert (opened.body["id"], opened.body["type"]) == (ann.direct, 1)
    assert (await rest.ask("POST", "/users/@me/channels", {"recipient_id": "1"})).code == 10013
    missing = await rest.ask("POST", "/users/@me/channels", {})
    assert missing.problems() == {"recipient_id": "BASE_TYPE_REQUIRED"}


async def test_reactions_are_listed_and_taken_away_by_whoever_may(
    rest: Rest, ann: Person, standin: DiscordStandIn
) -> None:
    message = await rest.sent({"content": "x"})
    base = f"{rest.messages}/{message['id']}/reactions"
    await ann.until("message_create")
    await ann.wish("react", channel_id=message["channel_id"], message_id=message["id"], emoji="🔁")
    await ann.until("reactions")
    assert (await rest.ask("PUT", f"{base}/{LOOP}/@me")).status == 204
    assert (await rest.ask("PUT", f"{base}/{LOOP}/@me")).status == 204
    people = (await rest.ask("GET", f"{base}/{LOOP}")).body
    assert sorted(user["username"] for user in people) == ["Darkroom", "ann"]
    assert (await rest.ask("PUT", f"{base}/word/@me")).code == 10014
    for path in (f"{base}/{LOOP}/{ann.id}", f"{base}/{LOOP}", base):
        assert (await rest.ask("DELETE", path)).code == 50013
    assert (await rest.ask("DELETE", f"{base}/{LOOP}/@me")).status == 204
    standin.world.guild.roles[standin.world.guild.id].permissions |= 1 << 13
    assert (await rest.ask("DELETE", f"{base}/{LOOP}/{ann.id}")).status == 204
    await ann.until("reactions", lambda data: data["reactions"] == [])
    assert (await rest.ask("DELETE", f"{base}/{LOOP}")).status == 204
    assert (await rest.ask("DELETE", base)).status == 204


async def test_many_messages_are_deleted_at_once_by_whoever_may(rest: Rest, standin: DiscordStandIn) -> None:
    sent = [(await rest.sent({"content": str(number)}))["id"] for number in range(3)]
    path = f"{rest.messages}/bulk-delete"
    assert (await rest.ask("POST", path, {"messages": sent[:2]})).code == 50013
    standin.world.guild.roles[standin.world.guild.id].permissions |= 1 << 13
    assert (await rest.ask("POST", path, {"messages": sent[:1]})).problems() == {
        "messages": "BASE_TYPE_BAD_LENGTH"
    }
    assert (await rest.ask("POST", path, {"messages": ["1", "2"]})).code == 10008
    assert (await rest.ask("POST", path, {"messages": sent[:2]})).status == 204
    left = (await rest.ask("GET", rest.messages)).body
    assert [message["id"] for message in left] == sent[2:]


async def test_another_persons_direct_message_cannot_be_deleted(rest: Rest, ann: Person) -> None:
    await ann.wish("message", channel_id=ann.direct, content="mine")
    message = await ann.message()
    answer = await rest.ask("DELETE", f"/channels/{ann.direct}/messages/{message['id']}")
    assert (answer.status, answer.code) == (403, 50003)


async def test_a_request_over_twenty_five_mebibytes_is_too_large_even_in_one_file(rest: Rest) -> None:
    answer = await rest.send({"content": "x"}, files={"a.bin": bytes(26 * 1024 * 1024)})
    assert (answer.status, answer.code) == (413, 40005)


async def test_without_history_the_bot_reads_nothing_and_cannot_reply(
    rest: Rest, standin: DiscordStandIn
) -> None:
    message = await rest.sent({"content": "x"})
    standin.set_faults(missing_permissions=["READ_MESSAGE_HISTORY"])
    assert (await rest.ask("GET", rest.messages)).body == []
    assert (await rest.ask("GET", f"{rest.messages}/{message['id']}")).code == 50013
    reply = {"content": "y", "message_reference": {"message_id": message["id"]}}
    assert (await rest.send(reply)).code == 160002
    standin.set_faults(missing_permissions=[])
    assert (await rest.send(reply)).body["message_reference"]["message_id"] == message["id"]
    lenient = {"content": "y", "message_reference": {"message_id": "1", "fail_if_not_exists": False}}
    assert "message_reference" not in (await rest.send(lenient)).body


@pytest.mark.parametrize("path", ["/applications/1/commands", "/applications/{app}/guilds/1/commands"])
async def test_commands_of_others_are_out_of_reach(rest: Rest, standin: DiscordStandIn, path: str) -> None:
    answer = await rest.ask("GET", path.format(app=standin.world.application.id))
    assert answer.code in (50001, 10004)
