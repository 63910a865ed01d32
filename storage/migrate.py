"""Numbered SQL files, each applied together with its record in one transaction."""

import sqlite3
from pathlib import Path

from storage.errors import TooNew

FOLDER = Path(__file__).parent / "migrations"


def migrate(connection: sqlite3.Connection) -> int:
    """Bring a database to the newest version and return it (``PRAGMA user_version``).

    Raises
    ------
    TooNew
        It was written by a newer version of the program.
    sqlite3.DatabaseError
        The file is damaged, read-only or the disk is full; the migration under way left nothing behind.
    """
    scripts = {int(file.name[:4]): file for file in sorted(FOLDER.glob("[0-9]*.sql"))}
    newest = max(scripts)
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > newest:
        raise TooNew(
            f"The database has version {version}, this program knows {newest}: "
            "start the newer version again, or restore a backup."
        )
    for number in range(version + 1, newest + 1):
        _apply(connection, number, scripts[number].read_text(encoding="utf-8"))
    return newest


def _apply(connection: sqlite3.Connection, number: int, script: str) -> None:
    try:
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
