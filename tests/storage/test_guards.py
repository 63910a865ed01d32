"""What must not change, go or be replaced does not, by whatever statement it is tried."""

import sqlite3
from collections.abc import Iterator

import pytest

from tests.storage.filled_book import filled_book

pytestmark = pytest.mark.sqlite_only

KEPT = ("entries", "members", "keys", "versions", "reasons", "balances", "drifts", "suspects")
"""Tables of which no row ever goes."""
NAMED = ("aliases", "wishes")
"""Tables whose rows may go, but lead where they led."""
LAST = 3
"""Rows of a table, the newest, whose keys are tried."""


@pytest.fixture(params=[False, True], ids=["as it is", "recursive triggers"])
def tx(request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.deserialize(filled_book())
    made.execute(f"PRAGMA recursive_triggers = {request.param}")
    yield made
    made.close()


def rows(tx: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    return tx.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid").fetchall()


def columns(tx: sqlite3.Connection, table: str) -> list[str]:
    return [str(row[1]) for row in tx.execute(f"PRAGMA table_info({table})")]


def unchanged(tx: sqlite3.Connection, table: str, statement: str, values: tuple[object, ...] = ()) -> bool:
    """Run a statement that may be refused, take it back, and tell whether the old rows are as they were."""
    before = rows(tx, table)
    tx.execute("BEGIN")
    try:
        tx.execute(statement, values)
        return set(before) <= set(rows(tx, table))
    except sqlite3.IntegrityError:
        return True
    finally:
        tx.execute("ROLLBACK")


@pytest.mark.parametrize("table", [*KEPT, "jobs"])
def test_no_row_goes(tx: sqlite3.Connection, table: str) -> None:
    assert unchanged(tx, table, f"DELETE FROM {table}")
    assert unchanged(tx, table, f"DELETE FROM {table} WHERE rowid = (SELECT MAX(rowid) FROM {table})")


@pytest.mark.parametrize("table", [*KEPT, *NAMED, "jobs"])
def test_no_row_is_replaced_by_its_key_or_any_other(tx: sqlite3.Connection, table: str) -> None:
    names = columns(tx, table)
    places = ", ".join("?" * len(names))
    for rowid, *row in rows(tx, table)[-LAST:]:
        for kept in range(len(names)):
            # As before in one column, so that any unique one of them meets the row that is there.
            other = [each if place == kept else _other(each) for place, each in enumerate(row)]
            for given in (row, other):
                assert unchanged(tx, table, f"REPLACE INTO {table} VALUES ({places})", tuple(given))
        assert unchanged(
            tx,
            table,
            f"REPLACE INTO {table} (rowid, {', '.join(names)}) VALUES (?, {places})",
            (rowid, *map(_other, row)),
        )


@pytest.mark.parametrize("table", [*KEPT, *NAMED])
def test_every_key_of_a_table_is_there_to_be_met(tx: sqlite3.Connection, table: str) -> None:
    # A migration may add one: without a row that has it, nothing above would try it.
    tried = [dict(zip(["rowid", *columns(tx, table)], row, strict=True)) for row in rows(tx, table)[-LAST:]]
    for _, index, unique, *_ in tx.execute(f"PRAGMA index_list({table})").fetchall():
        key = [str(row[2]) for row in tx.execute(f"PRAGMA index_info({index})")]
        if unique and table != "entries":
            assert any(all(row[name] is not None for name in key) for row in tried), index


def _other(value: object) -> object:
    return f"{value}x" if isinstance(value, str) else value if value is None else int(str(value)) + 5_000


@pytest.mark.parametrize("table", [*KEPT, *NAMED])
def test_no_value_is_changed_but_what_may_be_taken_away(tx: sqlite3.Connection, table: str) -> None:
    may = may_change()
    _refuses_all_but(tx, table, may)
    for name, value in {name: value for of, name, value in may if of == table}.items():
        tx.execute(f"UPDATE {table} SET {name} = ?", (value,))
    # Nor is anything else changed together with it, or afterwards.
    _refuses_all_but(tx, table, may)


def may_change() -> set[tuple[str, str, object]]:
    """Return what may be set, and to what: table, column, value."""
    may: set[tuple[str, str, object]] = {("members", "snowflake", None), ("reasons", "text", None)}
    may |= {("wishes", "taken_back", value) for value in (1, 7, 99_999, "x")}
    return may | {("keys", "ended_at", value) for value in (0, 1, 7, 99_999, "x")}


def _refuses_all_but(tx: sqlite3.Connection, table: str, may: set[tuple[str, str, object]]) -> None:
    for name in ["rowid", *columns(tx, table)]:
        for value in (None, 0, 1, 7, 99_999, "x"):
            statement = f"UPDATE OR REPLACE {table} SET {name} = ?"
            if (table, name, value) not in may:
                assert unchanged(tx, table, statement, (value,)), (name, value)


@pytest.mark.parametrize("column", ["rowid", "id", "provider_job_id", "secret", "follows"])
def test_no_job_takes_the_place_of_another(tx: sqlite3.Connection, column: str) -> None:
    others = f"{column} IS NOT NULL AND rowid < (SELECT MAX(rowid) FROM jobs)"
    # Ids and secrets are drawn: the smallest of all may be the last row's own.
    taken = tx.execute(f"SELECT MIN({column}) FROM jobs WHERE {others}").fetchone()[0]
    before = tx.execute("SELECT id FROM jobs ORDER BY id").fetchall()
    statement = f"UPDATE OR REPLACE jobs SET {column} = ? WHERE rowid = (SELECT MAX(rowid) FROM jobs)"
    with pytest.raises(sqlite3.IntegrityError, match="never replaced"):
        tx.execute(statement, (taken,))
    assert tx.execute("SELECT id FROM jobs ORDER BY id").fetchall() == before


def test_an_entry_is_only_added_at_the_end(tx: sqlite3.Connection) -> None:
    adjust = (
        "INSERT INTO entries (id, kind, guild_id, member, model, at, held, spent, reason_id, moderator)"
        " SELECT ?, kind, guild_id, member, model, at, held, spent, reason_id, moderator FROM entries"
        " WHERE kind = 'adjust' LIMIT 1"
    )
    for place, problem in ((-1, "CHECK"), (0, "CHECK"), (1, "append-only")):
        with pytest.raises(sqlite3.IntegrityError, match=problem):
            tx.execute(adjust, (place,))
    tx.execute(adjust, (10_000,))
    with pytest.raises(sqlite3.IntegrityError, match="order of commits"):
        tx.execute(adjust, (9_999,))
    tx.execute(adjust, (None,))


def test_a_server_has_one_key_at_a_time_and_none_twice(tx: sqlite3.Connection) -> None:
    tx.execute("INSERT INTO keys (guild_id) VALUES (5)")
    with pytest.raises(sqlite3.IntegrityError):
        tx.execute("INSERT INTO keys (guild_id) VALUES (5)")
    tx.execute("UPDATE keys SET ended_at = 1 WHERE guild_id = 5")
    assert tx.execute("INSERT INTO keys (guild_id) VALUES (5) RETURNING id").fetchone() == (3,)
    with pytest.raises(sqlite3.IntegrityError):
        tx.execute("UPDATE keys SET ended_at = NULL WHERE id = 2")
