"""The gateway: sessions, sequence numbers, what a bot misses and gets again."""

import discord
import pytest
from aiohttp import ClientSession

from playground.discord import DiscordStandIn
from tests.playground.discord.conftest import OpenPage
from tests.playground.discord.gateway_client import GUILDS, MESSAGES, BareGateway
from tests.playground.discord.page import Person, ask
from tests.playground.discord.testbot import TestBot


async def test_a_dropped_bot_resumes_and_gets_the_command_it_missed(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    await ask(http, standin, "gateway", {"do": "drop"})
    await ann.until("bot", lambda data: data["online"] is False)
    await ann.use("say", text="missed")
    assert (await ann.message())["content"] == "missed"
    await bot.until("resumed")
    assert [value for name, value in bot.seen if name == "connected"] == [0]


async def test_a_bot_that_is_asked_to_reconnect_resumes(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    await ask(http, standin, "gateway", {"do": "reconnect"})
    await bot.until("resumed")
    await ann.use("say", text="still here")
    assert (await ann.message())["content"] == "still here"


async def test_after_an_invalid_session_the_bot_identifies_anew(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    bot.ready.clear()
    await ask(http, standin, "gateway", {"do": "invalid_session"})
    await bot.until("connected", 2)
    await bot.ready.wait()
    await ann.use("say", text="new")
    assert (await ann.message())["content"] == "new"


async def test_paused_events_are_held_back_and_come_in_order(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    await ask(http, standin, "gateway", {"do": "pause"})
    await ann.use("say", text="first")
    for content in ("one", "two"):
        await ann.wish("message", channel_id=ann.channel("lounge"), content=content)
    await ann.message(lambda data: data["content"] == "two")
    assert bot.seen == [("connected", 0)]
    await ask(http, standin, "gateway", {"do": "resume"})
    await bot.until("message", 2)
    assert [name for name, _ in bot.seen[1:4]].count("say") == 1
    assert (await ann.message(lambda data: data["content"] == "first"))["author"]["bot"]


async def test_events_can_be_lost_and_repeated(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    message = await bot.get_partial_messageable(int(ann.channel("darkroom"))).send("a card")
    place = {"channel_id": str(message.channel.id), "message_id": str(message.id)}
    await ann.until("message_create")
    events = {"MESSAGE_REACTION_ADD": "twice", "MESSAGE_REACTION_REMOVE": "lost"}
    await ask(http, standin, "faults", {"events": events})
    await ann.wish("react", **place, emoji="🔁")
    await bot.until("reaction", 2)
    await ann.wish("unreact", **place, emoji="🔁")
    await ann.until("reactions", lambda data: data["reactions"] == [])
    await ann.wish("react", **place, emoji="👍")
    await bot.until("reaction", 4)
    assert [name for name, _ in bot.seen if name == "reaction_gone"] == []


async def test_any_event_can_be_forged(
    bot: TestBot, ann: Person, http: ClientSession, standin: DiscordStandIn
) -> None:
    data = {"id": "1", "channel_id": ann.channel("lounge"), "guild_id": str(bot.guilds[0].id)}
    await ask(http, standin, "dispatch", {"event": "MESSAGE_DELETE", "data": data})
    assert (await bot.until("deleted")).message_id == 1


async def test_a_wrong_token_closes_with_4004(http: ClientSession, standin: DiscordStandIn) -> None:
    gateway = await BareGateway.connect(http, standin)
    await gateway.identify("wrong")
    assert await gateway.close_code() == 4004


async def test_a_privileged_intent_that_is_switched_off_closes_with_4014(
    http: ClientSession, standin: DiscordStandIn
) -> None:
    gateway = await BareGateway.connect(http, standin)
    await gateway.identify(standin.token, GUILDS | 1 << 15)
    assert await gateway.close_code() == 4014


@pytest.mark.parametrize(
    ("op", "data", "code"),
    [(3, {}, 4003), (99, {}, 4003), (2, {"token": "T", "intents": 1 << 40}, 4013), (2, {"token": "T"}, 4013)],
)
async def test_a_payload_out_of_turn_or_out_of_range_closes_with_its_code(
    http: ClientSession, standin: DiscordStandIn, op: int, data: dict[str, object], code: int
) -> None:
    gateway = await BareGateway.connect(http, standin)
    await gateway.send(op, {**data, "token": standin.token} if "token" in data else data)
    assert await gateway.close_code() == code


async def test_a_session_starts_with_ready_and_its_server_and_beats(
    http: ClientSession, standin: DiscordStandIn
) -> None:
    gateway = await BareGateway.connect(http, standin)
    await gateway.send(1, None)
    assert (await gateway.next())["op"] == 11
    await gateway.identify(standin.token, shard=[0, 1])
    ready = await gateway.next()
    assert (ready["t"], ready["s"], ready["d"]["shard"]) == ("READY", 1, [0, 1])
    assert ready["d"]["resume_gateway_url"] == standin.gateway_url
    assert ready["d"]["guilds"] == [{"id": str(standin.world.guild.id), "unavailable": True}]
    guild = await gateway.next()
    assert (guild["t"], guild["s"]) == ("GUILD_CREATE", 2)
    assert [member["user"]["id"] for member in guild["d"]["members"]] == [ready["d"]["user"]["id"]]
    await gateway.send(8, {"guild_id": guild["d"]["id"], "query": "an", "limit": 0, "nonce": "n"})
    chunk = await gateway.until("GUILD_MEMBERS_CHUNK")
    assert [member["user"]["username"] for member in chunk["d"]["members"]] == ["ann"]


async def test_only_the_asked_for_intents_are_served_and_contents_of_others_are_emptied(
    http: ClientSession, standin: DiscordStandIn, page: OpenPage
) -> None:
    ann = await page("ann")
    deaf, listening = [await BareGateway.connect(http, standin) for _ in range(2)]
    await deaf.identify(standin.token, GUILDS)
    await listening.identify(standin.token, GUILDS | MESSAGES)
    for gateway in (deaf, listening):
        await gateway.until("GUILD_CREATE")
    bot_id = standin.world.bot.id
    for content in ("plain", f"<@{bot_id}> hello"):
        await ann.wish("message", channel_id=ann.channel("lounge"), content=content)
    heard = [(await listening.until("MESSAGE_CREATE"))["d"]["content"] for _ in range(2)]
    assert heard == ["", f"<@{bot_id}> hello"]
    await deaf.send(1, None)
    assert (await deaf.next())["op"] == 11


async def test_a_resume_replays_what_was_missed_and_a_stale_one_is_invalid(
    http: ClientSession, standin: DiscordStandIn, page: OpenPage
) -> None:
    ann = await page("ann")
    gateway = await BareGateway.connect(http, standin)
    await gateway.identify(standin.token, GUILDS | MESSAGES)
    ready = await gateway.next()
    await gateway.until("GUILD_CREATE")
    await ask(http, standin, "gateway", {"do": "drop"})
    await ann.until("bot", lambda data: data["online"] is False)
    await ann.wish("message", channel_id=ann.channel("lounge"), content="missed")
    await ann.until("message_create")
    again = await BareGateway.connect(http, standin)
    wish = {"token": standin.token, "session_id": ready["d"]["session_id"], "seq": 2}
    await again.send(6, wish)
    assert [((await again.next())["t"]) for _ in range(2)] == ["MESSAGE_CREATE", "RESUMED"]
    stale = await BareGateway.connect(http, standin)
    await stale.send(6, {**wish, "seq": 99})
    frame = await stale.next()
    assert (frame["op"], frame["d"]) == (9, False)


async def test_a_clean_close_ends_the_session(http: ClientSession, standin: DiscordStandIn) -> None:
    gateway = await BareGateway.connect(http, standin)
    await gateway.identify(standin.token)
    ready = await gateway.next()
    await gateway.socket.close(code=1000)
    again = await BareGateway.connect(http, standin)
    await again.send(6, {"token": standin.token, "session_id": ready["d"]["session_id"], "seq": 2})
    assert (await again.next())["op"] == 9


async def test_shards_get_what_is_theirs(
    http: ClientSession, standin: DiscordStandIn, page: OpenPage
) -> None:
    ann = await page("ann")
    home = (standin.world.guild.id >> 22) % 2
    gateways = [await BareGateway.connect(http, standin) for _ in range(2)]
    for number, gateway in enumerate(gateways):
        await gateway.identify(standin.token, GUILDS | MESSAGES, shard=[number, 2])
        ready = await gateway.next()
        assert bool(ready["d"]["guilds"]) is (number == home)
    await ann.wish("message", channel_id=ann.channel("lounge"), content="x")
    assert (await gateways[home].until("MESSAGE_CREATE"))["d"]["channel_id"] == ann.channel("lounge")


async def test_a_bot_that_lost_its_server_and_came_back_knows_it(
    bot: TestBot, http: ClientSession, standin: DiscordStandIn
) -> None:
    left, joined = bot.wait_for("guild_remove", timeout=5), bot.wait_for("guild_join", timeout=5)
    await ask(http, standin, "faults", {"bot_removed": True})
    assert isinstance(await left, discord.Guild)
    await ask(http, standin, "faults", {"bot_removed": False})
    assert isinstance(await joined, discord.Guild)
