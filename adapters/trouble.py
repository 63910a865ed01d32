"""What talking to Discord may raise, and what it means for a way to a member."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

import aiohttp
import discord

from adapters.breaker import PlaceLeftAlone
from jobs.delivery.ports import CardGone, MessengerError, MessengerTrouble, Oversize, RungBroken

log = logging.getLogger(__name__)

TROUBLE = (discord.DiscordException, aiohttp.ClientError, OSError)
"""What talking to Discord may raise (a time limit is an ``OSError``)."""
TOO_LARGE = 40005
UNKNOWN_MESSAGE = 10008
CLOSED = "Session is closed"
"""What aiohttp raises, as a bare ``RuntimeError``, once the bot has left Discord."""


@contextmanager
def classified() -> Generator[None]:
    """Raise what the ladder acts on."""
    try:
        yield
    except TROUBLE as error:
        raise classify(error) from error
    except RuntimeError as error:
        # The bot ends: whoever works next shows it.
        if str(error) != CLOSED:
            raise
        raise MessengerTrouble from error


def classify(error: BaseException) -> MessengerError:
    """Turn what discord.py raises into what the ladder acts on."""
    if isinstance(error, MessengerError):
        return error
    if isinstance(error, PlaceLeftAlone):
        return RungBroken()
    if not isinstance(error, discord.HTTPException):
        return MessengerTrouble()
    if error.status == 413 or error.code == TOO_LARGE:
        return Oversize()
    if error.status == 429 or error.status >= 500:
        return MessengerTrouble(_retry_after(error))
    if error.code == UNKNOWN_MESSAGE:
        return CardGone()
    if error.status == 400:
        log.error("Discord refused a card (code %s).", error.code)
    return RungBroken()


def _retry_after(error: discord.HTTPException) -> float:
    try:
        return min(max(1.0, float(error.response.headers.get("Retry-After", 5))), 300.0)
    except ValueError:
        return 5.0
