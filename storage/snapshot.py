"""One consistent view of the database for long reads: verify, export."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from storage.database import Tx, open_reader
from storage.errors import Unusable
from storage.migrate import require_newest

CACHE = "PRAGMA cache_size = -65536"
"""64 MiB: jobs have random names, and a long read meets them in the order of time."""


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
        connection.execute(CACHE)
        connection.execute("BEGIN")
        require_newest(connection)
        yield connection
    except sqlite3.DatabaseError as error:
        raise Unusable(f"{path} cannot be read: {error}.") from error
    finally:
        connection.close()


def count_jobs(path: Path) -> int | None:
    """Return how many jobs a database of any version holds; ``None`` if that cannot be told.

    Raises
    ------
    Unusable
        There is no database.
    """
    connection = open_reader(path)
    try:
        return int(connection.execute("SELECT count(*) FROM jobs").fetchone()[0])
    except sqlite3.DatabaseError:
        # Damaged, or another program's: whoever reads on says so better.
        return None
    finally:
        connection.close()
