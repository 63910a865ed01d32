"""A disk that is full while a move makes a data directory is one sentence, and the move is gone on with."""

import sqlite3
from pathlib import Path

import pytest

from storage.engines.lock import locked_directory
from storage.errors import Hindered
from storage.moving.move import move
from storage.moving.sqlite_ends import SqliteTarget
from storage.sqlite import FILE_NAME, MOVING
from storage.store import SqliteStore
from tests.storage.filled_book import filled_book

open_target = SqliteTarget._open


def make_room(monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    """SQLite's own limit on pages fails exactly as a disk does."""

    def opened(target: SqliteTarget) -> sqlite3.Connection:
        connection = open_target(target)
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(SqliteTarget, "_open", opened)


def test_whatever_it_is_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    (old / FILE_NAME).write_bytes(filled_book())
    pages, at, sentences = 20, set[str](), set[str]()
    while not (new / FILE_NAME).exists():
        said = ["beginning"]
        make_room(monkeypatch, pages)
        with SqliteStore(old).resting() as source, locked_directory(new):
            try:
                move(source, SqliteTarget(new), say=said.append, check=lambda _: None)
            except Hindered as full:
                sentences.add(str(full))
                at.add(said[-1])
        pages += 3
    assert sentences == {f"{new / MOVING} cannot be used: database or disk is full."}
    assert {"beginning", "Checking every identity of the new one."} < at
