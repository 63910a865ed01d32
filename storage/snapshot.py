"""One consistent view of the database for long reads: verify, export."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from storage.database import Tx, open_reader
from storage.errors import Unusable
from storage.migrate import require_newest


@contextmanager
def snapshot(path: Path) -> Generator[Tx]:
    """Open a read-only connection of its own and keep one snapshot on it, beside a bot that goes on writing.

    Raises
    ------
    Unusable
        There is no database, it is damaged, or of another version.
    """
    connection = open_reader(path)
    try:
        connection.execute("BEGIN")
        require_newest(connection)
        yield connection
    except sqlite3.DatabaseError as error:
        raise Unusable(f"{path} cannot be read: {error}.") from error
    finally:
        connection.close()
