"""Both engines' schemas are equal, but for what is listed here with its reason."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, LiteralString, cast

import psycopg
import pytest

from playground.postgres import PrivatePostgres
from storage.engines.postgres_schema import migrate
from storage.engines.postgres_schema import scripts as postgres_scripts
from storage.engines.schema import scripts, statements

Row = tuple[Any, ...]
Ask = Callable[[str], list[Row]]

ONLY_POSTGRES = {"leases", "standbys", "lives"}
"""Tables for what several processes have to settle among themselves."""
KEYS_GIVEN_BY_A_TRIGGER = {"entries"}
"""An identity column's default would be drawn before the lock that keeps ids in the order of commits."""
KEYS_THAT_ARE_NAMED = {"versions"}
"""Every number of a version is given; SQLite's INTEGER PRIMARY KEY draws one for whoever gives none."""
NOT_IN_POSTGRES = {"jobs_no_meeting"}
"""Triggers against OR REPLACE, which PostgreSQL does not have, as the ones called ``_no_replace``: its unique
indexes refuse what would meet a row."""
NOT_IN_SQLITE = "_no_truncate"
"""Triggers against TRUNCATE, which SQLite does not have; on tables of which no row goes, and on jobs."""


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Ask]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    for file in scripts().values():
        for _, statement in statements(file.read_text()):
            made.execute(statement)
    yield lambda sql: made.execute(sql).fetchall()
    made.close()


@pytest.fixture(scope="module", name="postgres")
def _postgres(postgres: PrivatePostgres) -> Iterator[Ask]:
    url = postgres.new_database()
    with psycopg.connect(url, autocommit=True) as made:
        migrate(made)
        yield lambda sql: made.execute(cast("LiteralString", sql)).fetchall()
    postgres.drop_database(url)


def test_the_numbers_of_the_versions_are_the_same(sqlite: Ask, postgres: Ask) -> None:
    assert max(scripts()) == max(postgres_scripts())
    assert postgres("SELECT number FROM versions ORDER BY number") == [(each,) for each in sorted(scripts())]


def test_tables_have_the_same_columns(sqlite: Ask, postgres: Ask) -> None:
    columns: dict[str, list[Row]] = {}
    for table, name, kind, given, default, key in sqlite(
        'SELECT t.name, c.name, c.type, c."notnull", c.dflt_value, c.pk FROM sqlite_master AS t,'
        " pragma_table_info(t.name) AS c WHERE t.type = 'table' ORDER BY t.name, c.cid"
    ):
        # No key is NULL, which SQLite takes for granted of integers only.
        columns.setdefault(table, []).append((name, _KINDS[kind], bool(given or key), default))
    found: dict[str, list[Row]] = {}
    for table, name, kind, given, default in postgres(
        "SELECT t.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,"
        " pg_get_expr(d.adbin, d.adrelid) FROM pg_class AS t JOIN pg_attribute AS a ON a.attrelid = t.oid"
        " LEFT JOIN pg_attrdef AS d ON d.adrelid = t.oid AND d.adnum = a.attnum WHERE t.relkind = 'r'"
        " AND t.relnamespace = 'public'::regnamespace AND a.attnum > 0 ORDER BY t.relname, a.attnum"
    ):
        kept = _KINDS.get(kind, kind)
        found.setdefault(table, []).append((name, kept, given, default and _plain(default)))
    assert found.keys() - columns.keys() == ONLY_POSTGRES
    assert {table: found.get(table) for table in columns} == columns


_KINDS = {"INTEGER": "integer", "BIGINT": "integer", "bigint": "integer", "TEXT": "text", "text": "text"}
"""SQLite's INTEGER takes what BIGINT does."""


def test_texts_are_compared_by_their_bytes_as_sqlite_does(postgres: Ask) -> None:
    found = postgres(
        "SELECT t.relname, a.attname FROM pg_class AS t JOIN pg_attribute AS a ON a.attrelid = t.oid"
        " JOIN pg_collation AS l ON l.oid = a.attcollation WHERE t.relkind = 'r' AND l.collname <> 'C'"
        " AND t.relnamespace = 'public'::regnamespace"
    )
    assert {table for table, _ in found} <= ONLY_POSTGRES


def test_numbers_are_drawn_for_the_same_keys(sqlite: Ask, postgres: Ask) -> None:
    drawn = {
        table
        for table, kind, keys in sqlite(
            "SELECT t.name, MAX(c.type), count(*) FROM sqlite_master AS t, pragma_table_info(t.name) AS c"
            " WHERE t.type = 'table' AND c.pk > 0 GROUP BY t.name"
        )
        if kind == "INTEGER" and keys == 1
    }
    identities = postgres("SELECT table_name FROM information_schema.columns WHERE is_identity = 'YES'")
    assert {row[0] for row in identities} == drawn - KEYS_GIVEN_BY_A_TRIGGER - KEYS_THAT_ARE_NAMED


def test_keys_and_indexes_are_the_same(sqlite: Ask, postgres: Ask) -> None:
    there: set[Row] = set()
    for table, name, unique, sql, origin in sqlite(
        "SELECT i.tbl_name, i.name, l.\"unique\", COALESCE(i.sql, ''), l.origin FROM sqlite_master AS i,"
        " pragma_index_list(i.tbl_name) AS l ON l.name = i.name WHERE i.type = 'index'"
    ):
        columns = tuple(row[0] for row in sqlite(f"SELECT name FROM pragma_index_info('{name}')"))
        where = _plain(sql.partition("WHERE")[2])
        there.add((table, name if origin == "c" else "", bool(unique), columns, where))
    for table, column in sqlite(
        "SELECT t.name, c.name FROM sqlite_master AS t, pragma_table_info(t.name) AS c"
        " WHERE t.type = 'table' AND c.pk > 0 AND c.type = 'INTEGER' AND 1 ="
        " (SELECT count(*) FROM pragma_table_info(t.name) AS k WHERE k.pk > 0)"
    ):
        # Such a key is the row's own number, without an index.
        there.add((table, "", True, (column,), ""))
    # The only table of SQLite's that is an index itself.
    there.add(("usage", "", True, ("guild_id", "grain", "start", "member", "model"), ""))
    found = {
        (table, "" if constrains else name, unique, tuple(columns), _plain(where or ""))
        for table, name, unique, columns, where, constrains in postgres(
            "SELECT t.relname, c.relname, i.indisunique, (SELECT array_agg(a.attname ORDER BY a.attnum)"
            " FROM pg_attribute AS a WHERE a.attrelid = c.oid), pg_get_expr(i.indpred, i.indrelid),"
            " EXISTS (SELECT 1 FROM pg_constraint AS k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u'))"
            " FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_class AS t"
            " ON t.oid = i.indrelid WHERE t.relnamespace = 'public'::regnamespace"
        )
        if table not in ONLY_POSTGRES
    }
    assert found == there


def test_checks_and_references_are_the_same(sqlite: Ask, postgres: Ask) -> None:
    there = {
        (table, _plain(check))
        for table, sql in sqlite("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        for check in _checks(sql)
    }
    there |= {
        (table, f"{column} leads to {target}.{key}")
        for table, column, target, key in sqlite(
            'SELECT t.name, f."from", f."table", f."to" FROM sqlite_master AS t,'
            " pragma_foreign_key_list(t.name) AS f WHERE t.type = 'table'"
        )
    }
    found: set[Row] = set()
    for table, kind, sql in postgres(
        "SELECT t.relname, k.contype, pg_get_constraintdef(k.oid) FROM pg_constraint AS k JOIN pg_class AS t"
        " ON t.oid = k.conrelid WHERE k.contype IN ('c', 'f') AND t.relnamespace = 'public'::regnamespace"
    ):
        if match := re.fullmatch(r"FOREIGN KEY \((\w+)\) REFERENCES (\w+)\((\w+)\)", sql):
            found.add((table, "{} leads to {}.{}".format(*match.groups())))
        else:
            assert kind in ("c", b"c"), sql
            found.add((table, _plain(sql.removeprefix("CHECK "))))
    assert {each for each in found if each[0] not in ONLY_POSTGRES} == there


def test_the_same_is_guarded(sqlite: Ask, postgres: Ask) -> None:
    there = set(sqlite("SELECT name, tbl_name FROM catalogue WHERE type = 'trigger'"))
    found = set(postgres("SELECT name, tbl_name FROM catalogue WHERE type = 'trigger'"))
    without = {each for each in there if each[0].endswith("_no_replace") or each[0] in NOT_IN_POSTGRES}
    beyond = {each for each in found if each[0].endswith(NOT_IN_SQLITE)}
    assert found - beyond == there - without
    assert {table for _, table in beyond} == {table for name, table in there if name.endswith("_no_delete")}


def test_views_are_the_same(sqlite: Ask, postgres: Ask) -> None:
    there = sqlite("SELECT name FROM catalogue WHERE type = 'view' ORDER BY name")
    assert postgres("SELECT name FROM catalogue WHERE type = 'view' ORDER BY name") == there
    for (view,) in there:
        columns = sqlite(f"SELECT name FROM pragma_table_info('{view}')")
        assert columns == postgres(
            "SELECT attname::text FROM pg_attribute"
            f" WHERE attrelid = '{view}'::regclass AND attnum > 0 ORDER BY attnum"
        )


def _checks(sql: str) -> Iterator[str]:
    """Yield what stands between the brackets of each CHECK."""
    for match in re.finditer(r"CHECK \(", sql):
        depth, end = 1, match.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(sql[end], 0)
            end += 1
        yield sql[match.end() : end - 1]


def _plain(sql: str) -> str:
    """Write a condition as both engines do: PostgreSQL adds types and brackets, and has no IN of its own."""
    sql = re.sub(r'::\w+|"', "", sql).replace("= ANY (ARRAY[", "IN (").replace("])", ")")
    return re.sub(r"[\s()]", "", sql)
