"""How a login to Discord ends, and what Discord asks for when it has had too many."""

import asyncio
import logging
import re

import discord

log = logging.getLogger(__name__)

TOO_MANY_REQUESTS = 429
TOKEN_RESET = 4004
"""How Discord closes the connection of a bot whose token is none any more."""


class NotDiscord(Exception):
    """What answers at the address of Discord's interface is something else; the message says what it said."""


async def login_held_off(bot: discord.Client, connected: asyncio.Task[None]) -> int:
    """Return for how many seconds Discord holds the next login off; 0: it does not.

    Raises
    ------
    NotDiscord
        Something else answered the login.
    discord.HTTPException, discord.LoginFailure, aiohttp.ClientError
        As the login did, unless it was for too many of them.
    """
    if not connected.done():
        # It waits for Discord, which may have asked for an hour.
        connected.cancel()
        return 0
    try:
        await connected
    except discord.ConnectionClosed as error:
        if error.code != TOKEN_RESET:
            raise
        raise discord.LoginFailure from error
    except discord.HTTPException as error:
        if error.status < TOO_MANY_REQUESTS and bot.application is None:
            raise NotDiscord(str(error.status)) from error
        if error.status != TOO_MANY_REQUESTS:
            raise
        seconds = _pause_asked_for(error.response.headers.get("Retry-After", ""))
        log.warning(
            "Discord answers the login with 429, too many requests from this address: it may be asked again"
            " in %d s, which are waited out.",
            seconds,
        )
        return seconds
    except (TypeError, LookupError, ValueError, AttributeError) as error:
        # The library takes whatever comes with 200 for what it asked for.
        if bot.application is not None:
            raise
        raise NotDiscord("a page that is none of Discord's") from error
    return 0


def _pause_asked_for(retry_after: str) -> int:
    """Return the seconds that a ``Retry-After`` asks for, a day at most; a minute if it says nothing."""
    found = re.fullmatch(r"([0-9]{1,9})(\.[0-9]+)?", retry_after)
    return min(int(found[1]) + (found[2] is not None), 86_400) if found else 60
