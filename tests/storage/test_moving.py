"""A database comes whole to the other engine and back, however often the move is killed."""

import os
import runpy
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import LiteralString
from urllib.parse import urlsplit
from zipfile import ZipFile

import psycopg
import pytest

from accounts.maintenance import erase, export_personal, maintain
from accounts.moving import move_store, take_back
from accounts.verify import verify_snapshot
from storage import leases
from storage.database import open_database
from storage.engines.lock import locked_directory
from storage.engines.postgres_schema import migrate, require_newest
from storage.erasure_check import require_key
from storage.erasure_key import ErasureKey
from storage.errors import DataDirLocked, Unusable
from storage.files import Files
from storage.moving.move import Row, Source, Table, Target, move, tables, versions_table
from storage.moving.sqlite_ends import SqliteTarget
from storage.postgres_store import PostgresStore, postgres_target
from storage.sqlite import FILE_NAME
from storage.store import SqliteStore, Store
from storage.tx import Tx
from tests.accounts.book import ANN, Book
from tests.engines import Engine
from tests.storage.filled_book import filled_book
from tests.storage.test_postgres_guards import ADJUST

main: Callable[[list[str]], int] = runpy.run_path(str(Path(__file__).parents[2] / "bot.py"))["main"]
SECRET = "a secret of fifty characters, or of some other number"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "old"
    made.mkdir()
    (made / FILE_NAME).write_bytes(filled_book())
    return made


def key(folder: Path) -> ErasureKey:
    return ErasureKey(folder, SECRET)


def to(store: Store, target: str, folder: Path) -> int:
    return move_store(store, target, data_dir=folder, secret=SECRET)


def all_rows(store: Store) -> dict[str, list[Row]]:
    with store.resting() as source:
        return {
            table.name: [tuple(row) for row in source.rows(table)] for table in (*tables(), versions_table())
        }


def test_a_book_goes_there_and_back_row_for_row(folder: Path, tmp_path: Path, postgres_url: str) -> None:
    old, there = SqliteStore(folder), PostgresStore(postgres_url, key(folder))
    before = all_rows(old)
    assert all(before.values())
    assert to(old, postgres_url, folder) == 0
    assert all_rows(there) == before
    assert verify_snapshot(there.snapshot) == []
    assert to(there, f"sqlite://{tmp_path}/new", folder) == 0
    back = SqliteStore(tmp_path / "new")
    assert all_rows(back) == before
    assert verify_snapshot(back.snapshot) == []
    # Nothing is left of the move, and what was brought back is a database like any other.
    assert [path.name for path in (tmp_path / "new").glob("darkroom*")] == [FILE_NAME]
    book = Book(Engine(tmp_path / "new"))
    book.done(replace(book.job(), id="a later one"))
    book.close()
    assert verify_snapshot(back.snapshot) == []


def test_it_is_said_which_secret_still_opens_what_was_kept_of_erased_members(
    folder: Path, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for secret, said in (
        (SECRET, "the same as now"),
        (None, "one that you draw, for instance with openssl rand -hex 32"),
    ):
        move_store(SqliteStore(folder), postgres_url, data_dir=folder, secret=secret)
        assert f"ERASURE_SECRET: {said}." in capsys.readouterr().out
    known = ErasureKey(folder).hash_of(ANN)
    move_store(SqliteStore(folder), postgres_url, data_dir=folder, secret=None)
    assert f"ERASURE_SECRET: what is in {folder}/erasure.key." in capsys.readouterr().out
    assert known == ErasureKey(folder, (folder / "erasure.key").read_text()).hash_of(ANN)


async def test_nothing_is_moved_with_another_key_than_that_of_erased_members(
    folder: Path, tmp_path: Path, postgres_url: str
) -> None:
    database = await open_database(folder)
    await require_key(database, key(folder), alone=None)
    await database.close()
    old, there = SqliteStore(folder), PostgresStore(postgres_url, key(folder))
    for store, target in ((old, postgres_url), (there, f"sqlite://{tmp_path}/new")):
        for secret in (None, "another secret than the one of the database"):
            with pytest.raises(Unusable, match="the key by which this database knows erased members"):
                move_store(store, target, data_dir=folder, secret=secret)
        assert not (folder / "erasure.key").exists()
        assert to(store, target, folder) == 0
    moved = await open_database(tmp_path / "new")
    with pytest.raises(Unusable):
        await require_key(moved, ErasureKey(tmp_path / "new"), alone=None)
    await require_key(moved, key(folder), alone=None)
    await moved.close()


def test_what_is_exported_is_the_same_there(folder: Path, tmp_path: Path, postgres_url: str) -> None:
    old, there = SqliteStore(folder), PostgresStore(postgres_url, key(folder))
    up(folder, postgres_url)
    for name, store in (("old", old), ("there", there)):
        assert maintain(store, export=tmp_path / f"{name}.csv", copy=None, rebuild=True) == 0
        assert export_personal(store, Files(folder), ANN, tmp_path / f"{name}.zip") == 0
    assert (tmp_path / "old.csv").read_bytes() == (tmp_path / "there.csv").read_bytes()
    with ZipFile(tmp_path / "old.zip") as one, ZipFile(tmp_path / "there.zip") as other:
        assert {name: one.read(name) for name in one.namelist()} == {
            name: other.read(name) for name in other.namelist()
        }


def test_a_data_directory_is_not_moved_to_itself(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would be said to be in use, as if waiting helped."""
    monkeypatch.setenv("DATA_DIR", str(folder))
    assert main(["--move-to", f"sqlite:///{folder}/../{folder.name}"]) == 78
    assert "is the data directory that is moved from: name another one." in capsys.readouterr().err


def test_the_command_line_moves_and_says_no_password(
    folder: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DATABASE_URL", "FILES_URL", "ERASURE_SECRET"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_DIR", str(folder))
    password = urlsplit(postgres_url).password or ""
    for wrong in (f"postgresql:{password}", f"sqlite:{password}", f"postgresql://u:{password}%zz@h/d"):
        try:
            status = main(["--move-to", wrong])
        except SystemExit as ended:
            status = ended.code
        assert status
    assert main(["--move-to", postgres_url.replace(password, "wrong")])
    assert main(["--move-to", postgres_url]) == 0
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    monkeypatch.setenv("ERASURE_SECRET", SECRET)
    assert main(["--verify"]) == 0
    said = capsys.readouterr()
    assert [line.endswith(": 50 jobs") for line in said.out.splitlines()[-2:]] == [True, False]
    assert password
    assert password not in said.out + said.err


def test_numbers_go_on_after_the_highest(folder: Path, postgres_url: str) -> None:
    to(SqliteStore(folder), postgres_url, folder)
    with psycopg.connect(postgres_url) as tx:
        for table, column, statement in (
            ("members", "surrogate", "INSERT INTO members (snowflake) VALUES (77) RETURNING surrogate"),
            ("keys", "id", "INSERT INTO keys (guild_id) VALUES (77) RETURNING id"),
            ("entries", "id", f"{ADJUST.format('NULL')} RETURNING id"),
        ):
            highest = one(tx, f"SELECT MAX({column}) FROM {table}")
            assert one(tx, statement) == highest + 1


def one(tx: psycopg.Connection[Row], sql: str) -> int:
    row = tx.execute(sql.encode()).fetchone()
    assert row is not None
    return int(row[0])


class Killed:
    """A source at whose ``n``-th table the process is killed, when its last row is on its way."""

    def __init__(self, source: Source, n: int) -> None:
        self._source = source
        self._left = n
        self.name, self.tx, self.close_for = source.name, source.tx, source.close_for

    def rows(self, table: Table) -> Iterator[Row]:
        yield from self._source.rows(table)
        if table.name != "versions":
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def dies(work: Callable[[], object]) -> bool:
    """Do something in a process of its own; tell whether it was killed."""
    if (child := os.fork()) == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL)
    return status != 0


def moved(store: Store, target: Target, n: int, *, check: Callable[[Tx], None] = lambda _: None) -> list[str]:
    said: list[str] = []
    with store.resting() as source:
        move(Killed(source, n), target, say=said.append, check=check)
    return said


def kill(_: Tx) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def up(folder: Path, url: str, n: int = 0, *, check: Callable[[Tx], None] = lambda _: None) -> list[str]:
    with postgres_target(url, key(folder)) as target:
        return moved(SqliteStore(folder), target, n, check=check)


def test_a_move_that_is_killed_at_every_table_is_gone_on_with(folder: Path, postgres_url: str) -> None:
    # Each time one table more is filled, and the next one half; at last it dies comparing, then checking.
    for _ in tables():
        assert dies(lambda: up(folder, postgres_url, 2))
    assert dies(lambda: up(folder, postgres_url, check=kill))
    said = up(folder, postgres_url)
    assert [line for line in said if "filled before" in line] == [
        f"{table.name}: filled before" for table in tables()
    ]
    assert all_rows(PostgresStore(postgres_url, key(folder))) == all_rows(SqliteStore(folder))
    # Once more: it might have been killed before it could say so.
    assert "already" in up(folder, postgres_url)[-1]


def test_so_is_one_that_goes_back(folder: Path, tmp_path: Path, postgres_url: str) -> None:
    up(folder, postgres_url)
    there, new = PostgresStore(postgres_url, key(folder)), tmp_path / "new"

    def down(n: int = 0, *, check: Callable[[Tx], None] = lambda _: None) -> list[str]:
        with locked_directory(new):
            return moved(there, SqliteTarget(new), n, check=check)

    for _ in tables():
        assert dies(lambda: down(2))
    assert dies(lambda: down(check=kill))
    down()
    assert all_rows(SqliteStore(new)) == all_rows(there)
    assert "already" in down()[-1]


def test_what_changed_since_a_move_was_begun_comes_along(folder: Path, postgres_url: str) -> None:
    assert dies(lambda: up(folder, postgres_url, 30))
    book = Book(Engine(folder))
    book.done(replace(book.job(), id="a later one"))
    book.close()
    assert any("begun anew" in line for line in up(folder, postgres_url))
    assert all_rows(PostgresStore(postgres_url, key(folder))) == all_rows(SqliteStore(folder))


def test_a_row_that_came_otherwise_is_noticed(folder: Path, postgres_url: str) -> None:
    class Wrong(Killed):
        """Says of a fact another thing the first time than afterwards."""

        read = False

        def rows(self, table: Table) -> Iterator[Row]:
            wrong = table.name == "facts" and not self.read
            self.read = self.read or wrong
            return ((*row[:-1], "otherwise") if wrong else row for row in super().rows(table))

    with (
        postgres_target(postgres_url, key(folder)) as target,
        SqliteStore(folder).resting() as source,
        pytest.raises(Unusable, match="facts is not the same"),
    ):
        move(Wrong(source, 0), target, say=print, check=lambda _: None)


@pytest.mark.parametrize("made", ["CREATE TABLE mine (a INT)", "CREATE VIEW mine AS SELECT 1"])
def test_nothing_is_moved_to_what_is_not_empty(folder: Path, postgres_url: str, made: LiteralString) -> None:
    with psycopg.connect(postgres_url) as tx:
        tx.execute(made)
    with pytest.raises(Unusable, match="not empty"):
        to(SqliteStore(folder), postgres_url, folder)


def test_nothing_is_moved_to_where_another_was_moved(folder: Path, tmp_path: Path, postgres_url: str) -> None:
    assert dies(lambda: up(folder, postgres_url, 3))
    other = tmp_path / "other"
    other.mkdir()
    Book(Engine(other)).close()
    with pytest.raises(Unusable, match="another move"):
        to(SqliteStore(other), postgres_url, folder)
    to(SqliteStore(folder), postgres_url, folder)
    with pytest.raises(Unusable, match="not empty"):
        to(SqliteStore(other), postgres_url, folder)
    with pytest.raises(Unusable, match="exists already"):
        to(PostgresStore(postgres_url, key(folder)), f"sqlite://{other}/", folder)
    there = PostgresStore(postgres_url, key(folder))
    # The database that it came from is none of its own any more: not even what is the same goes back there.
    with pytest.raises(Unusable, match=f"^{folder}/darkroom.db was moved to "):
        to(there, f"sqlite://{folder}/", folder)
    assert take_back(SqliteStore(folder)) == 0
    with psycopg.connect(postgres_url) as tx:
        tx.execute("INSERT INTO facts VALUES ('since', 'then')")
    with pytest.raises(Unusable, match="is not empty: facts is not the same"):
        to(PostgresStore(postgres_url, key(folder)), f"sqlite://{folder}/", folder)


def test_nothing_is_moved_while_a_bot_works(folder: Path, tmp_path: Path, postgres_url: str) -> None:
    with locked_directory(folder), pytest.raises(DataDirLocked):
        to(SqliteStore(folder), postgres_url, folder)
    to(SqliteStore(folder), postgres_url, folder)
    there = PostgresStore(postgres_url, key(folder))
    for work in (
        lambda: to(there, f"sqlite://{tmp_path}/new", folder),
        lambda: maintain(there, export=None, copy=None, rebuild=True),
        lambda: erase(there, ANN),
    ):
        with psycopg.connect(postgres_url, autocommit=True) as bot:
            assert leases.take(bot, "somebody")
        with pytest.raises(DataDirLocked, match="somebody"):
            work()


def test_no_bot_begins_to_work_while_maintenance_does(folder: Path, postgres_url: str) -> None:
    up(folder, postgres_url)
    taken: list[bool] = []
    with psycopg.connect(postgres_url, autocommit=True) as bot, psycopg.connect(postgres_url) as watcher:
        thread = threading.Thread(target=lambda: taken.append(leases.take(bot, "bot")))
        with PostgresStore(postgres_url, key(folder)).writing():
            assert leases.in_the_way(bot, "bot") is None
            thread.start()
            waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'leases'::regclass AND NOT granted"
            while one(watcher, waiting) == 0:
                thread.join(0.01)
            assert not taken
        thread.join()
    assert taken == [True]


UNDER_WAY = r"A move to this database is under way.*\(the same --move-to\).*remove "


async def test_no_bot_takes_half_a_move_for_a_database(
    folder: Path, tmp_path: Path, postgres_url: str
) -> None:
    assert dies(lambda: up(folder, postgres_url, 30))
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for look in (migrate, require_newest):
            with pytest.raises(Unusable, match=f"{UNDER_WAY}the database"):
                look(connection)
    up(folder, postgres_url)
    there, new = PostgresStore(postgres_url, key(folder)), tmp_path / "new"

    def down(n: int = 0) -> list[str]:
        with locked_directory(new):
            return moved(there, SqliteTarget(new), n)

    assert dies(lambda: down(30))
    before = sorted(new.iterdir())
    with pytest.raises(Unusable, match=f"{UNDER_WAY}{new}/darkroom.db.moving"):
        await open_database(new)
    with pytest.raises(Unusable, match=UNDER_WAY):
        maintain(SqliteStore(new), export=None, copy=None, rebuild=False)
    assert sorted(new.iterdir()) == before
    down()
    assert all_rows(SqliteStore(new)) == all_rows(there)
