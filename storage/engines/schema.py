"""The schema that the migrations make, and what a database has otherwise.

What somebody added does no harm, except on our tables: a trigger there may do anything to a row, a unique
index may refuse one.
"""

import re
import sqlite3
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

from storage.tx import Tx

FOLDER = Path(__file__).parents[1] / "migrations" / "sqlite"

Schema = dict[str, tuple[str, str, str]]
"""Kind, table and SQL of everything in a database, by name."""


def scripts() -> dict[int, Path]:
    """Return the migrations by number."""
    return {int(file.name[:4]): file for file in sorted(FOLDER.glob("[0-9]*.sql"))}


def statements(script: str) -> Iterator[tuple[str, str]]:
    """Yield each statement of a migration with the part to which it belongs."""
    part = statement = ""
    for piece in re.split("(?<=;)", script):
        statement += piece
        if sqlite3.complete_statement(statement):
            part = [part, *re.findall("^-- part: (.*)$", statement, re.MULTILINE)][-1]
            yield part, statement
            statement = ""


GUARDS = frozenset({"index", "trigger"})
READ = frozenset({"table", "view"})
"""What every question needs to be as it is known."""


def differences(connection: Tx, version: int, *, kinds: Collection[str] = GUARDS | READ) -> list[str]:
    """Return what a database lacks of a version, has otherwise, or has on our tables beyond it."""
    ours, theirs = _only(kinds, _of_version(version, FOLDER)), _only(kinds, _of(connection))
    tables = {table for _, table, _ in _of_version(version, FOLDER).values()}
    missing = [f"{name} is gone" for name in ours.keys() - theirs.keys()]
    changed = [f"{name} was changed" for name in ours.keys() & theirs.keys() if ours[name] != theirs[name]]
    added = [
        f"{name} was added"
        for name in theirs.keys() - ours.keys()
        if theirs[name][1] in tables and _may_refuse(*theirs[name])
    ]
    return sorted([*missing, *changed, *added])


def _only(kinds: Collection[str], schema: Schema) -> Schema:
    return {name: known for name, known in schema.items() if known[0] in kinds}


def _may_refuse(kind: str, _: str, sql: str) -> bool:
    return kind == "trigger" or bool(re.match(r"CREATE\s+UNIQUE", sql, re.IGNORECASE))


@cache
def _of_version(version: int, folder: Path) -> Schema:  # noqa: ARG001 - a test has a folder of its own
    """Return what every database of a version has, from one that is made for the purpose."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for number in (each for each in scripts() if each <= version):
            for _, statement in statements(scripts()[number].read_text(encoding="utf-8")):
                connection.execute(statement)
        return _of(connection)
    finally:
        connection.close()


def _of(connection: Tx) -> Schema:
    rows = connection.execute("SELECT name, type, tbl_name, sql FROM sqlite_master WHERE sql <> ''")
    return {str(name): (str(kind), str(table), str(sql)) for name, kind, table, sql in rows}
