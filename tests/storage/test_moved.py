"""Where a database was moved stands in the old one alone, and no bot works on that any more."""

import os
import re
import shutil
import signal
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import LiteralString
from urllib.parse import urlsplit

import psycopg
import pytest

from accounts.maintenance import erase, maintain
from accounts.moving import take_back
from storage import moved
from storage.database import open_database
from storage.engines.fence import Fence
from storage.engines.lock import locked_directory
from storage.errors import DataDirLocked, Hindered, Unusable
from storage.moving.move import Source, Target, move
from storage.moving.sqlite_ends import SqliteTarget
from storage.postgres_store import PostgresStore, postgres_target
from storage.sqlite import FILE_NAME
from storage.store import SqliteStore, Store
from storage.tx import Tx
from tests.accounts.book import ANN
from tests.storage.filled_book import filled_book
from tests.storage.test_moving import Killed, dies, key, main, to


@pytest.fixture
def old(tmp_path: Path) -> Path:
    made = tmp_path / "old"
    made.mkdir()
    (made / FILE_NAME).write_bytes(filled_book())
    return made


def mark_of(store: Store) -> moved.Moved | None:
    with store.snapshot() as tx:
        return moved.look(tx)


async def opens(folder: Path, url: str | None = None, fence: Fence | None = None) -> None:
    await (await open_database(folder, key=key(folder), url=url, fence=fence)).close()


@pytest.mark.parametrize("journal", ["delete", "wal"])
async def test_no_bot_opens_a_data_directory_that_was_moved_until_it_is_taken_back(
    old: Path, postgres_url: str, journal: str
) -> None:
    with closing(sqlite3.connect(old / FILE_NAME)) as copied_or_used:
        copied_or_used.execute(f"PRAGMA journal_mode = {journal}")
    assert to(SqliteStore(old), postgres_url, old) == 0
    # The file alone says so: whoever copies it, or brings it to another host, has it so.
    assert [path.name for path in old.glob(f"{FILE_NAME}*")] == [FILE_NAME]
    before = (old / FILE_NAME).read_bytes()
    there = re.escape(PostgresStore(postgres_url, key(old)).name)
    said = rf"^This database was moved to {there} on \d{{4}}-.* UTC: start Darkroom with the DATABASE_URL of"
    with pytest.raises(Unusable, match=said) as caught:
        await opens(old)
    assert not isinstance(caught.value, Hindered)
    assert (old / FILE_NAME).read_bytes() == before
    assert mark_of(PostgresStore(postgres_url, key(old))) is None
    await opens(old, postgres_url)
    assert take_back(SqliteStore(old)) == 0
    await opens(old)


@pytest.mark.parametrize("fence", [None, Fence("SELECT true", lambda: None)])
async def test_nor_one_of_postgresql_neither_when_it_starts_nor_when_it_takes_over(
    old: Path, tmp_path: Path, postgres_url: str, fence: Fence | None
) -> None:
    to(SqliteStore(old), postgres_url, old)
    there = PostgresStore(postgres_url, key(old))
    assert to(there, f"sqlite://{tmp_path}/new", old) == 0
    with pytest.raises(Unusable, match=f"without DATABASE_URL, and with DATA_DIR={tmp_path}/new. If"):
        await opens(old, postgres_url, fence)
    await opens(tmp_path / "new")
    assert take_back(there) == 0
    await opens(old, postgres_url, fence)


def test_maintenance_goes_on_but_nobody_is_to_be_erased_where_no_bot_starts(
    old: Path, tmp_path: Path, postgres_url: str
) -> None:
    to(SqliteStore(old), postgres_url, old)
    there = PostgresStore(postgres_url, key(old))
    to(there, f"sqlite://{tmp_path}/new", old)
    for number, store in enumerate((SqliteStore(old), there)):
        assert maintain(store, export=None, copy=None, rebuild=False) == 0
        assert maintain(store, export=None, copy=None, rebuild=True) == 0
        assert maintain(store, export=tmp_path / f"{number}.csv", copy=None, rebuild=False) == 0
        with pytest.raises(Unusable, match="was moved to"):
            erase(store, ANN)
    maintain(SqliteStore(old), export=None, copy=tmp_path / "copy.db", rebuild=False)


def test_what_was_moved_is_moved_nowhere_else_before_it_is_taken_back(
    old: Path, tmp_path: Path, postgres_url: str
) -> None:
    to(SqliteStore(old), postgres_url, old)
    with pytest.raises(Unusable, match=rf"^{old}/darkroom.db was moved to \S+ on .* --take-back "):
        to(SqliteStore(old), f"sqlite://{tmp_path}/second", old)
    # To where it was moved it may be moved again: that was perhaps killed before it could say so.
    assert to(SqliteStore(old), postgres_url, old) == 0
    take_back(SqliteStore(old))
    assert to(SqliteStore(old), f"sqlite://{tmp_path}/second", old) == 0


def test_one_that_an_older_version_moved_is_closed_when_that_is_typed_again(
    old: Path, postgres_url: str
) -> None:
    to(SqliteStore(old), postgres_url, old)
    take_back(SqliteStore(old))
    assert to(SqliteStore(old), postgres_url, old) == 0
    assert mark_of(SqliteStore(old)) is not None


def test_nothing_goes_back_to_what_was_moved_though_it_is_the_same(
    old: Path, tmp_path: Path, postgres_url: str
) -> None:
    """Both would say that they were moved."""
    to(SqliteStore(old), postgres_url, old)
    to(PostgresStore(postgres_url, key(old)), f"sqlite://{tmp_path}/new", old)
    for target in (postgres_url, f"sqlite://{old}/"):
        with pytest.raises(Unusable, match="was moved to"):
            to(SqliteStore(tmp_path / "new"), target, tmp_path / "new")
    assert mark_of(SqliteStore(tmp_path / "new")) is None


def test_a_database_of_postgresql_is_not_moved_to_itself(old: Path, postgres_url: str) -> None:
    """However it is called: it would be closed for itself."""
    to(SqliteStore(old), postgres_url, old)
    there = PostgresStore(postgres_url, key(old))
    itself = postgres_url.replace("127.0.0.1", "localhost")
    assert itself != postgres_url
    with pytest.raises(Unusable, match="to itself nothing is moved"):
        to(there, itself, old)
    assert mark_of(there) is None


class KilledOnceClosed(Killed):
    """A source that is closed, and the process killed before the target counts."""

    def __init__(self, source: Source) -> None:
        super().__init__(source, 0)
        self.close_for = self._close

    def _close(self, target: str) -> None:
        self._source.close_for(target)
        os.kill(os.getpid(), signal.SIGKILL)


def closes(store: Store, target: Target) -> None:
    with store.resting() as source:
        move(KilledOnceClosed(source), target, say=lambda _: None, check=lambda _: None)


async def test_killed_when_the_old_one_is_closed_no_bot_opens_either_and_the_move_is_gone_on_with(
    old: Path, tmp_path: Path, postgres_url: str
) -> None:
    def up() -> None:
        with postgres_target(postgres_url, key(old)) as target:
            closes(SqliteStore(old), target)

    def down() -> None:
        with locked_directory(tmp_path / "new"):
            closes(PostgresStore(postgres_url, key(old)), SqliteTarget(tmp_path / "new"))

    assert dies(up)
    for url, said in ((None, "was moved to"), (postgres_url, "A move to this database is under way")):
        with pytest.raises(Unusable, match=said):
            await opens(old, url)
    assert to(SqliteStore(old), postgres_url, old) == 0
    await opens(old, postgres_url)
    assert dies(down)
    for folder, url, said in (
        (old, postgres_url, "was moved to"),
        (tmp_path / "new", None, "A move to this"),
    ):
        with pytest.raises(Unusable, match=said):
            await opens(folder, url)
    assert to(PostgresStore(postgres_url, key(old)), f"sqlite://{tmp_path}/new", old) == 0
    await opens(tmp_path / "new")
    assert mark_of(SqliteStore(tmp_path / "new")) is None


def test_the_old_one_stays_open_where_the_new_one_is_not_in_order(old: Path, postgres_url: str) -> None:
    def refuse(_: Tx) -> None:
        raise Unusable("It does not verify.")

    with (
        pytest.raises(Unusable, match="It does not verify"),
        postgres_target(postgres_url, key(old)) as target,
        SqliteStore(old).resting() as source,
    ):
        move(source, target, say=print, check=refuse)
    assert mark_of(SqliteStore(old)) is None


def test_one_whose_lock_was_lost_on_the_way_is_not_closed(
    old: Path, tmp_path: Path, postgres_url: str
) -> None:
    """A bot may be at work on it by then."""
    to(SqliteStore(old), postgres_url, old)
    there = PostgresStore(postgres_url, key(old))

    def lose(_: Tx) -> None:
        with psycopg.connect(postgres_url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE mode = 'ShareRowExclusiveLock'"
                " AND relation = 'leases'::regclass"
            )

    with (
        pytest.raises(Unusable),
        locked_directory(tmp_path / "new") as new,
        there.resting() as source,
    ):
        move(source, SqliteTarget(new), say=print, check=lose)
    assert mark_of(there) is None
    assert not (tmp_path / "new" / FILE_NAME).exists()


STANDBY: LiteralString = (
    "INSERT INTO standbys VALUES ('host/1/one', now(), now() - CAST(%s AS INT) * interval '1 second')"
)


def test_nothing_is_moved_while_a_bot_waits(old: Path, tmp_path: Path, postgres_url: str) -> None:
    to(SqliteStore(old), postgres_url, old)
    there = PostgresStore(postgres_url, key(old))

    @contextmanager
    def waiting(seconds: int) -> Generator[None]:
        with psycopg.connect(postgres_url, autocommit=True) as tx:
            tx.execute(STANDBY, (seconds,))
            yield
            tx.execute("DELETE FROM standbys")

    for work in (
        lambda: to(there, f"sqlite://{tmp_path}/new", old),
        lambda: maintain(there, export=None, copy=None, rebuild=True),
        lambda: take_back(there),
    ):
        with waiting(7), pytest.raises(DataDirLocked, match=r"host/1/one waits to work on it\. Stop all"):
            work()
        with waiting(20):
            assert work() == 0


def test_the_command_line_takes_back_and_no_password_was_written(
    old: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(old))
    password = urlsplit(postgres_url).password
    assert password
    assert main(["--move-to", postgres_url]) == 0
    assert f"{old}/darkroom.db stays as it is, and says where it was moved" in capsys.readouterr().out
    assert password.encode() not in (old / FILE_NAME).read_bytes()
    kept = shutil.copytree(old, old.with_name("kept"))
    assert main(["--take-back"]) == 0
    assert "Bots may work on it again: start none on that one any more." in capsys.readouterr().out
    assert main(["--take-back"]) == 0
    assert "It was not moved" in capsys.readouterr().out
    assert mark_of(SqliteStore(old)) is None
    assert mark_of(SqliteStore(kept)) is not None
