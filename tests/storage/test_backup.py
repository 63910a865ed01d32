"""A backup while the bot writes, restored and verified."""

import asyncio
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from jobs import transitions
from storage.database import open_database
from storage.engines.backup import backup
from storage.errors import Unusable
from storage.sqlite import FILE_NAME
from tests.accounts.book import UNLIMITED, open_book
from tests.storage.rows import verify_file

pytestmark = pytest.mark.sqlite_only


async def test_a_backup_made_while_jobs_are_accepted_restores_to_a_sound_database(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    for _ in range(50):
        book.done()
    wanted = [book.job() for _ in range(150)]
    book.close()
    database = await open_database(tmp_path)
    copies = [tmp_path / f"copy{number}.db" for number in range(3)]
    try:
        accepting = asyncio.gather(
            *(
                database.run(transitions.accept, job, (), event=job.id, role_ids=(), ceilings=UNLIMITED)
                for job in wanted[:100]
            )
        )
        for copy in copies:
            await asyncio.to_thread(backup, database.path, copy)
        await accepting
    finally:
        await database.close()
    for copy in copies:
        assert verify_file(copy) == []
    restored = tmp_path / "restored"
    restored.mkdir()
    copies[-1].replace(restored / FILE_NAME)
    again = await open_database(restored)
    try:
        _, new = await again.run(
            transitions.accept, wanted[-1], (), event=wanted[-1].id, role_ids=(), ceilings=UNLIMITED
        )
        assert new
    finally:
        await again.close()
    assert verify_file(restored / FILE_NAME) == []


def test_a_backup_is_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    book.done()
    copy = tmp_path / "copy.db"
    backup(book.path, copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    reader = sqlite3.connect(copy)
    assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert reader.execute("SELECT count(*) FROM entries").fetchone() == (2,)
    reader.close()
    book.close()


def test_a_backup_never_overwrites(tmp_path: Path) -> None:
    open_book(tmp_path).close()
    copy = tmp_path / "copy.db"
    copy.write_bytes(b"precious")
    with pytest.raises(Unusable, match="exists already"):
        backup(tmp_path / FILE_NAME, copy)
    assert copy.read_bytes() == b"precious"


def test_a_backup_of_nothing_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="cannot be read"):
        backup(tmp_path / FILE_NAME, tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_of_a_damaged_file_leaves_nothing_behind(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    book.done()
    book.close()
    path = tmp_path / FILE_NAME
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + os.urandom(4096) + whole[12288:-4096])
    with pytest.raises(Unusable):
        backup(path, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
    assert list(tmp_path.glob("*.part")) == []


def test_a_backup_into_a_missing_folder_is_one_sentence(tmp_path: Path) -> None:
    open_book(tmp_path).close()
    with pytest.raises(Unusable, match="could not be written"):
        backup(tmp_path / FILE_NAME, tmp_path / "missing" / "copy.db")
