"""How a run ends that did not end by itself: a sentence for whoever started it, and the exit status.

Its supervisor decides by the status: 78 is only for what no other start can mend.
"""

import aiohttp
import discord

from adapters.login import CommandsRefused, NotDiscord
from config.problems import SettingsError
from pixeldojo.transport import Withheld, trouble_text
from storage.engines.fence import TRY_AGAIN
from storage.errors import LASTING, Passing, Removed, StorageError

CONFIGURATION = 78
"""Exit status for settings that are missing or wrong (``EX_CONFIG`` of sysexits.h)."""
UNAVAILABLE = 69
"""Exit status while Discord cannot be reached (``EX_UNAVAILABLE``): worth another start in a while."""
CLOSED = {
    4010: ("it has no such shard", UNAVAILABLE),
    4011: ("the bot is in too many servers for one shard", UNAVAILABLE),
    4012: ("this version of its interface is over", CONFIGURATION),
    4013: ("it does not know the events that the bot asks for", CONFIGURATION),
    4014: ("this application may not have the events that the bot asks for", CONFIGURATION),
}
"""Why Discord closes the connection of a bot for good, and whether another start may mend it."""


def ending(error: Exception, cannot: str) -> tuple[str, int] | None:
    """Return what is said of an error and the exit status, ``None`` of one that is a mistake of ours.

    ``cannot`` begins a sentence about what was asked for.
    """
    if isinstance(error, SettingsError):
        problems = "".join(f"\n  - {problem}" for problem in error.problems)
        advice = f"\n{error.advice}" * bool(error.advice)
        return f"{cannot}:{problems}{advice}", TRY_AGAIN if error.passing else CONFIGURATION
    if isinstance(error, Removed):
        return f"Darkroom stops: {error}", CONFIGURATION
    if isinstance(error, Withheld):
        return f"{cannot}: another process works by now.", TRY_AGAIN
    if isinstance(error, StorageError):
        return f"{cannot}: {error}", TRY_AGAIN if isinstance(error, Passing) else CONFIGURATION
    return _of_discord(error) or _of_the_system(error, cannot)


def _of_discord(error: Exception) -> tuple[str, int] | None:
    if isinstance(error, discord.LoginFailure):
        return "Darkroom cannot start: Discord does not accept DISCORD_TOKEN.", CONFIGURATION
    if isinstance(error, NotDiscord):
        wrong = f"DISCORD_API_URL does not answer as Discord does, but with {error}"
        return f"Darkroom stops: {wrong}.", UNAVAILABLE
    if isinstance(error, CommandsRefused):
        return f"Darkroom stops: Discord does not take its commands ({error}).", UNAVAILABLE
    if isinstance(error, discord.PrivilegedIntentsRequired):
        return _closed(4014)
    if isinstance(error, discord.ConnectionClosed) and error.code in CLOSED:
        return _closed(error.code)
    if isinstance(error, TimeoutError):
        return "Darkroom stops: Discord cannot be reached (it does not answer).", UNAVAILABLE
    if isinstance(error, aiohttp.ClientError | discord.DiscordException):
        return f"Darkroom stops: Discord cannot be reached ({trouble_text(error)}).", UNAVAILABLE
    return None


def _closed(code: int) -> tuple[str, int]:
    why, status = CLOSED[code]
    return f"Darkroom stops: Discord closes the connection, for {why} ({code}).", status


def _of_the_system(error: Exception, cannot: str) -> tuple[str, int] | None:
    if not isinstance(error, OSError):
        return None
    what = f"{error.filename}: " * bool(error.filename)
    why = error.strerror or str(error) or type(error).__name__
    return f"{cannot}: {what}{why}.", CONFIGURATION if error.errno in LASTING else TRY_AGAIN
