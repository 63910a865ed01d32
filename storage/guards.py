"""What guards a database, whichever engine keeps it."""

import sqlite3

from storage.engines.migrate import version_of
from storage.engines.schema import differences
from storage.tx import Tx


def unguarded(tx: Tx) -> list[str]:
    """Return what is not as the migrations make it: tables, views, indexes, triggers."""
    if isinstance(tx, sqlite3.Connection):
        return differences(tx, version_of(tx))
    # Whoever has SQLite needs no psycopg.
    from storage.engines.postgres_tx import PostgresTx, unguarded_in  # noqa: PLC0415

    assert isinstance(tx, PostgresTx)
    return unguarded_in(tx)
