"""Rate limits, bans, and what discord.py makes of them."""

import asyncio

import discord
import pytest

from playground.discord import DiscordStandIn
from tests.playground.discord.page import Person
from tests.playground.discord.rest_client import Rest
from tests.playground.discord.testbot import TestBot


async def test_a_burst_in_one_channel_gets_429_with_all_that_discord_says(
    rest: Rest, standin: DiscordStandIn
) -> None:
    standin.set_faults(rate_limits=True)
    answers = [await rest.send({"content": str(number)}) for number in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    left = [answer.headers["X-RateLimit-Remaining"] for answer in answers]
    assert left == ["4", "3", "2", "1", "0", "0"]
    last = answers[-1]
    assert 0 < last.body["retry_after"] <= 5
    assert (last.body["global"], last.headers["Via"]) == (False, "1.1 google")
    assert (last.headers["X-RateLimit-Scope"], last.headers["X-RateLimit-Limit"]) == ("user", "5")
    lounge = f"/channels/{standin.world.guild.channels[1].id}/messages"
    assert (await rest.ask("POST", lounge, {"content": "elsewhere"})).status == 200


async def test_the_limit_for_everything_spares_the_interaction_routes(
    rest: Rest, standin: DiscordStandIn
) -> None:
    standin.set_faults(rate_limits=True, global_per_second=2)
    answers = [await rest.ask("GET", "/users/@me") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[-1].body["global"] is True
    assert answers[-1].headers["X-RateLimit-Global"] == "true"
    path = f"/webhooks/{standin.world.application.id}/no-such-token/messages/@original"
    assert (await rest.ask("PATCH", path, {"content": "x"})).code == 10015


async def test_without_limits_there_are_neither_headers_nor_refusals(rest: Rest) -> None:
    answers = await asyncio.gather(*(rest.send({"content": str(number)}) for number in range(60)))
    assert {answer.status for answer in answers} == {200}
    assert "X-RateLimit-Limit" not in answers[0].headers


async def test_discord_py_waits_after_a_429_with_via_and_gives_up_after_one_without(
    bot: TestBot, ann: Person, standin: DiscordStandIn
) -> None:
    channel = bot.get_partial_messageable(int(ann.channel("darkroom")))
    limited = {"method": "POST", "path": "/messages$", "status": 429}
    body = {"message": "You are being rate limited.", "retry_after": 0.02, "global": False}
    standin.set_faults(script=[{**limited, "body": body, "headers": {"Via": "1.1 google"}, "times": 2}])
    assert (await channel.send("patience")).content == "patience"
    standin.set_faults(script=[{**limited, "body": body}])
    with pytest.raises(discord.HTTPException) as caught:
        await channel.send("no patience")
    assert caught.value.status == 429
    await ann.message(lambda data: data["content"] == "patience")


async def test_an_address_with_too_many_invalid_requests_is_banned(
    rest: Rest, standin: DiscordStandIn
) -> None:
    standin.set_faults(invalid_request_limit=3)
    for _ in range(3):
        assert (await rest.ask("GET", "/users/@me", headers={"Authorization": "Bot x"})).status == 401
    banned = await rest.ask("GET", "/users/@me")
    assert (banned.status, isinstance(banned.body, str)) == (429, True)
    assert "Via" not in banned.headers
