"""Maintenance says which database it used, and leaves a wrong folder, and what is there already, as it was."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from accounts.maintenance import erase, export_personal, maintain, take_for_restored
from accounts.moving import move_store, take_back
from config.environment import NO_FILE, ROOT
from storage import erasures
from storage.engines.lock import LOCK_NAME, locked_directory
from storage.errors import DataDirLocked, Unusable
from storage.files import Files
from storage.sqlite import FILE_NAME
from storage.store import SqliteStore
from tests.accounts.book import ANN, BEN, Book

Command = Callable[[Path, Path], int]
"""Takes a data directory and a place for a file; returns the exit status."""


def moved(folder: Path, target: Path) -> int:
    return move_store(SqliteStore(folder), f"sqlite://{target}", data_dir=folder, secret=None)


BESIDE: dict[str, Command] = {
    "verify": lambda folder, _: maintain(SqliteStore(folder), export=None, copy=None, rebuild=False),
    "export": lambda folder, target: maintain(SqliteStore(folder), export=target, copy=None, rebuild=False),
    "backup": lambda folder, target: maintain(SqliteStore(folder), export=None, copy=target, rebuild=False),
    "export of a member": lambda folder, target: export_personal(
        SqliteStore(folder), Files(folder), ANN, target
    ),
}
ALONE: dict[str, Command] = {
    "rebuild": lambda folder, _: maintain(SqliteStore(folder), export=None, copy=None, rebuild=True),
    "restored": lambda folder, _: take_for_restored(SqliteStore(folder)),
    "move": lambda folder, target: moved(folder, target),
    "erase": lambda folder, _: erase(SqliteStore(folder), ANN),
    "take": lambda folder, _: take_back(SqliteStore(folder)),
}
COMMANDS = {**BESIDE, **ALONE}
every_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=[*COMMANDS])
every_command_alone = pytest.mark.parametrize("command", ALONE.values(), ids=[*ALONE])

pytestmark = pytest.mark.sqlite_only


def empty(_: Path) -> None:
    """Nothing is there."""


def letters(folder: Path) -> None:
    (folder / "letter.txt").write_text("dear")


def text_file(folder: Path) -> None:
    (folder / FILE_NAME).write_text("no database " * 500)


def zero_bytes(folder: Path) -> None:
    (folder / FILE_NAME).touch()


def other_programs(folder: Path) -> None:
    """Another program's database, that has jobs as well, and a log as ours would have."""
    tx = sqlite3.connect(folder / FILE_NAME)
    tx.execute("PRAGMA journal_mode = WAL")
    tx.execute("CREATE TABLE jobs (id)")
    tx.close()


WRONG = (empty, letters, text_file, zero_bytes, other_programs)
every_wrong_folder = pytest.mark.parametrize("fill", WRONG, ids=[each.__name__ for each in WRONG])


def looks(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Return all that can be told of a folder: modes, when it changed, what is in its files."""
    found = {"": (folder.stat().st_mode, folder.stat().st_mtime_ns, b"")}
    for path in folder.iterdir():
        found[path.name] = (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes())
    return found


@every_command
@every_wrong_folder
def test_a_wrong_folder_stays_as_it_was_and_is_said_in_one_sentence(
    tmp_path: Path, fill: Callable[[Path], None], command: Command
) -> None:
    folder = tmp_path / "wrong"
    folder.mkdir(mode=0o755)
    fill(folder)
    before = looks(folder)
    with pytest.raises(Unusable) as caught:
        command(folder, tmp_path / "target")
    assert looks(folder) == before
    assert not (tmp_path / "target").exists()
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith((".", "?"))


@every_command
def test_without_a_database_its_place_is_said(tmp_path: Path, command: Command) -> None:
    with pytest.raises(Unusable, match="there is no database in that folder") as caught:
        command(tmp_path / "nowhere", tmp_path / "target")
    assert str(tmp_path / "nowhere" / FILE_NAME) in str(caught.value)
    assert [*tmp_path.iterdir()] == []


@every_command
def test_every_command_says_first_which_database_it_used_and_how_many_jobs_are_in_it(
    book: Book, tmp_path: Path, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    book.done()
    book.done()
    book.close()
    assert command(book.path.parent, tmp_path / "target") == 0
    assert capsys.readouterr().out.splitlines()[0] == f"{book.path}: 2 jobs"


def test_a_misspelt_name_of_the_environment_is_warned_of_beside_what_it_says(book: Book) -> None:
    """Another database than the one that was meant may be in order, too."""
    book.done()
    given = {NO_FILE: "1", "DATA_DIR": str(book.path.parent), "DATABSE_URL": "postgresql://db/darkroom"}
    ended = subprocess.run(
        [sys.executable, "bot.py", "--verify"],
        cwd=ROOT,
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr == "In the environment: DATABSE_URL is no setting: DATABASE_URL is one.\n"
    assert ended.stdout.splitlines()[0] == f"{book.path}: 1 job"
    assert ended.returncode == 0


@pytest.mark.parametrize("command", BESIDE.values(), ids=[*BESIDE])
def test_what_a_bot_has_written_a_moment_ago_is_counted(
    book: Book, tmp_path: Path, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    book.done()
    assert command(book.path.parent, tmp_path / "target") == 0
    assert capsys.readouterr().out.splitlines()[0] == f"{book.path}: 1 job"


@every_command_alone
def test_what_changes_a_database_is_not_done_beside_a_bot(
    book: Book, tmp_path: Path, command: Command
) -> None:
    book.done()
    with locked_directory(book.path.parent), pytest.raises(DataDirLocked):
        command(book.path.parent, tmp_path / "target")


def test_the_document_says_what_is_not_done_beside_a_bot() -> None:
    text = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")
    said = re.search("All but (.*) work while the bot runs", text)
    assert said is not None
    assert {*re.findall("--([a-z]+)", said[1])} == {*ALONE}


@every_command_alone
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files that others cannot write")
def test_a_lock_that_root_made_keeps_nobody_out(book: Book, tmp_path: Path, command: Command) -> None:
    book.done()
    book.close()
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(book.path, folder)
    os.chown(folder, 12_345, 12_345)
    assert command(folder, tmp_path) == 0
    assert (folder / LOCK_NAME).stat().st_uid == 12_345


@pytest.mark.parametrize("command", [*BESIDE.values()][1:], ids=[*BESIDE][1:])
def test_nothing_is_written_over_least_of_all_the_database(book: Book, command: Command) -> None:
    book.done()
    kept = book.path.read_bytes()
    with pytest.raises(Unusable, match="exists already"):
        command(book.path.parent, book.path)
    assert book.path.read_bytes() == kept


@pytest.mark.parametrize("command", [*BESIDE.values()][1:], ids=[*BESIDE][1:])
def test_a_place_that_is_none_is_named(book: Book, tmp_path: Path, command: Command) -> None:
    book.done()
    with pytest.raises(Unusable, match="nowhere"):
        command(book.path.parent, tmp_path / "nowhere" / "target")


def test_of_somebody_who_is_unknown_no_file_is_written_and_nobody_is_erased(
    book: Book, tmp_path: Path
) -> None:
    book.done()
    with pytest.raises(Unusable, match=f"Nothing is kept of a member {BEN}"):
        export_personal(SqliteStore(book.path.parent), Files(book.path.parent), BEN, tmp_path / "ben.zip")
    with pytest.raises(Unusable, match=f"Nothing is kept of a member {BEN}"):
        erase(SqliteStore(book.path.parent), BEN)
    assert not (tmp_path / "ben.zip").exists()
    assert erasures.waiting(book.tx) == []


def test_whoever_is_named_before_they_asked_for_anything_is_known(book: Book, tmp_path: Path) -> None:
    book.run(lambda tx: tx.execute("INSERT INTO unreminded (member_id) VALUES (?)", (BEN,)))
    assert (
        export_personal(SqliteStore(book.path.parent), Files(book.path.parent), BEN, tmp_path / "ben.zip")
        == 0
    )
    with ZipFile(tmp_path / "ben.zip") as archive:
        assert b'"no_reminders": true' in archive.read("choices.json")
