"""Rows of ``leases`` and ``standbys`` (PostgreSQL only): which process works, and which wait.

A lease is a row and not a lock of a session: a process that is stopped keeps its session, and with it the
lock, for as long as it is stopped. Only the database's clock decides whether a lease is over.

Each writing transaction reads the leases first (``storage/engines/fence.py``), and a take-over changes
them; both are SERIALIZABLE. What a former holder began in time and commits too late is therefore refused if
the new holder has read what it changes: no order of the two would explain both. The fence reads by
``holder``, which has no index, so that PostgreSQL takes it to have read the whole table: a renewal, which
is not SERIALIZABLE and makes new versions of the rows, must not make that forgotten.
"""

from dataclasses import dataclass
from datetime import timedelta

import psycopg
from psycopg import sql
from psycopg.rows import class_row

NAMES = ("house", "key:1", "shards:0")
"""What there is one of: all that is said and done once, the provider's key, the connection to Discord."""
LENGTH = 10.0
"""Seconds for which a lease is held without being renewed."""
GONE = 10.0
"""Seconds after which a process that waits and has not been seen is taken to have ended."""

_HOLDS = "BETWEEN clock_timestamp() AND clock_timestamp() + %(length)s"
"""When a lease ends that is held: a later end is from before the clock was set back."""
_WAITS = "BETWEEN clock_timestamp() - %(gone)s AND clock_timestamp() + %(gone)s"
"""When a process was seen that waits; the same goes for a later moment."""

_FREE = f"""
SELECT holder, extract(epoch FROM clock_timestamp() - since)::float8 FROM leases
WHERE name = ANY(%(names)s) AND holder <> %(holder)s
    AND until {_HOLDS} LIMIT 1
"""
_TAKE = f"""
INSERT INTO leases AS lease (name, holder, epoch, since, until)
SELECT name, %(holder)s, 1, clock_timestamp(), clock_timestamp() + %(length)s
FROM unnest(%(names)s::text[]) AS name ORDER BY name
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder,
    epoch = lease.epoch + (lease.holder <> excluded.holder)::int,
    since = excluded.since, until = excluded.until
WHERE lease.holder = excluded.holder
    OR lease.until NOT {_HOLDS}
RETURNING epoch
"""
_RENEW = """
UPDATE leases SET until = clock_timestamp() + %(length)s
WHERE name = ANY(%(names)s) AND holder = %(holder)s AND until > clock_timestamp()
RETURNING (extract(epoch FROM clock_timestamp()) * 1000)::bigint
"""
_GIVE_BACK = """
UPDATE leases SET until = clock_timestamp() WHERE holder = %(holder)s AND until > clock_timestamp()
"""
_HELD = "SELECT count(*) = {count} FROM leases WHERE holder = {holder} AND until > clock_timestamp()"
_SHOW = """
INSERT INTO standbys (holder, since, seen) VALUES (%(holder)s, clock_timestamp(), clock_timestamp())
ON CONFLICT (holder) DO UPDATE SET seen = excluded.seen
"""
_HELD_BY_WHOM = f"""
SELECT name, holder, epoch, extract(epoch FROM clock_timestamp() - since)::float8 AS held,
    extract(epoch FROM clock_timestamp() - until + %(length)s)::float8 AS renewed,
    extract(epoch FROM until - clock_timestamp())::float8 AS left, until {_HOLDS} AS holds
FROM leases ORDER BY name
"""
_WAITING = f"""
SELECT holder, extract(epoch FROM clock_timestamp() - since)::float8 AS waited,
    extract(epoch FROM clock_timestamp() - seen)::float8 AS seen
FROM standbys WHERE seen {_WAITS} ORDER BY since
"""
_HIDE = "DELETE FROM standbys WHERE holder = %(holder)s OR seen < clock_timestamp() - %(gone)s"

_USER = f"""
SELECT holder, 'works' FROM leases WHERE until {_HOLDS}
UNION ALL SELECT holder, 'waits to work' FROM standbys WHERE seen {_WAITS}
LIMIT 1
"""

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds a lease, and for how many seconds so far; ``left`` is below 0 once it is over.

    One that does not hold with seconds left is from before the database's clock was set back.
    """

    name: str
    holder: str
    epoch: int
    held: float
    renewed: float
    left: float
    holds: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A process that waits to take over, for how many seconds, and when it was last seen (seconds ago)."""

    holder: str
    waited: float
    seen: float


def in_the_way(connection: Connection, holder: str) -> tuple[str, float] | None:
    """Return who holds one of the leases, and since how many seconds; ``None`` if they may be taken.

    Asked first: what would take a lease locks its row even where it does not get it.
    """
    row = connection.execute(_FREE, _values(holder)).fetchone()
    return None if row is None else (str(row[0]), float(str(row[1])))


def take(connection: Connection, holder: str) -> bool:
    """Take all leases, or none."""
    connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
    try:
        with connection.transaction() as attempt:
            taken = connection.execute(_TAKE, _values(holder)).fetchall()
            if len(taken) < len(NAMES):
                raise psycopg.Rollback(attempt)
            connection.execute("DELETE FROM standbys WHERE holder = %(holder)s", {"holder": holder})
    except psycopg.errors.SerializationFailure:
        # Somebody else has taken them in this moment, or a transaction under way stands in between.
        return False
    finally:
        connection.isolation_level = None
    return len(taken) == len(NAMES)


def renew(connection: Connection, holder: str) -> int | None:
    """Hold all for another ``LENGTH``; return the database's time (Unix ms), ``None`` if they are lost."""
    rows = connection.execute(_RENEW, _values(holder)).fetchall()
    return int(str(rows[0][0])) if len(rows) == len(NAMES) else None


def give_back(connection: Connection, holder: str) -> None:
    """Let whoever waits take over at once."""
    connection.execute(_GIVE_BACK, {"holder": holder})


def held_statement(holder: str) -> str:
    """Return the statement of a ``Fence``, with its values in it: it goes along with BEGIN."""
    return sql.SQL(_HELD).format(count=len(NAMES), holder=holder).as_string()


def show_waiting(connection: Connection, holder: str) -> None:
    """Note that a process waits, for whoever asks, and forget those that do no more."""
    connection.execute(_SHOW, {"holder": holder})
    connection.execute(_HIDE, {"holder": "", "gone": timedelta(seconds=GONE)})


def hide_waiting(connection: Connection, holder: str) -> None:
    """Note that a process waits no more."""
    connection.execute(_HIDE, {"holder": holder, "gone": timedelta(seconds=GONE)})


def standing(connection: Connection) -> tuple[list[Held], list[Waiting]]:
    """Return who holds what, and who waits."""
    with connection.cursor(row_factory=class_row(Held)) as cursor:
        held = cursor.execute(_HELD_BY_WHOM, _values("")).fetchall()
    with connection.cursor(row_factory=class_row(Waiting)) as cursor:
        return held, cursor.execute(_WAITING, {"gone": timedelta(seconds=GONE)}).fetchall()


def user(connection: Connection) -> tuple[str, str] | None:
    """Return a process that holds a lease, or waits for one, and which of the two it does."""
    # Maintenance's own connection numbers its parameters.
    with psycopg.Cursor(connection) as cursor:
        row = cursor.execute(_USER, {**_values(""), "gone": timedelta(seconds=GONE)}).fetchone()
    return None if row is None else (str(row[0]), str(row[1]))


def _values(holder: str) -> dict[str, object]:
    return {"names": list(NAMES), "holder": holder, "length": timedelta(seconds=LENGTH)}
