"""How a login ends, by what it raised and by whether the bot was told to stop."""

import asyncio
import ssl
from types import SimpleNamespace
from typing import cast

import aiohttp
import discord
import pytest

from adapters.login import NotDiscord, gateway_in, login_held_off


async def fail(error: Exception) -> None:
    raise error


async def held_off(error: Exception, *, stop: bool = False, logged_in: bool = True) -> int:
    """Let a login end by an error, and tell how that is taken."""
    bot = cast("discord.Client", SimpleNamespace(application=object() if logged_in else None))
    connected = asyncio.create_task(fail(error))
    await asyncio.wait({connected})
    return await login_held_off(bot, connected, asked_to_stop=stop)


def answered(status: int, retry_after: str = "") -> discord.HTTPException:
    response = SimpleNamespace(status=status, reason="", headers={"Retry-After": retry_after})
    return discord.HTTPException(cast("aiohttp.ClientResponse", response), "x")


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("Session is closed"),
        KeyError("url"),
        TimeoutError(),
        aiohttp.ServerDisconnectedError(),
        answered(502),
        answered(429, "3600"),
        answered(401),
    ],
)
async def test_whatever_a_login_says_once_the_bot_was_told_to_stop_is_that_stop(error: Exception) -> None:
    assert await held_off(error, stop=True) == 0


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (answered(401), discord.LoginFailure),
        (answered(404), NotDiscord),
        (answered(502), discord.HTTPException),
        (TimeoutError(), TimeoutError),
        # Of our own, when the login was over.
        (KeyError("ours"), KeyError),
    ],
)
async def test_what_ended_a_login_is_raised_by_its_name(error: Exception, raised: type[Exception]) -> None:
    with pytest.raises(raised):
        await held_off(error)


async def test_an_answer_to_the_login_itself_that_cannot_be_read_is_nobodys_mistake_of_ours() -> None:
    with pytest.raises(NotDiscord, match="a page that is none of Discord's"):
        await held_off(KeyError("id"), logged_in=False)


async def test_a_certificate_that_is_not_accepted_is_no_answer() -> None:
    # Which is a ValueError too.
    key = cast("aiohttp.client_reqrep.ConnectionKey", SimpleNamespace(host="discord.com", port=443))
    refused = aiohttp.ClientConnectorCertificateError(key, ssl.SSLCertVerificationError(1, "x"))
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await held_off(refused, logged_in=False)


async def test_a_pause_that_discord_asks_for_is_told() -> None:
    assert await held_off(answered(429, "0.5")) == 1


@pytest.mark.parametrize(
    "answer", [{}, {"url": "wss://x"}, {"url": 1, "shards": 1}, {"url": "wss://x", "shards": 0}]
)
def test_a_gateway_that_is_none_is_not_taken(answer: dict[str, object]) -> None:
    with pytest.raises((LookupError, ValueError)):
        gateway_in(answer)
