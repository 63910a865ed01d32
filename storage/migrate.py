"""Numbered SQL files, each applied together with its record in one transaction.

The record is a row of ``versions``. The first version kept it in ``PRAGMA user_version``, which stays above
what that program knows for ever, so that it refuses what it cannot read.
"""

import logging
import re
import sqlite3
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from storage.errors import TooNew, Unusable

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "migrations"
STEPS, PATIENCE = 5_000_000, 10.0
"""SQLite's own steps between two looks at the clock, and seconds without a word."""


def migrate(connection: sqlite3.Connection) -> int:
    """Bring a database to the newest version and return it. Foreign keys must be off.

    Raises
    ------
    TooNew
        It was written by a newer version of the program.
    Unusable
        Its tables are not those of its version.
    sqlite3.DatabaseError
        The file is damaged, read-only or the disk is full; the migration under way left nothing behind.
    """
    newest = max(_scripts())
    version = version_of(connection)
    if version > newest:
        raise TooNew(
            f"The database has version {version}, this program knows {newest}: "
            "start the newer version again, or restore a backup."
        )
    if version:
        _compare(connection, version)
    for number in (each for each in _scripts() if each > version):
        _apply(connection, number, aloud=version > 0)
    return newest


def version_of(connection: sqlite3.Connection) -> int:
    """Return the version of a database; 0 for an empty one."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'versions'").fetchone()
    query = "SELECT MAX(number) FROM versions" if known else "PRAGMA user_version"
    return int(connection.execute(query).fetchone()[0])


def require_newest(connection: sqlite3.Connection) -> None:
    """Refuse to read a database that this program would bring to a newer version first, or cannot know.

    Raises
    ------
    Unusable
        It has another version.
    """
    version, newest = version_of(connection), max(_scripts())
    if version != newest:
        raise Unusable(
            f"The database has version {version}, this program reads {newest}: "
            "start the bot of this version once, or use the program that made it."
        )


def _scripts() -> dict[int, Path]:
    return {int(file.name[:4]): file for file in sorted(FOLDER.glob("[0-9]*.sql"))}


def _apply(connection: sqlite3.Connection, number: int, *, aloud: bool) -> None:
    script = _scripts()[number].read_text(encoding="utf-8")
    progress = _Progress(number)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for part, statement in _statements(script):
            if aloud:
                progress.begin(part)
                connection.set_progress_handler(progress.say, STEPS)
            connection.execute(statement)
        if number > 1:
            connection.execute(
                "INSERT INTO versions (number, at) VALUES (?, ?)", (number, time.time_ns() // 1_000_000)
            )
        # From 2 on it only keeps the first version's program out.
        connection.execute(f"PRAGMA user_version = {min(number, 2)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.set_progress_handler(None, STEPS)


def _statements(script: str) -> Iterator[tuple[str, str]]:
    """Yield each statement of a script with the part to which it belongs."""
    part = statement = ""
    for piece in re.split("(?<=;)", script):
        statement += piece
        if sqlite3.complete_statement(statement):
            part = [part, *re.findall("^-- part: (.*)$", statement, re.MULTILINE)][-1]
            yield part, statement
            statement = ""


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


def _compare(connection: sqlite3.Connection, version: int) -> None:
    """Refuse a database that lacks something of its version, or has it in another form."""
    missing = _schema_of(version) - _schema(connection)
    if missing:
        names = ", ".join(sorted({name for name, _ in missing})[:5])
        raise Unusable(
            f"The database says version {version}, but was made by a version that was never released, or "
            f"changed by hand ({names}): restore a backup, or start the version that made it."
        )


@cache
def _schema_of(version: int) -> frozenset[tuple[str, str]]:
    """Return what every database of a version has, from one that is made for the purpose."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for number in (each for each in _scripts() if each <= version):
            _apply(connection, number, aloud=False)
        return _schema(connection)
    finally:
        connection.close()


def _schema(connection: sqlite3.Connection) -> frozenset[tuple[str, str]]:
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql <> ''")
    return frozenset((str(name), str(sql)) for name, sql in rows)
