"""Numbered SQL files, each applied together with its record in one transaction.

The record is a row of ``versions``. The first version kept it in ``PRAGMA user_version``, which stays above
what that program knows for ever, so that it refuses what it cannot read.
"""

import logging
import re
import shutil
import sqlite3
import time
from collections.abc import Collection
from pathlib import Path

from domain.limits import MIB
from storage.engines.schema import GUARDS, READ, differences, scripts, statements
from storage.engines.versions import altered, too_new, too_old
from storage.errors import Hindered, Unusable
from storage.tx import Tx

log = logging.getLogger(__name__)

STEPS, PATIENCE = 5_000_000, 10.0
"""SQLite's own steps between two looks at the clock, and seconds without a word."""


def migrate(connection: sqlite3.Connection) -> int:
    """Bring a database to the newest version and return it. Foreign keys must be off.

    Raises
    ------
    TooNew
        It was written by a newer version of the program.
    Unusable
        Its tables are not those of its version, or the disk is too small for what is to be done; the
        migration under way left nothing behind.
    sqlite3.DatabaseError
        The file is damaged, read-only or locked; the migration under way left nothing behind.
    """
    version, newest = require_known(connection), max(scripts())
    ahead = [number for number in scripts() if number > version]
    if version:
        _require_space(connection, ahead)
    for number in ahead:
        _apply(connection, number, aloud=version > 0)
    return newest


def require_known(connection: sqlite3.Connection, *, kinds: Collection[str] = GUARDS | READ) -> int:
    """Return a database's version (0: it is empty), if this program knows it; nothing is changed.

    Raises
    ------
    TooNew
        It was written by a newer version of the program.
    Unusable
        Its tables are not those of its version.
    """
    version, newest = version_of(connection), max(scripts())
    if version > newest:
        raise too_new(version, newest)
    require_schema(connection, version, kinds=kinds)
    return version


def version_of(connection: Tx) -> int:
    """Return the version of a database; 0 for an empty one.

    Raises
    ------
    Unusable
        It does not say which, or in a table that is not ours.
    """
    columns = {str(row[0]) for row in connection.execute("SELECT name FROM pragma_table_info('versions')")}
    if columns and "number" not in columns:
        raise Unusable("The database is not one of Darkroom's: its versions are another program's.")
    query = "SELECT MAX(number) FROM versions" if columns else "PRAGMA user_version"
    version = connection.execute(query).fetchone()[0]
    if not isinstance(version, int):
        raise Unusable("The database does not say which version it has: restore a backup.")
    return version


def require_newest(connection: sqlite3.Connection) -> None:
    """Refuse to read a database that this program would bring to a newer version first, or cannot know.

    Raises
    ------
    StorageError
        It has another version, or not the tables of its own.
    """
    version, newest = require_known(connection, kinds=READ), max(scripts())
    if version < newest:
        raise too_old(version, newest)


def require_schema(
    connection: sqlite3.Connection, version: int, *, kinds: Collection[str] = GUARDS | READ
) -> None:
    """Refuse a database that lacks something of its version, or has it in another form.

    Raises
    ------
    Unusable
        The sentence names what is different.
    """
    if version < 1:
        if connection.execute("SELECT 1 FROM sqlite_master WHERE sql <> ''").fetchone() is not None:
            raise Unusable("The database is not one of Darkroom's: it has tables, but no version.")
    elif found := differences(connection, version, kinds=kinds):
        raise altered(version, found)


def _require_space(connection: sqlite3.Connection, numbers: Collection[int]) -> None:
    """Refuse to begin what would fill the disk, before the first of all that is to be done is begun."""
    path = Path(connection.execute("PRAGMA database_list").fetchone()[2])
    factor = max((_space(number) for number in numbers), default=0.0)
    if not path.is_file() or not factor:
        return
    # With what still stands in the WAL.
    pages, size = (connection.execute(f"PRAGMA {each}").fetchone()[0] for each in ("page_count", "page_size"))
    needed, free = int(pages * size * factor), shutil.disk_usage(path.parent).free
    sizes = f"{_megabytes(needed)} MB beside {path.name}, {_megabytes(free)} MB are free"
    if free < needed:
        raise Hindered(
            f"Bringing the database to version {max(numbers)} takes {sizes}. Nothing was changed: make room "
            "and start again, or go on with the version that you had."
        )
    log.info("Bringing the database to version %d takes %s.", max(numbers), sizes)


def _space(number: int) -> float:
    """Return what a migration takes on the disk until it is done, in sizes of the database; 0: few pages."""
    said = re.search(r"^-- space: ([\d.]+)$", scripts()[number].read_text(encoding="utf-8"), re.MULTILINE)
    return 0.0 if said is None else float(said[1])


def _megabytes(size: int) -> str:
    return f"{size // MIB + 1:,}"


def _apply(connection: sqlite3.Connection, number: int, *, aloud: bool) -> None:
    progress = _Progress(number)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for part, statement in statements(scripts()[number].read_text(encoding="utf-8")):
            if aloud:
                progress.begin(part)
                connection.set_progress_handler(progress.say, STEPS)
            connection.execute(statement)
        if number > 1:
            connection.execute(
                "INSERT INTO versions (number, at, last_entry)"
                " SELECT ?, ?, COALESCE(MAX(id), 0) FROM entries",
                (number, time.time_ns() // 1_000_000),
            )
        # From 2 on it only keeps the first version's program out.
        connection.execute(f"PRAGMA user_version = {min(number, 2)}")
        connection.execute("COMMIT")
    except BaseException as error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if aloud and isinstance(error, sqlite3.OperationalError) and _is_full(error):
            raise Hindered(
                f"The disk was full, or took no more, while the database was brought to version {number}"
                f" ({error}). It is as it was at version {number - 1}: make room and start again."
            ) from error
        raise
    finally:
        connection.set_progress_handler(None, STEPS)


def _is_full(error: sqlite3.OperationalError) -> bool:
    """Tell whether a write failed: of temporary files SQLite says so otherwise than of its own."""
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_FULL", "SQLITE_IOERR"))


class _Progress:
    """Says which part of a migration is under way, and every few seconds that it still is."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._begin = self._said = time.monotonic()
        self._part = ""

    def begin(self, part: str) -> None:
        if part != self._part:
            self._part = part
            self._tell()

    def say(self) -> int:
        if time.monotonic() - self._said > PATIENCE:
            self._tell()
        return 0

    def _tell(self) -> None:
        self._said = time.monotonic()
        log.info(
            "Bringing the database to version %d: %s (%.0f s so far).",
            self._number,
            self._part,
            self._said - self._begin,
        )
