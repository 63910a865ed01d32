"""Whether a place of files is the one in which a database's files are: the other hosts may mean another.

A database that several processes share gives its files' place a name, which is written down in both. A
process that finds none, or another one, does not work: what it lacked would seem lost, and what it did not
know would be deleted. Only whoever holds the leases gives the name, so that no two do.
"""

import asyncio
import errno
import logging
import secrets
from collections.abc import Awaitable, Callable

from storage import facts
from storage.answering import answered
from storage.database import Database
from storage.errors import Hindered, Unusable, unusable_for
from storage.files import Files, Refused, Unreachable
from storage.tx import Tx

log = logging.getLogger(__name__)

NAME, WRITTEN = "files_place", "files_place_written"


async def require_place(database: Database, files: Files, *, where: str, decides: bool) -> bool:
    """Make sure that files are where this database's are; ``False`` if their store does not answer.

    ``decides``: this process is the only one that works, and where its files are is the place from now on if
    there was none.

    Raises
    ------
    Hindered
        There are none: a volume may be away, or the store refuses this host. Or the place has served before,
        and can be read or written no more: its server may be at work on it, and this host is not to take over
        meanwhile.
    Unusable
        They are another database's, or the place cannot be used at all.
    """
    try:
        found, name, written = await _looked(database, files)
        if found is None and not written and decides:
            # A new name each time: a place that was named by a process that ended before this is another one.
            found = name = secrets.token_hex(8)
            await database.run(facts.set_fact, NAME, name)
            await asyncio.to_thread(files.name_place, name)
        if found is not None and found == name:
            await answered(files.require_writable)
    except Refused as error:
        # Another host may be let in.
        raise Hindered(f"{where} cannot be used: {error.strerror}") from error
    except Unreachable as error:
        log.warning("Whether %s has the files of this database is not known: %s", where, error.strerror)
        return False
    except OSError as error:
        sentence, (_, served) = f"{where} cannot be used: {error.strerror}.", await database.read(_known)
        raise (Hindered(sentence) if served else unusable_for(sentence, error)) from error
    if found is None and written:
        raise Hindered(
            f"{where} is not where the files of this database are. If they were brought there, write {name}"
            " into its files/place."
        )
    if found is not None and found != name:
        raise Unusable(f"{where} has the files of another database, which would be deleted.")
    if decides and not written:
        await database.run(facts.set_fact, WRITTEN, "yes")
    return True


async def require_unnamed(files: Files, *, where: str, still_fresh: Callable[[], Awaitable[bool]]) -> None:
    """Make sure that files are no database's, before a database without tables gets its own.

    ``still_fresh``: whether it has none by now; asked last, for another process may make them and name the
    place meanwhile.

    Raises
    ------
    Hindered
        They are one's, which may be restored just now; or their store does not answer.
    Unusable
        The place cannot be used at all.
    """
    try:
        found = await answered(files.place)
    except Unreachable as error:
        raise Hindered(
            f"The database has no tables yet, and whether {where} has the files of another one is not known:"
            f" {error.strerror}"
        ) from error
    except OSError as error:
        raise unusable_for(f"{where} cannot be used: {error.strerror}.", error) from error
    if found is not None and await still_fresh():
        raise Hindered(
            f"The database has no tables, but {where} has the files of one: it may be restored just now, and"
            " none were made. To begin anew on purpose, delete files/place there."
        )


async def is_gone(database: Database, files: Files, sha256: str) -> bool:
    """Tell whether a kept file is gone for certain, and not with the place where it was.

    Raises
    ------
    Unreachable
        It cannot be told.
    """
    if await asyncio.to_thread(files.has, sha256):
        return False
    await require_same_place(database, files)
    # The place may have been away until then.
    return not await asyncio.to_thread(files.has, sha256)


async def require_same_place(database: Database, files: Files) -> None:
    """Make sure that shared files are still where they were, before any is called nobody's.

    Raises
    ------
    Unreachable
        They are not, or it cannot be told.
    """
    if files.alone:
        return
    found, name, written = await _looked(database, files)
    if written and found != name:
        raise Unreachable(errno.EIO, "The files of this database are not where they were.")


async def _looked(database: Database, files: Files) -> tuple[str | None, str | None, bool]:
    """Return what a place is called, what it is to be called, and whether that was written down there."""
    known = await database.read(_known)
    while True:
        found = await answered(files.place)
        # Whoever works may have named it in this moment.
        before, known = known, await database.read(_known)
        if known == before:
            return found, *known


def _known(tx: Tx) -> tuple[str | None, bool]:
    return facts.fact(tx, NAME), facts.fact(tx, WRITTEN) is not None
