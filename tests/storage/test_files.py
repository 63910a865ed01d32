"""Kept files: named by what is in them, on the disk for certain, and nothing left of what did not arrive."""

import os
import stat
from pathlib import Path
from typing import Self

import pytest

from storage import files as subject
from storage.files import Files

SHA = "ab" + "0" * 62
OTHER = "cd" + "0" * 62


@pytest.fixture
def files(tmp_path: Path) -> Files:
    made = Files(tmp_path)
    made.prepare()
    return made


def arrive(files: Files, data: bytes = b"data") -> Path:
    path = files.new_path()
    path.write_bytes(data)
    return path


def test_a_file_is_moved_to_its_place_and_nobody_elses(files: Files, tmp_path: Path) -> None:
    arrived = arrive(files)
    kept = files.keep(arrived, SHA)
    assert kept == files.path(SHA) == tmp_path / "files" / "ab" / SHA
    assert kept.read_bytes() == b"data"
    assert not arrived.exists()
    assert files.has(SHA)
    assert not files.has(OTHER)


def test_the_folders_are_their_owners_alone(files: Files, tmp_path: Path) -> None:
    files.keep(arrive(files), SHA)
    for folder in ("files", "incoming", "files/ab"):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == 0o700


def test_the_same_content_is_kept_once(files: Files) -> None:
    for _ in range(3):
        files.keep(arrive(files), SHA)
    assert files.sizes() == {SHA: 4}


def test_what_was_arriving_at_the_last_end_is_dropped_at_the_start(files: Files) -> None:
    arrive(files)
    folder = files.new_folder()
    (folder / "1").write_bytes(b"half")
    files.keep(arrive(files), SHA)
    files.prepare()
    assert not folder.exists()
    assert list(folder.parent.iterdir()) == []
    assert files.has(SHA)


def test_two_arrivals_never_meet(files: Files) -> None:
    assert len({files.new_path() for _ in range(1_000)}) == 1_000


def test_only_what_was_made_for_one_use_is_discarded(files: Files) -> None:
    kept = files.keep(arrive(files), SHA)
    once = arrive(files)
    for path in (kept, once, once):
        files.discard(path)
    assert kept.exists()
    assert not once.exists()


def test_dropping_what_is_not_there_is_fine(files: Files) -> None:
    files.keep(arrive(files), SHA)
    for _ in range(2):
        files.drop(SHA)
    assert not files.has(SHA)


def test_files_are_told_apart_by_when_they_arrived(files: Files) -> None:
    for sha256, age in ((SHA, 0), (OTHER, 0), ("ef" + SHA[2:], 100)):
        kept = files.keep(arrive(files), sha256)
        os.utime(kept, (1_000 + age, 1_000 + age))
    assert files.arrived_before(1_050.0) == {SHA, OTHER}
    assert files.sizes().keys() == {SHA, OTHER, "ef" + SHA[2:]}


def test_a_file_and_its_name_are_on_the_disk_before_it_counts_as_kept(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that stops must not leave a row that names nothing: contents, name and folder are synced."""
    synced: list[Path] = []
    real = os.fsync

    def noting(handle: int) -> None:
        synced.append(Path(os.readlink(f"/proc/self/fd/{handle}")))
        real(handle)

    monkeypatch.setattr(subject.os, "fsync", noting)
    arrived = arrive(files)
    files.keep(arrived, SHA)
    assert synced == [tmp_path / "files", arrived, tmp_path / "files" / "ab"]


def test_a_disk_that_fails_while_keeping_leaves_what_arrived(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(subject.os, "fsync", full)
    arrived = arrive(files)
    with pytest.raises(OSError, match="No space"):
        files.keep(arrived, SHA)
    assert not files.has(SHA)


def test_a_folder_goes_although_a_cancelled_download_opens_its_file_just_then(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = files.new_folder()
    (folder / "1").write_bytes(b"half")
    scandir = os.scandir

    def late(path: object) -> object:
        listed = list(scandir(path))  # type: ignore[call-overload]
        with pytest.raises(FileNotFoundError):
            (folder / "2").write_bytes(b"late")
        return _Listed(listed)

    monkeypatch.setattr(os, "scandir", late)
    files.remove_folder(folder)
    monkeypatch.undo()
    assert list(folder.parent.iterdir()) == []


class _Listed(list[os.DirEntry[str]]):
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""
