"""PostgreSQL's schema: brought to the newest version, and compared with the one that the migrations make.

A new migration lets the version before it go on: while one host is brought up to date, the other one works
(``docs/storage.md``).
"""

import re
import secrets
import time
from collections.abc import Collection, Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, LiteralString, cast

import psycopg
from psycopg.pq import TransactionStatus

from storage.engines.versions import altered, half_moved, too_new, too_old
from storage.errors import Unusable

Connection = psycopg.Connection[Any]
"""One in autocommit mode: what is here begins and ends its own transactions."""

FOLDER = Path(__file__).parents[1] / "migrations" / "postgres"
STARTERS = 3_190_001
"""The advisory lock under which one of several that start together migrates."""
GUARDS = frozenset({"index", "trigger"})
READ = frozenset({"table", "view"})
"""What every question needs to be as it is known."""

_Schema = dict[tuple[str, str], tuple[str, str]]
"""Table and SQL of everything in a schema, by kind and name."""


def scripts() -> dict[int, Path]:
    """Return the migrations by number. The first makes at once what SQLite went through before."""
    return {int(file.name[:4]): file for file in sorted(FOLDER.glob("[0-9]*.sql"))}


def migrate(connection: Connection) -> int:
    """Bring a database to the newest version and return it; whoever starts at the same time waits.

    Raises
    ------
    TooNew
        It was written by a newer version of the program.
    Unusable
        Its tables are not those of its version, or it cannot hold all texts.
    psycopg.Error
        It cannot be written; the migration under way left nothing behind.
    """
    newest = max(scripts())
    require_known(connection)
    while version_of(connection) < newest:
        with _transaction(connection):
            _run(connection, f"SELECT pg_advisory_xact_lock({STARTERS})")
            # Another process may have done it while this one waited.
            number = min((each for each in scripts() if each > version_of(connection)), default=None)
            if number is not None:
                _run(connection, scripts()[number].read_text(encoding="utf-8"))
                at = time.time_ns() // 1_000_000
                _run(
                    connection,
                    "INSERT INTO versions (number, at, last_entry)"
                    f" SELECT {number}, {at}, COALESCE(MAX(id), 0) FROM entries",
                )
    return newest


def require_all_texts(connection: Connection) -> None:
    """Make sure that a database can hold whatever members write: an emoji is enough to be refused otherwise.

    Raises
    ------
    Unusable
        It cannot.
    """
    if (encoding := _one(connection, "SHOW server_encoding")) != "UTF8":
        raise Unusable(
            f"The database has the encoding {encoding}, which cannot hold all that members write. Make one"
            " with createdb --encoding=UTF8 --template=template0."
        )


def version_of(connection: Connection) -> int:
    """Return the version of a database; 0 for an empty one.

    Raises
    ------
    Unusable
        It does not say which, or in a table that is not ours.
    """
    columns = "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('versions') AND attnum > 0"
    found = {str(row[0]) for row in _run(connection, columns)}
    if not found:
        return 0
    if "number" not in found:
        raise Unusable("The database is not one of Darkroom's: its versions are another program's.")
    version = _one(connection, "SELECT MAX(number) FROM versions")
    if not isinstance(version, int):
        if _one(connection, "SELECT to_regclass('moving')") is not None:
            raise half_moved("the database")
        raise Unusable("The database does not say which version it has: restore a backup.")
    return version


def is_empty(connection: Connection) -> bool:
    """Tell whether there is no table or view, but those that came with an extension."""
    found = _one(
        connection,
        "SELECT count(*) FROM pg_class AS c WHERE relkind IN ('r', 'p', 'v', 'm', 'f')"
        " AND relnamespace = CAST(current_schema() AS regnamespace) AND NOT EXISTS"
        " (SELECT 1 FROM pg_depend AS d WHERE d.classid = CAST('pg_class' AS regclass) AND d.objid = c.oid"
        " AND d.deptype = 'e')",
    )
    return found == 0


def require_known(connection: Connection, *, kinds: Collection[str] = GUARDS | READ) -> int:
    """Return a database's version (0: it is empty), if this program knows it; nothing is changed.

    Raises
    ------
    TooNew
        It was written by a newer version of the program.
    Unusable
        Its tables are not those of its version, or it is to be written and cannot hold all texts.
    """
    if set(kinds) >= GUARDS:
        # Whoever only reads may take out what there is.
        require_all_texts(connection)
    version, newest = version_of(connection), max(scripts())
    if version > newest:
        raise too_new(version, newest)
    if version == 0:
        if not is_empty(connection):
            if version_of(connection):
                # Another process that starts has made them between the two questions.
                return require_known(connection, kinds=kinds)
            raise Unusable("The database is not one of Darkroom's: it has tables, but no version.")
    elif found := differences(connection, version, kinds=kinds):
        raise altered(version, found)
    return version


def require_newest(connection: Connection) -> None:
    """Refuse to read a database that this program would bring to a newer version first, or cannot know.

    Raises
    ------
    StorageError
        It has another version, or not the tables of its own.
    """
    version, newest = require_known(connection, kinds=READ), max(scripts())
    if version < newest:
        raise too_old(version, newest)


def differences(connection: Connection, version: int, *, kinds: Collection[str] = GUARDS | READ) -> list[str]:
    """Return what a database lacks of a version, has otherwise, or has on our tables beyond it.

    Raises
    ------
    psycopg.Error
        The role may not make a schema, or the database cannot be used.
    """
    whole = _of_version(connection, version, FOLDER)
    ours, theirs = _only(kinds, whole), _only(kinds, _of(connection))
    tables = {table for table, _ in whole.values()}
    missing = [f"{name} is gone" for _, name in ours.keys() - theirs.keys()]
    changed = [f"{key[1]} was changed" for key in ours.keys() & theirs.keys() if ours[key] != theirs[key]]
    added = [
        f"{kind_name[1]} was added"
        for kind_name in theirs.keys() - ours.keys()
        if theirs[kind_name][0] in tables and _may_refuse(kind_name[0], theirs[kind_name][1])
    ]
    return sorted([*missing, *changed, *added])


def _only(kinds: Collection[str], schema: _Schema) -> _Schema:
    return {key: known for key, known in schema.items() if key[0] in kinds}


def _may_refuse(kind: str, sql: str) -> bool:
    return kind == "trigger" or bool(re.match(r"CREATE UNIQUE", sql))


_made: dict[tuple[int, Path], _Schema] = {}


def _of_version(connection: Connection, version: int, folder: Path) -> _Schema:
    """Return what every database of a version has: it is made beside ours, and taken back."""
    if (version, folder) not in _made:
        beside = f"darkroom_{secrets.token_hex(8)}"
        with _taken_back(connection):
            _run(connection, f"CREATE SCHEMA {beside}; SET LOCAL search_path = {beside}")
            for number in (each for each in scripts() if each <= version):
                _run(connection, scripts()[number].read_text(encoding="utf-8"))
            _made[version, folder] = _of(connection)
    return _made[version, folder]


def _of(connection: Connection) -> _Schema:
    prefix = f"{_one(connection, 'SELECT quote_ident(current_schema())')}."
    rows = _run(connection, _catalogue(FOLDER))
    return {
        (str(kind), str(name)): (str(table), str(sql).replace(prefix, "")) for kind, name, table, sql in rows
    }


@cache
def _catalogue(folder: Path) -> str:
    """Return the query of the view ``catalogue``: a database's own may have been changed with the rest."""
    texts = "".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("[0-9]*.sql")))
    return re.findall(r"^CREATE (?:OR REPLACE )?VIEW catalogue AS\n(.*?);$", texts, re.MULTILINE | re.DOTALL)[
        -1
    ]


@contextmanager
def _taken_back(connection: Connection) -> Generator[None]:
    """Undo what is done, inside of a transaction or outside of one."""
    inside = connection.info.transaction_status is not TransactionStatus.IDLE
    _run(connection, "SAVEPOINT aside" if inside else "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
    try:
        yield
    finally:
        if not connection.closed:
            _run(connection, "ROLLBACK TO SAVEPOINT aside" if inside else "ROLLBACK")


@contextmanager
def _transaction(connection: Connection) -> Generator[None]:
    _run(connection, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
    try:
        yield
        _run(connection, "COMMIT")
    except BaseException:
        if not connection.closed:
            _run(connection, "ROLLBACK")
        raise


def _run(connection: Connection, sql: str) -> psycopg.Cursor[Any]:
    # The migrations are files of ours, not literals.
    return connection.execute(cast("LiteralString", sql))


def _one(connection: Connection, sql: str) -> Any:  # noqa: ANN401 - whatever the column holds
    row = _run(connection, sql).fetchone()
    return None if row is None else row[0]
