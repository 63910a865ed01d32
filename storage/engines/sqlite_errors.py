"""What is raised for SQLite's own errors."""

import sqlite3
from pathlib import Path
from tempfile import TemporaryFile

from storage.errors import Hindered, Unusable, unusable_for

GOES_BY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_IOERR,
    }
)
"""What SQLite says that may be over at another start; of its codes the low byte is the kind."""


def unusable(sentence: str, error: sqlite3.Error, path: Path) -> Unusable:
    """Return what to raise for an error at a database's file, by whether another start may mend it."""
    kind: int = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if kind == sqlite3.SQLITE_CANTOPEN:
        # It does not say why. Whatever keeps another file from being made in the folder is why, if anything.
        try:
            TemporaryFile(dir=path.parent).close()
        except OSError as why:
            return unusable_for(f"{sentence} {why.strerror}.", why)
    return (Hindered if kind in GOES_BY else Unusable)(sentence)
