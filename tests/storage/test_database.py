"""Transactions on real files: all or nothing, whatever happens to whoever asked for them."""

import asyncio
import errno
import io
import os
import resource
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from storage import sqlite as subject
from storage.database import Database, open_database
from storage.engines import sqlite_errors
from storage.engines.lock import locked_directory
from storage.errors import Hindered, Passing, RuleBroken, TooNew, Unusable, unusable_for
from storage.facts import fact, set_fact
from storage.sqlite import FILE_NAME, open_reader, open_writer
from storage.tx import Tx
from tests.engines import Engine


def put_two(tx: Tx, then: Exception | None = None) -> str:
    set_fact(tx, "one", "1")
    set_fact(tx, "two", "2")
    if then is not None:
        raise then
    return "both"


def names(tx: Tx) -> set[str]:
    return {str(row[0]) for row in tx.execute("SELECT name FROM facts")}


async def test_a_transaction_commits_all_of_it_and_hands_its_result_on(database: Database) -> None:
    assert await database.run(put_two) == "both"
    assert await database.read(names) == {"one", "two"}


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    with pytest.raises(ValueError, match="in the middle"):
        await database.run(put_two, ValueError("in the middle"))
    assert await database.read(names) == set()
    assert await database.run(put_two) == "both"


async def test_a_statement_that_breaks_a_rule_leaves_nothing(database: Database) -> None:
    def break_a_rule(tx: Tx) -> None:
        set_fact(tx, "one", "1")
        tx.execute("INSERT INTO facts (name, value) VALUES ('one', 'again')")

    with pytest.raises(RuleBroken):
        await database.run(break_a_rule)
    assert await database.read(names) == set()


async def test_whoever_is_cancelled_while_waiting_leaves_a_whole_transaction(database: Database) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        set_fact(tx, "one", "1")
        entered.set()
        assert go_on.wait(20)
        set_fact(tx, "two", "2")

    task = asyncio.create_task(database.run(slow))
    await asyncio.to_thread(entered.wait, 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await database.read(names) == set()
    go_on.set()
    assert await database.run(names) == {"one", "two"}


async def test_a_transaction_that_waits_in_line_comes_to_its_end_though_its_caller_is_gone(
    database: Database,
) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        entered.set()
        assert go_on.wait(20)
        set_fact(tx, "one", "1")

    first, second = asyncio.create_task(database.run(slow)), asyncio.create_task(database.run(put_two))
    await asyncio.to_thread(entered.wait, 20)
    second.cancel()
    go_on.set()
    await first
    with pytest.raises(asyncio.CancelledError):
        await second
    assert await database.run(names) == {"one", "two"}


async def test_tasks_that_write_at_once_never_meet_inside_one_transaction(database: Database) -> None:
    def count_up(tx: Tx) -> None:
        value = int(fact(tx, "count") or 0)
        set_fact(tx, "count", str(value + 1))

    await asyncio.gather(*(database.run(count_up) for _ in range(100)))
    assert await database.read(fact, "count") == "100"


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(Unusable, match=r"read-?only"):
        await database.read(put_two)
    assert await database.read(names) == set()


@pytest.mark.sqlite_only
async def test_two_readers_each_see_one_moment_while_the_bot_writes(
    database: Database, tmp_path: Path
) -> None:
    await database.run(set_fact, "one", "before")
    readers = [open_reader(tmp_path / FILE_NAME) for _ in range(2)]
    try:
        for reader in readers:
            reader.execute("BEGIN")
            assert fact(reader, "one") == "before"
        await database.run(set_fact, "one", "after")
        assert [fact(reader, "one") for reader in readers] == ["before", "before"]
        assert await database.read(fact, "one") == "after"
        for reader in readers:
            reader.execute("COMMIT")
            assert fact(reader, "one") == "after"
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                put_two(reader)
    finally:
        for reader in readers:
            reader.close()


@pytest.mark.sqlite_only
async def test_a_commit_is_on_the_disk_before_it_counts(database: Database, tmp_path: Path) -> None:
    def pragmas(tx: Tx) -> tuple[str, int, int]:
        one = [tx.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
        return str(one[0]), int(one[1]), int(tx.execute("PRAGMA foreign_keys").fetchone()[0])

    assert await database.run(pragmas) == ("wal", 2, 1)
    await database.run(put_two)
    # Another program, on whatever is in the files now: what a killed process leaves.
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in (FILE_NAME, f"{FILE_NAME}-wal"):
        (copy / name).write_bytes((tmp_path / name).read_bytes())
    writer = open_writer(copy / FILE_NAME)
    assert names(writer) == {"one", "two"}
    writer.close()


async def test_what_was_asked_for_before_closing_is_done(engine: Engine) -> None:
    opened = await engine.open()
    asked = asyncio.create_task(opened.run(put_two))
    await asyncio.sleep(0)
    await opened.close()
    assert await asked == "both"
    with pytest.raises(ValueError, match="closed"):
        await opened.run(put_two)


@pytest.mark.sqlite_only
async def test_a_file_that_is_no_database_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"This is no database, it only has its name." * 100)
    with pytest.raises(Unusable, match=r"cannot be used: file is not a database\.$"):
        await open_database(tmp_path)


@pytest.mark.sqlite_only
async def test_a_database_of_a_newer_version_is_refused_and_untouched(tmp_path: Path) -> None:
    await (await open_database(tmp_path)).close()
    raw = sqlite3.connect(tmp_path / FILE_NAME)
    raw.execute("INSERT INTO versions (number, at) VALUES (9999, 0)")
    raw.commit()
    raw.close()
    with pytest.raises(TooNew, match="version 9999"):
        await open_database(tmp_path)
    raw = sqlite3.connect(tmp_path / FILE_NAME)
    assert raw.execute("SELECT MAX(number) FROM versions").fetchone() == (9999,)
    raw.close()


@pytest.mark.sqlite_only
async def test_a_directory_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="cannot be opened"):
        await open_database(tmp_path / "gone")


@pytest.mark.sqlite_only
def test_a_reader_makes_no_database_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="cannot be read"):
        open_reader(tmp_path / FILE_NAME)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sqlite_only
async def test_a_file_damaged_while_the_bot_runs_is_said_and_nothing_is_half_written(
    database: Database, tmp_path: Path
) -> None:
    await database.run(put_two)
    await database.run(lambda tx: tx.execute("SELECT 1").fetchone())
    other = sqlite3.connect(tmp_path / FILE_NAME)
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    path = tmp_path / FILE_NAME
    size = path.stat().st_size
    path.write_bytes(b"\xff" * size)
    with pytest.raises(Unusable, match=r"damaged|cannot be used"):
        await database.run(lambda tx: tx.execute("SELECT * FROM jobs").fetchall())


@pytest.mark.sqlite_only
async def test_a_full_disk_is_said_and_keeps_what_was_there(database: Database) -> None:
    await database.run(put_two)

    def fill(tx: Tx) -> None:
        set_fact(tx, "big", "x" * 10_000_000)

    # SQLite's own limit on pages fails exactly as a disk does: SQLITE_FULL.
    pages = await database.run(lambda tx: int(tx.execute("PRAGMA page_count").fetchone()[0]))
    await database.run(lambda tx: tx.execute(f"PRAGMA max_page_count = {pages + 1}").fetchone())
    with pytest.raises(Hindered, match="full"):
        await database.run(fill)
    assert await database.read(names) == {"one", "two"}
    await database.run(lambda tx: tx.execute("PRAGMA max_page_count = 1000000").fetchone())
    await database.run(fill)
    assert await database.read(names) == {"big", "one", "two"}


@pytest.mark.parametrize(
    ("number", "passes"),
    [
        (errno.ENOSPC, True),
        (errno.EDQUOT, True),
        (errno.EMFILE, True),
        (errno.ENFILE, True),
        (errno.EACCES, False),
        (errno.EROFS, False),
        (None, False),
    ],
)
def test_why_sqlite_could_not_open_a_file_is_asked_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int | None, passes: bool
) -> None:
    """Its CANTOPEN is one word for what goes by and for what does not."""

    def make(*, dir: Path) -> io.BytesIO:  # noqa: A002
        assert dir == tmp_path
        if number is not None:
            raise OSError(number, "Said so")
        return io.BytesIO()

    def connect(*_given: object, **_values: object) -> None:
        error = sqlite3.OperationalError("unable to open database file")
        error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN | 1 << 8
        raise error

    monkeypatch.setattr(sqlite_errors, "TemporaryFile", make)
    monkeypatch.setattr(subject.sqlite3, "connect", connect)
    with pytest.raises(Unusable) as caught:
        open_writer(tmp_path / FILE_NAME)
    assert isinstance(caught.value, Passing) is passes
    assert ("Said so." in str(caught.value)) is (number is not None)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [0, 4_096, 20_000])
def test_a_database_that_cannot_be_made_whole_leaves_no_file(tmp_path: Path, size: int) -> None:
    path = tmp_path / FILE_NAME
    with room_for(size), pytest.raises(Hindered):
        open_writer(path)
    assert list(tmp_path.iterdir()) == []
    open_writer(path).close()
    before = path.read_bytes()
    with room_for(size), pytest.raises(Hindered):
        # What was there stays, whatever becomes of it.
        open_writer(path)
    assert path.read_bytes() == before


def test_an_empty_file_and_a_link_of_somebodys_stay(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.touch()
    with room_for(0), pytest.raises(Hindered):
        open_writer(path)
    assert [each.name for each in tmp_path.iterdir()] == [FILE_NAME]
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    with room_for(0), pytest.raises(Unusable):
        open_writer(path)
    assert path.is_symlink()


@pytest.mark.parametrize("open_it", [open_writer, open_reader])
def test_what_is_no_file_is_never_opened(tmp_path: Path, open_it: Callable[[Path], object]) -> None:
    """A folder makes SQLite speak of the disk, and a pipe keeps it waiting for good."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        with pytest.raises(Unusable, match="it is not a file") as caught:
            open_it(tmp_path / name)
        assert not isinstance(caught.value, Passing)


@pytest.mark.sqlite_only
async def test_the_wait_for_a_lock_counts_from_the_call(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten that wait in line for a stray writer would otherwise wait ten times as long as one."""
    now, entered, go_on = [0.0], threading.Event(), threading.Event()
    monkeypatch.setattr(subject.time, "monotonic", lambda: now[0])

    def patience(tx: Tx) -> int:
        return int(tx.execute("PRAGMA busy_timeout").fetchone()[0])

    def slow(tx: Tx) -> int:
        entered.set()
        assert go_on.wait(20)
        return patience(tx)

    first = asyncio.create_task(database.run(slow))
    await asyncio.to_thread(entered.wait, 20)
    second, third = (asyncio.create_task(database.run(patience)) for _ in range(2))
    await asyncio.sleep(0)
    now[0] = 1.25
    go_on.set()
    assert [await first, await second, await third] == [2_000, 800, 800]
    assert await database.run(patience) == 2_000


@pytest.mark.sqlite_only
async def test_a_stray_writer_that_holds_the_lock_is_said(database: Database, tmp_path: Path) -> None:
    stray = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    stray.execute("BEGIN IMMEDIATE")
    try:
        await _impatient(database)
        with pytest.raises(Hindered, match="locked"):
            await database.run(put_two)
    finally:
        stray.execute("ROLLBACK")
        stray.close()
    assert await database.run(put_two) == "both"


async def _impatient(database: Database) -> None:
    """Have the writer wait for a lock for a moment only."""
    writer = database._writer._conn
    await database._writer._execute(writer.execute, "PRAGMA busy_timeout = 50")


@pytest.mark.sqlite_only
def test_the_database_is_its_owners_alone(tmp_path: Path) -> None:
    with locked_directory(tmp_path / "data") as directory:
        open_writer(directory / FILE_NAME).close()
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700


@pytest.mark.sqlite_only
def test_what_a_person_must_mend_does_not_go_by_and_a_lock_does(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    open_writer(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as stray:
        stray.execute("PRAGMA locking_mode = EXCLUSIVE")
        stray.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Hindered, match="locked"):
            open_writer(path)
    path.write_bytes(b"no database" * 500)
    with pytest.raises(Unusable, match="not a database") as caught:
        open_writer(path)
    assert not isinstance(caught.value, Passing)


@pytest.mark.parametrize(
    ("number", "passes"),
    [(errno.ENOSPC, True), (errno.EMFILE, True), (errno.EIO, True), (errno.EACCES, False)],
)
def test_what_the_system_says_goes_by_or_not(number: int, passes: bool) -> None:
    found = unusable_for("DATA_DIR cannot be written.", OSError(number, "why"))
    assert str(found) == "DATA_DIR cannot be written."
    assert isinstance(found, Passing) is passes
