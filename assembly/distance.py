"""Whether the database is near enough, said once when the bot begins to work."""

import logging

from storage.database import Database
from storage.distance import round_trip
from storage.errors import StorageError

log = logging.getLogger("darkroom")

FAR, TOO_FAR = 0.015, 0.020
"""Seconds to an answer above which that is a warning, and above which members get none in time."""


async def warn_of_distance(database: Database) -> None:
    """Warn if what members ask for cannot be answered in time because the database is far away."""
    try:
        took = await database.read(round_trip)
    except StorageError as error:
        # Whoever needs it says so, and does something about it.
        log.debug("How far away the database is could not be asked: %s", error)
        return
    if took > FAR:
        log.warning(
            "PostgreSQL answers after %.0f ms: above about %.0f ms Discord's three seconds are missed;"
            " put it nearer.",
            took * 1000,
            TOO_FAR * 1000,
        )
