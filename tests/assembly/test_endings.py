"""How a run ends that did not end by itself: the sentence, and whether its supervisor starts it again."""

import errno
import os

import aiohttp
import discord
import pytest

from adapters.login import CommandsRefused, NotDiscord
from assembly.endings import CONFIGURATION, UNAVAILABLE, ending
from config.problems import FILL_IN, SettingsError
from pixeldojo.transport import Withheld
from storage.engines.fence import TRY_AGAIN
from storage.errors import DataDirLocked, Hindered, Removed, TooNew, Unusable

CANNOT = "Darkroom cannot start"


def system(number: int) -> OSError:
    return OSError(number, os.strerror(number), "/srv/darkroom")


@pytest.mark.parametrize(
    ("error", "said", "status"),
    [
        (
            SettingsError(["A is missing.", "B is wrong."], advice=FILL_IN),
            f"A is missing.\n  - B is wrong.\n{FILL_IN}",
            CONFIGURATION,
        ),
        (SettingsError(["DATA_DIR x is in use."], passing=True), "DATA_DIR x is in use.", TRY_AGAIN),
        (Unusable("It is damaged."), "cannot start: It is damaged.", CONFIGURATION),
        (TooNew("It is newer."), "cannot start: It is newer.", CONFIGURATION),
        (Removed("It is gone."), "Darkroom stops: It is gone.", CONFIGURATION),
        (Hindered("It is full."), "cannot start: It is full.", TRY_AGAIN),
        (DataDirLocked("It is in use."), "cannot start: It is in use.", TRY_AGAIN),
        (discord.LoginFailure(), "does not accept DISCORD_TOKEN.", CONFIGURATION),
        (NotDiscord("404"), "does not answer as Discord does, but with 404.", UNAVAILABLE),
        (CommandsRefused("400"), "Discord does not take its commands (400).", UNAVAILABLE),
        (discord.GatewayNotFound(), "Discord cannot be reached (GatewayNotFound).", UNAVAILABLE),
        (discord.PrivilegedIntentsRequired(0), "(4014).", CONFIGURATION),
        (aiohttp.ServerDisconnectedError(), "cannot be reached (ServerDisconnectedError).", UNAVAILABLE),
        # Of asyncio, of aiohttp and of the system: nobody said anything, which is no setting.
        (TimeoutError(), "Discord cannot be reached (it does not answer).", UNAVAILABLE),
        (aiohttp.ServerTimeoutError(), "Discord cannot be reached (it does not answer).", UNAVAILABLE),
        (system(errno.ETIMEDOUT), "Discord cannot be reached (it does not answer).", UNAVAILABLE),
        (system(errno.EACCES), "cannot start: /srv/darkroom: Permission denied.", CONFIGURATION),
        (system(errno.EROFS), "cannot start: /srv/darkroom: Read-only file system.", CONFIGURATION),
        (system(errno.ENOSPC), "cannot start: /srv/darkroom: No space left on device.", TRY_AGAIN),
        (system(errno.EMFILE), "cannot start: /srv/darkroom: Too many open files.", TRY_AGAIN),
        (Withheld(), "cannot start: another process works by now.", TRY_AGAIN),
        (ConnectionResetError(), "cannot start: ConnectionResetError.", TRY_AGAIN),
    ],
)
def test_an_end_is_a_sentence_and_78_only_where_no_other_start_can_mend_it(
    error: Exception, said: str, status: int
) -> None:
    found = ending(error, CANNOT)
    assert found is not None
    assert said in found[0]
    assert found[1] == status


@pytest.mark.parametrize(
    "error",
    [
        SettingsError(["DATA_DIR x is in use."], passing=True),
        DataDirLocked("DATA_DIR x is in use."),
        Unusable("DATA_DIR x cannot be written."),
    ],
)
def test_what_no_setting_mends_does_not_end_with_the_place_where_settings_are_explained(
    error: Exception,
) -> None:
    found = ending(error, CANNOT)
    assert found is not None
    assert found[0].endswith(str(error))


@pytest.mark.parametrize("error", [RuntimeError("Session is closed"), KeyError("url"), TypeError()])
def test_a_mistake_of_ours_is_no_end_that_is_told(error: Exception) -> None:
    assert ending(error, CANNOT) is None
