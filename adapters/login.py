"""How a login to Discord ends, and what Discord asks for when it has had too many."""

import asyncio
import logging
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import SimpleNamespace

import aiohttp
import discord

log = logging.getLogger(__name__)

UNAUTHORIZED, TOO_MANY_REQUESTS = 401, 429
TOKEN_RESET = 4004
"""How Discord closes the connection of a bot whose token is none any more."""


class NotDiscord(Exception):
    """What answers at the address of Discord's interface is something else; the message says what it said."""


class CommandsRefused(Exception):
    """Discord does not take our commands; the message is its status."""


@contextmanager
def from_discord() -> Generator[None]:
    """Take an answer to a request of the block that cannot be read for somebody else's than Discord's.

    The library takes whatever comes with 200 for what it asked for.

    Raises
    ------
    NotDiscord
        Something in the block could not be read.
    """
    try:
        yield
    except OSError:
        # No answer came. That of a certificate which is not accepted is a ValueError as well.
        raise
    except (TypeError, LookupError, ValueError, AttributeError) as error:
        raise NotDiscord("a page that is none of Discord's") from error


def gateway_in(answer: dict[str, object]) -> tuple[str, int]:
    """Return where the gateway is, and how many shards a bot is to have there.

    Raises
    ------
    TypeError, KeyError, ValueError
        The answer says neither.
    """
    url, shards = answer["url"], answer["shards"]
    if not isinstance(url, str) or not isinstance(shards, int) or shards < 1:
        raise ValueError("no gateway")
    return url, shards


def tell_of_pauses(trace: aiohttp.TraceConfig, is_ready: Callable[[], bool]) -> None:
    """Say it when Discord asks for a pause before the bot is ready: the library waits and asks again."""

    async def after(
        _session: aiohttp.ClientSession, _context: SimpleNamespace, end: aiohttp.TraceRequestEndParams
    ) -> None:
        # Without Via it is not Discord itself: that ends the login.
        if end.response.status == TOO_MANY_REQUESTS and "Via" in end.response.headers and not is_ready():
            seconds = _pause_asked_for(end.response.headers.get("Retry-After", ""))
            log.warning("Discord answers the start with 429: it is asked again in %d s.", seconds)

    trace.on_request_end.append(after)


async def login_held_off(bot: discord.Client, connected: asyncio.Task[None], *, asked_to_stop: bool) -> int:
    """Return for how many seconds Discord holds the next login off; 0: it does not.

    Raises
    ------
    NotDiscord
        Something else answered the login.
    discord.LoginFailure
        Discord does not accept the token.
    discord.DiscordException, aiohttp.ClientError, OSError
        As the login did, unless it was for too many of them or because the bot was told to stop.
    """
    if not connected.done():
        # It waits for Discord, which may have asked for an hour.
        connected.cancel()
        return 0
    try:
        await connected
    except Exception as error:  # noqa: BLE001 - after a stop whatever it is, else it is raised
        if not asked_to_stop:
            return _held_off(bot, error)
        # Its session was closed under it: whatever it says of that is this stop.
        log.info("The login was broken off (%s).", type(error).__name__)
    return 0


def _held_off(bot: discord.Client, error: Exception) -> int:
    """Return the seconds that Discord asks for; whatever else ended the login is raised by its name."""
    if isinstance(error, discord.ConnectionClosed) and error.code == TOKEN_RESET:
        raise discord.LoginFailure from error
    if isinstance(error, discord.HTTPException):
        if error.status == UNAUTHORIZED:
            raise discord.LoginFailure from error
        if error.status < TOO_MANY_REQUESTS:
            raise NotDiscord(str(error.status)) from error
        if error.status == TOO_MANY_REQUESTS:
            return _said_pause(error.response.headers.get("Retry-After", ""))
    if bot.application is None:
        with from_discord():
            raise error
    raise error


def _said_pause(retry_after: str) -> int:
    seconds = _pause_asked_for(retry_after)
    log.warning(
        "Discord answers the login with 429, too many requests from this address: it may be asked again"
        " in %d s, which are waited out.",
        seconds,
    )
    return seconds


def _pause_asked_for(retry_after: str) -> int:
    """Return the seconds that a ``Retry-After`` asks for, a day at most; a minute if it says nothing."""
    found = re.fullmatch(r"([0-9]{1,9})(\.[0-9]+)?", retry_after)
    return min(int(found[1]) + (found[2] is not None), 86_400) if found else 60
