"""Migrations: each in one transaction, never twice, never backwards."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.engines import schema as subject
from storage.engines.migrate import migrate, version_of
from storage.errors import TooNew

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations, to which a test adds its own."""
    copy = tmp_path / "migrations"
    shutil.copytree(subject.FOLDER, copy)
    monkeypatch.setattr(subject, "FOLDER", copy)
    return copy


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(tmp_path / "some.db", isolation_level=None)
    yield opened
    opened.close()


def version(connection: sqlite3.Connection) -> int:
    return version_of(connection)


def tables(connection: sqlite3.Connection) -> set[str]:
    return {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def newest() -> int:
    return max(int(file.name[:4]) for file in subject.FOLDER.glob("*.sql"))


def test_an_empty_file_becomes_the_newest_version(connection: sqlite3.Connection) -> None:
    assert migrate(connection) == newest() == version(connection)
    assert tables(connection) >= {"jobs", "images", "entries", "usage", "facts"}


def test_a_second_start_changes_nothing(connection: sqlite3.Connection) -> None:
    migrate(connection)
    connection.execute("INSERT INTO facts VALUES ('kept', 'yes')")
    before = connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    migrate(connection)
    assert connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall() == before
    assert connection.execute("SELECT value FROM facts").fetchone() == ("yes",)


def test_only_what_is_new_is_applied_in_order(connection: sqlite3.Connection, folder: Path) -> None:
    first = migrate(connection)
    (folder / f"{first + 2:04}_second.sql").write_text("INSERT INTO extra VALUES ('by the second');")
    (folder / f"{first + 1:04}_first.sql").write_text("CREATE TABLE extra (value TEXT);")
    assert migrate(connection) == first + 2
    assert connection.execute("SELECT value FROM extra").fetchall() == [("by the second",)]


def test_a_migration_that_fails_in_the_middle_leaves_nothing_of_itself(
    connection: sqlite3.Connection, folder: Path
) -> None:
    first = migrate(connection)
    (folder / f"{first + 1:04}_good.sql").write_text("CREATE TABLE good (value TEXT);")
    bad = folder / f"{first + 2:04}_bad.sql"
    bad.write_text("CREATE TABLE bad (value TEXT); INSERT INTO nowhere VALUES (1);")
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrate(connection)
    assert version(connection) == first + 1
    assert "good" in tables(connection)
    assert "bad" not in tables(connection)
    bad.write_text("CREATE TABLE bad (value TEXT);")
    assert migrate(connection) == first + 2
    assert "bad" in tables(connection)


def test_a_newer_version_is_refused_in_a_sentence(connection: sqlite3.Connection) -> None:
    migrate(connection)
    before = tables(connection)
    connection.execute("INSERT INTO versions (number, at) VALUES (?, 0)", (newest() + 1,))
    with pytest.raises(TooNew, match=rf"version {newest() + 1}, this program knows {newest()}.*\.$"):
        migrate(connection)
    assert tables(connection) == before
