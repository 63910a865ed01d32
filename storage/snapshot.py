"""One consistent view of the database for long reads: verify, export."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from storage.database import Tx, open_reader
from storage.errors import Unusable
from storage.migrate import require_newest, version_of

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


def count_jobs(path: Path) -> int:
    """Return how many jobs a database of any version holds; nothing is changed or made, whatever is there.

    Raises
    ------
    Unusable
        There is no database, it cannot be read, or it is not one of Darkroom's.
    """
    # Whoever has it open made the log beside it: without one nobody writes.
    alone = not path.with_name(f"{path.name}-wal").exists()
    connection = open_reader(path, immutable=alone)
    try:
        return _count(connection)
    except sqlite3.DatabaseError as error:
        raise Unusable(f"{path} cannot be read: {error}.") from error
    finally:
        connection.close()


def _count(tx: Tx) -> int:
    if version_of(tx) < 1:
        require_newest(tx)
    try:
        return int(tx.execute("SELECT count(*) FROM jobs").fetchone()[0])
    except sqlite3.DatabaseError:
        # What another program's lacks is said better.
        require_newest(tx)
        raise
