"""Whether a process has the key under which a database's erased members are known: a host may have another.

A word that only that key makes stands among the facts, written by whoever comes first. With another key
nobody who was erased would be found again, neither in the database nor in the record beside it.
"""

import asyncio

from storage import erasures, facts
from storage.database import Database
from storage.erasure_key import ErasureKey
from storage.erasure_record import ErasureRecord
from storage.errors import Unusable
from storage.tx import Tx

NAME = "erasure_check"


async def require_key(database: Database, key: ErasureKey, *, alone: ErasureRecord | None) -> None:
    """Make sure that a process has the database's key; the first one says which that is.

    ``alone``: the record of erasures where no other host has the database. There another key may be taken as
    long as nobody was erased.

    Raises
    ------
    Unusable
        It has another key.
    """
    known = await database.read(facts.fact, NAME)
    if known is not None:
        if await asyncio.to_thread(_is, key, known):
            return
        if alone is None or await database.read(erasures.carried_out) or await _has_lines(alone):
            raise another(key)
    word = await asyncio.to_thread(key.check_word)
    if not await database.run(_is_noted, word, instead_of=known):
        raise another(key)


def require_same_key(tx: Tx, key: ErasureKey) -> None:
    """Make sure that a key is that of a database, if it has one; nothing is written, and no key is made.

    Raises
    ------
    Unusable
        It is another one.
    """
    known = facts.fact(tx, NAME)
    if known is not None and not _is(key, known):
        raise another(key)


def another(key: ErasureKey) -> Unusable:
    """Return what is said of another key than the database's."""
    return Unusable(
        f"{key.name} does not hold the key by which this database knows erased members: set ERASURE_SECRET to"
        " that one, the same on every host, or see docs/security.md if it is lost."
    )


def _is(key: ErasureKey, known: str) -> bool:
    # A key that is missing is not made: it has to be brought.
    return key.is_there and key.check_word() == known


def _is_noted(tx: Tx, word: str, *, instead_of: str | None) -> bool:
    """Note a word; ``False`` if another process has noted another one in this moment."""
    known = facts.fact(tx, NAME)
    if known == instead_of:
        facts.set_fact(tx, NAME, word)
    return known in (instead_of, word)


async def _has_lines(record: ErasureRecord) -> bool:
    try:
        return bool(await asyncio.to_thread(record.lines))
    except OSError:
        # It cannot be told: then there may be some.
        return True
