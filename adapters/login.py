"""How a login to Discord ends, and what Discord asks for when it has had too many."""

import asyncio
import logging

import discord

log = logging.getLogger(__name__)

TOO_MANY_REQUESTS = 429


async def login_held_off(connected: asyncio.Task[None], stopped: asyncio.Task[bool]) -> bool:
    """Tell whether Discord held a login off, after the pause that it asked for (or until the bot is stopped).

    Raises
    ------
    discord.HTTPException, discord.LoginFailure, aiohttp.ClientError
        As the login did, unless it was for too many of them.
    """
    if not connected.done():
        # It waits for Discord, which may have asked for an hour.
        connected.cancel()
        return False
    try:
        await connected
    except discord.HTTPException as error:
        if error.status != TOO_MANY_REQUESTS:
            raise
        seconds = _pause_asked_for(error.response.headers.get("Retry-After", ""))
        log.warning(
            "Discord answers the login with 429, too many requests from this address: it may be asked again"
            " in %d s, which are waited out.",
            seconds,
        )
        await asyncio.wait({stopped}, timeout=seconds)
        return True
    finally:
        stopped.cancel()
    return False


def _pause_asked_for(retry_after: str) -> int:
    """Return the seconds that a ``Retry-After`` asks for, a day at most; a minute if it says nothing."""
    return min(int(retry_after), 86_400) if retry_after.isascii() and retry_after.isdigit() else 60
