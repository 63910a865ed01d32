"""Whether a connection is a session of its own: a pooler may lend one to many, transaction by transaction.

What a session is told or keeps (settings, prepared statements, locks) is another connection's then.
"""

from typing import Any

import psycopg

from storage.errors import Unusable

LOOKS = 4
"""How often it is looked: a pooler may have given each its own by chance, or others may take what is free."""

Connection = psycopg.Connection[Any]


def require_own_sessions(one: Connection, other: Connection) -> None:
    """Make sure that of two connections (in autocommit mode) each keeps a session of its own.

    While one rests, the other has a transaction: a pooler lends it the session of the first.

    Raises
    ------
    Unusable
        They share sessions.
    psycopg.Error
        The server cannot be asked.
    """
    owned = _number(one)
    for _ in range(LOOKS):
        other.execute("BEGIN READ ONLY")
        shared = _number(other) == owned or _number(one) != owned
        other.execute("COMMIT")
        if shared:
            raise Unusable(
                "DATABASE_URL leads to a pooler that lends sessions by transaction: PgBouncer needs"
                " pool_mode = session. Or connect to PostgreSQL itself."
            )


def _number(connection: Connection) -> int:
    # Prepared it would fail at another session, and not say why.
    row = connection.execute("SELECT pg_backend_pid()", prepare=False).fetchone()
    return 0 if row is None else int(row[0])
