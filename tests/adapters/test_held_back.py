"""Whatever asks something of Discord looks whether it may: the bot itself, its webhooks, first answers, the gateway."""

from collections.abc import Awaitable, Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord.http import Route

from adapters.client import DarkroomBot
from pixeldojo.sessions import look_before_sending
from pixeldojo.transport import Withheld
from tests.clock import FakeClock
from tests.pixeldojo.servers import Connection, raw_server

Ask = Callable[[DarkroomBot[Any]], Awaitable[object]]


async def by_itself(bot: DarkroomBot[Any]) -> object:
    return await bot.http.send_message(5, params=discord.http.handle_message_parameters("hello"))


async def by_a_token(bot: DarkroomBot[Any]) -> object:
    webhook = discord.Webhook.partial(1, "token", client=bot)
    webhook.type = discord.WebhookType.application
    return await webhook.edit_message(7, content="hello")


async def at_first(bot: DarkroomBot[Any]) -> object:
    asked: Any = {
        "id": "1",
        "application_id": "2",
        "type": 2,
        "token": "token",
        "version": 1,
        "channel_id": "5",
        "channel": {"id": "5", "type": 1, "last_message_id": None},
        "user": {"id": "3", "username": "ann", "discriminator": "0", "avatar": None},
        "entitlements": [],
        "attachment_size_limit": 1,
    }
    interaction: Any = discord.Interaction(data=asked, state=bot._connection)
    return await interaction.response.send_message("hello")


async def to_hear(bot: DarkroomBot[Any]) -> object:
    return await bot.http.ws_connect(Route.BASE)


@pytest.mark.parametrize("ask", [by_itself, by_a_token, at_first, to_hear])
async def test_nothing_is_asked_of_discord_that_may_not_leave(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(connection: Connection) -> None:
        while await connection.request():
            await connection.reply(b'{"id": "2", "username": "d", "discriminator": "0", "avatar": null}')

    places: Any = SimpleNamespace(may_ask=lambda _place: True, answered=_nothing)
    rights: Any = SimpleNamespace(guild_of=lambda _channel: 0)
    product: Any = SimpleNamespace(services=None, actions=None, rights=rights)
    allowed = [True]
    look = partial(look_before_sending, may_send=lambda: allowed[0])
    async with raw_server(answer) as server:
        monkeypatch.setattr(Route, "BASE", server.url)
        bot: DarkroomBot[Any] = DarkroomBot(
            clock=FakeClock(), places=places, build=lambda _bot: product, look=look
        )
        async with bot:
            await bot.http.static_login("token")
            assert len(server.requests) == 1
            allowed[0] = False
            with pytest.raises(Withheld):
                await ask(bot)
        assert len(server.requests) == 1


async def _nothing(_place: object) -> None:
    return
