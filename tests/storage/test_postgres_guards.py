"""On PostgreSQL, too, what must not change, go or be replaced does not, and what guards it is looked at."""

import subprocess
import threading
from collections.abc import Iterator
from typing import Any, LiteralString, cast

import psycopg
import pytest

from playground.postgres import PrivatePostgres, binaries
from storage.engines import postgres_schema
from storage.engines.postgres_schema import differences, migrate, require_known, require_newest, version_of
from storage.erasure_key import ErasureKey
from storage.errors import TooNew, Unusable
from storage.moving.move import move
from storage.postgres_store import postgres_target
from storage.sqlite import FILE_NAME
from storage.store import SqliteStore
from tests.storage.filled_book import filled_book
from tests.storage.test_guards import KEPT, NAMED, may_change

Row = tuple[Any, ...]
Connection = psycopg.Connection[Row]

NOTHING = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
ADJUST = (
    "INSERT INTO entries (id, kind, guild_id, member, model, at, held, spent, reason_id, moderator)"
    " SELECT {}, kind, guild_id, member, model, at, held, spent, reason_id, moderator FROM entries"
    " WHERE kind = 'adjust' LIMIT 1"
)


@pytest.fixture(scope="module")
def url(postgres: PrivatePostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a database with a row of every kind."""
    folder = tmp_path_factory.mktemp("old")
    (folder / FILE_NAME).write_bytes(filled_book())
    made = postgres.new_database()
    with SqliteStore(folder).resting() as source, postgres_target(made, ErasureKey(folder)) as target:
        move(source, target, say=lambda _: None, check=lambda _: None)
    yield made
    postgres.drop_database(made)


@pytest.fixture
def tx(url: str) -> Iterator[Connection]:
    """Return a transaction that is taken back."""
    with psycopg.connect(url, cursor_factory=psycopg.RawCursor) as connection:
        yield connection
        connection.rollback()


def ask(tx: Connection, sql: str, *values: object) -> list[Row]:
    return tx.execute(cast("LiteralString", sql), values or None).fetchall()


def columns(tx: Connection, table: str) -> list[str]:
    query = (
        "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 ORDER BY attnum"
    )
    return [row[0] for row in ask(tx, query, table)]


def rows(tx: Connection, table: str) -> list[Row]:
    return ask(tx, f"SELECT * FROM {table} ORDER BY 1, 2")


def refused(tx: Connection, statement: str, *values: object) -> str | None:
    """Run a statement and take it back; return why it was refused, ``None`` if it was not."""
    try:
        with tx.transaction(force_rollback=True):
            tx.execute(cast("LiteralString", statement), values or None)
    except psycopg.Error as error:
        return error.diag.message_primary
    return None


def unchanged(tx: Connection, table: str, statement: str, *values: object) -> bool:
    """Run a statement that may be refused, take it back, and tell whether the old rows are as they were."""
    before = rows(tx, table)
    try:
        with tx.transaction(force_rollback=True):
            tx.execute(cast("LiteralString", statement), values or None)
            return {*before} <= {*rows(tx, table)}
    except psycopg.Error:
        return True


@pytest.mark.parametrize("table", [*KEPT, "jobs"])
def test_no_row_goes(tx: Connection, table: str) -> None:
    why = refused(tx, f"DELETE FROM {table}")
    assert why
    assert refused(tx, f"TRUNCATE {table} CASCADE") == why


@pytest.mark.parametrize("table", [*KEPT, *NAMED, "jobs"])
def test_no_row_is_replaced_by_its_key_or_any_other(tx: Connection, table: str) -> None:
    names = columns(tx, table)
    places = ", ".join(f"${number}" for number in range(1, len(names) + 1))
    insert = f"INSERT INTO {table} VALUES ({places})"
    changes = ", ".join(f"{name} = excluded.{name}" for name in names)
    keys = ask(
        tx,
        "SELECT array_agg(a.attname::text) FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = i.indexrelid"
        " WHERE i.indrelid = $1::text::regclass AND i.indisunique AND i.indpred IS NULL GROUP BY i.indexrelid",
        table,
    )
    for row in rows(tx, table)[-3:]:
        assert unchanged(tx, table, insert, *row)
        for (key,) in keys:
            other = [each if name in key else _other(each) for name, each in zip(names, row, strict=True)]
            conflict = f"{insert} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"
            assert table == "jobs" or unchanged(tx, table, conflict, *other), key


def _other(value: object) -> object:
    return f"{value}x" if isinstance(value, str) else value if value is None else int(str(value)) + 5_000


@pytest.mark.parametrize("table", [*KEPT, *NAMED])
def test_no_value_is_changed_but_what_may_be_taken_away(tx: Connection, table: str) -> None:
    for name in columns(tx, table):
        (kind,) = ask(tx, f"SELECT pg_typeof({name})::text FROM {table} LIMIT 1")[0]
        for value in (None, 0, 1, 7, 99_999) if kind == "bigint" else (None, "", "x"):
            may = (table, name, value) in may_change()
            assert may or unchanged(tx, table, f"UPDATE {table} SET {name} = $1", value), (name, value)


@pytest.mark.parametrize("column", ["id", "provider_job_id", "secret", "follows"])
def test_no_job_takes_the_place_of_another(tx: Connection, column: str) -> None:
    first, last = ask(tx, f"SELECT MIN(id), MAX(id) FROM jobs WHERE {column} IS NOT NULL")[0]
    taken = ask(tx, f"SELECT {column} FROM jobs WHERE id = $1", first)[0][0]
    assert refused(tx, f"UPDATE jobs SET {column} = $1 WHERE id = $2", taken, last if last != first else "")
    assert refused(tx, f"UPDATE jobs SET {column} = $1 WHERE id <> $2", taken, first)


def test_an_entry_is_only_added_at_the_end(tx: Connection) -> None:
    for place, problem in ((-1, "order of commits"), (0, "order of commits"), (1, "order of commits")):
        assert problem in str(refused(tx, ADJUST.format(place)))
    tx.execute(cast("LiteralString", ADJUST.format(10_000)))
    assert "order of commits" in str(refused(tx, ADJUST.format(9_999)))
    assert ask(tx, ADJUST.format("NULL") + " RETURNING id") == [(10_001,)]


def test_an_entry_waits_for_whoever_was_before_it(url: str) -> None:
    """Ids are drawn one after the other has ended: a higher one is never there before a lower one."""
    drawn: list[int] = []

    def later() -> None:
        with psycopg.connect(url) as second:
            drawn.extend(row[0] for row in ask(second, ADJUST.format("NULL") + " RETURNING id"))
            second.rollback()

    with psycopg.connect(url) as first, psycopg.connect(url, autocommit=True) as watcher:
        ((earlier,),) = ask(first, ADJUST.format("NULL") + " RETURNING id")
        thread = threading.Thread(target=later)
        thread.start()
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while ask(watcher, waiting) != [(1,)]:
            thread.join(0.01)
        assert not drawn
        first.rollback()
        thread.join()
    assert drawn[0] > earlier


def test_a_server_has_one_key_at_a_time_and_none_twice(tx: Connection) -> None:
    assert ask(tx, "INSERT INTO keys (guild_id) VALUES (5) RETURNING id") == [(2,)]
    assert "keys_in_use" in str(refused(tx, "INSERT INTO keys (guild_id) VALUES (5)"))
    tx.execute("UPDATE keys SET ended_at = 1 WHERE guild_id = 5")
    tx.execute("INSERT INTO keys (guild_id) VALUES (5)")
    assert "never used again" in str(refused(tx, "UPDATE keys SET ended_at = NULL WHERE id = 2"))


@pytest.mark.parametrize(
    ("done", "said"),
    [
        ("ALTER TABLE entries DISABLE TRIGGER entries_no_update", ["entries_no_update was changed"]),
        ("DROP TRIGGER entries_end_once ON entries", ["entries_end_once is gone"]),
        ("DROP INDEX jobs_by_secret", ["jobs_by_secret is gone"]),
        ("ALTER TABLE jobs DROP CONSTRAINT jobs_reserved_check", ["jobs was changed"]),
        ("ALTER TABLE jobs ADD COLUMN mine TEXT", ["jobs was changed"]),
        ("CREATE UNIQUE INDEX mine ON jobs (id, member)", ["mine was added"]),
        ("CREATE INDEX mine ON jobs (id, member)", []),
        ("CREATE TABLE mine (a TEXT UNIQUE)", []),
        (
            f"CREATE OR REPLACE FUNCTION end_once() {NOTHING}",
            ["entries_end_once was changed"],
        ),
        ("DROP VIEW catalogue; CREATE VIEW catalogue AS SELECT 1", ["catalogue was changed"]),
    ],
)
def test_whatever_guards_is_missed(tx: Connection, done: LiteralString, said: list[str]) -> None:
    assert differences(tx, version_of(tx)) == []
    tx.execute(done)
    assert differences(tx, version_of(tx)) == said


def test_what_pg_dump_wrote_is_the_same_database(postgres: PrivatePostgres, url: str) -> None:
    restored = postgres.new_database()
    dump = subprocess.run([binaries() / "pg_dump", url], capture_output=True, check=True)
    psql = [binaries() / "psql", "--quiet", "--set=ON_ERROR_STOP=1", restored]
    subprocess.run(psql, input=dump.stdout, check=True, stdout=subprocess.DEVNULL)
    with psycopg.connect(restored, autocommit=True) as connection:
        require_newest(connection)
        assert differences(connection, version_of(connection)) == []
    postgres.drop_database(restored)


def test_whoever_starts_together_makes_one_schema(postgres_url: str) -> None:
    made: list[int] = []

    def start() -> None:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            made.append(migrate(connection))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [12] * 4


def test_an_extension_is_in_nobodys_way_but_a_table_is(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_buffercache")
        connection.execute("CREATE TABLE mine (a INT)")
        with pytest.raises(Unusable, match="has tables, but no version"):
            migrate(connection)
        connection.execute("DROP TABLE mine")
        migrate(connection)
        connection.execute("INSERT INTO versions VALUES (99, 1)")
        with pytest.raises(TooNew):
            require_known(connection)


def test_two_that_start_at_once_both_find_the_tables_of_one(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        psycopg.connect(postgres_url, autocommit=True) as one,
        psycopg.connect(postgres_url, autocommit=True) as other,
    ):
        ask = postgres_schema.is_empty

        def meanwhile(connection: Connection) -> bool:
            monkeypatch.setattr(postgres_schema, "is_empty", ask)
            migrate(other)
            return ask(connection)

        monkeypatch.setattr(postgres_schema, "is_empty", meanwhile)
        assert migrate(one) == version_of(other)
