"""Whether a place of files is the one in which a database's files are: the other hosts may mean another.

A database that several processes share gives its files' place a name, which is written down in both. A
process that finds none, or another one, does not start: what it lacked would seem lost, and what it did not
know would be deleted.
"""

import asyncio
import logging
import secrets

from storage import facts
from storage.database import Database
from storage.errors import Unusable, unusable_for
from storage.files import Files, Unreachable
from storage.tx import Tx

log = logging.getLogger(__name__)

NAME, WRITTEN = "files_place", "files_place_written"


async def require_place(database: Database, files: Files, *, where: str) -> None:
    """Make sure that files are where this database's are; the first process to ask decides where that is.

    Raises
    ------
    Unusable
        They are somewhere else, or the place cannot be read.
    """
    name, written = await database.run(_named, fresh=secrets.token_hex(8))
    try:
        found = await asyncio.to_thread(files.place)
        if found is None and not written:
            await asyncio.to_thread(files.name_place, name)
            found = name
    except Unreachable as error:
        log.warning("Whether %s has the files of this database is not known: %s", where, error.strerror)
        return
    except OSError as error:
        raise unusable_for(f"{where} cannot be used: {error.strerror}.", error) from error
    if found is None:
        raise Unusable(
            f"{where} is not where the files of this database are. If they were brought there, write {name}"
            " into its files/place."
        )
    if found != name:
        raise Unusable(f"{where} has the files of another database, which would be deleted.")
    await database.run(facts.set_fact, WRITTEN, "yes")


def _named(tx: Tx, *, fresh: str) -> tuple[str, bool]:
    if (name := facts.fact(tx, NAME)) is None:
        facts.set_fact(tx, NAME, name := fresh)
    return name, facts.fact(tx, WRITTEN) is not None
