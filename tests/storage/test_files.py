"""Kept files: named by what is in them, where they are for certain, and nothing left of what did not arrive.

The same tests on a folder of one's own, on a shared one, on what obstore has in memory and in a folder, and on a
store that speaks S3 over HTTP.
"""

import hashlib
import os
import stat
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Self

import pytest
from obstore.store import LocalStore, MemoryStore

from storage import files as subject
from storage.files import Files
from storage.incoming import LEFT_AFTER
from storage.kept import files_at
from storage.objects import ObjectFiles
from tests.storage.s3_standin import BUCKET, S3Standin, s3_standin

DATA, MORE = b"data", b"more data"
SHA, OTHER = (hashlib.sha256(data).hexdigest() for data in (DATA, MORE))
MIB = 2**20

MakeFiles = Callable[[str], Files]
"""Makes the files of one process; a name stands for a process, or for a host."""


def at(url: str | None, folder: Path, **s3: str) -> Files:
    return files_at(url, folder, alone=url is None, s3=s3, copies=10 * MIB)


@pytest.fixture(scope="module")
def store() -> Generator[S3Standin]:
    with s3_standin() as standin:
        yield standin


@pytest.fixture(params=["own", "shared", "memory", "obstore", "s3"])
def process(request: pytest.FixtureRequest, tmp_path: Path, store: S3Standin) -> MakeFiles:
    """Return what makes the files of another process, on another host where there is a store between them."""
    memory = MemoryStore()
    store.objects.clear()
    (tmp_path / "objects").mkdir()

    def make(name: str) -> Files:
        kinds: dict[str, Callable[[], Files]] = {
            "own": lambda: at(None, tmp_path),
            "shared": lambda: at(f"file://{tmp_path}", tmp_path / name),
            "memory": lambda: ObjectFiles(memory, tmp_path / name, limit=10 * MIB),
            "obstore": lambda: ObjectFiles(
                LocalStore(str(tmp_path / "objects")), tmp_path / name, limit=10 * MIB
            ),
            "s3": lambda: at(f"s3://{BUCKET}/bot", tmp_path / name, **store.options),
        }
        made = kinds[request.param]()
        made.prepare()
        return made

    return make


@pytest.fixture
def files(process: MakeFiles) -> Files:
    return process("one")


@pytest.fixture
def disk(tmp_path: Path) -> Files:
    made = at(None, tmp_path)
    made.prepare()
    return made


def arrive(files: Files, data: bytes = DATA) -> Path:
    path = files.new_path()
    path.write_bytes(data)
    return path


def keep(files: Files, data: bytes = DATA) -> Path:
    return files.keep(arrive(files, data), hashlib.sha256(data).hexdigest())


def test_a_file_is_moved_to_its_place(files: Files) -> None:
    arrived = arrive(files)
    kept = files.keep(arrived, SHA)
    assert kept == files.path(SHA)
    assert kept.read_bytes() == DATA
    assert not arrived.exists()
    assert files.has(SHA)
    assert not files.has(OTHER)


def test_another_process_finds_what_one_has_kept(process: MakeFiles) -> None:
    keep(process("one"))
    after = process("two")
    assert after.has(SHA)
    assert after.path(SHA).read_bytes() == DATA
    assert after.sizes() == {SHA: len(DATA)}


def test_folders_are_named_by_the_first_letters_and_are_their_owners_alone(
    disk: Files, tmp_path: Path
) -> None:
    assert keep(disk) == tmp_path / "files" / SHA[:2] / SHA
    for folder in ("files", "incoming", f"files/{SHA[:2]}", disk.new_path().parent):
        assert stat.S_IMODE((tmp_path / folder).stat().st_mode) == 0o700


def test_the_same_content_is_kept_once(files: Files) -> None:
    for _ in range(3):
        keep(files)
    assert files.sizes() == {SHA: 4}


def test_what_was_arriving_at_the_last_end_is_dropped_at_the_start(process: MakeFiles) -> None:
    files = process("one")
    arrive(files)
    folder = files.new_folder()
    (folder / "1").write_bytes(b"half")
    keep(files)
    files.prepare()
    assert not folder.exists()
    assert list(folder.parent.iterdir()) == []
    assert files.path(SHA).read_bytes() == DATA


def test_what_arrives_at_processes_that_live_or_may_live_stays_and_what_dead_ones_left_goes(
    tmp_path: Path,
) -> None:
    shared = at(f"file://{tmp_path}", tmp_path)
    shared.prepare()
    machine = shared.new_path().parent.name.partition("-")[0]
    living = tmp_path / "incoming" / f"{machine}-{os.getppid()}"
    dead = tmp_path / "incoming" / f"{machine}-{2**22 + 1}"
    elsewhere, long_ago = (tmp_path / "incoming" / f"{host}-1" for host in ("0123456789ab", "ba9876543210"))
    for folder in (living, dead, elsewhere, long_ago):
        folder.mkdir()
        (folder / "half").write_bytes(b"half")
    before = time.time() - LEFT_AFTER - 60
    os.utime(long_ago, (before, before))
    os.utime(living, (before, before))
    shared.prepare()
    assert (living / "half").exists()
    assert (elsewhere / "half").exists()
    assert not dead.exists()
    assert not long_ago.exists()


def test_whose_folder_was_taken_for_left_gets_another(files: Files) -> None:
    folder = files.new_folder()
    folder.rmdir()
    for each in sorted(folder.parent.rglob("*"), reverse=True):
        each.rmdir()
    folder.parent.rmdir()
    assert keep(files).read_bytes() == DATA


def test_a_process_alone_drops_whatever_was_arriving(disk: Files, tmp_path: Path) -> None:
    # Before each process had a folder of its own there.
    of_an_older_version = ("0a" * 16, f"{'0b' * 16}.2", f".{'0c' * 16}.0123abcd.part")
    for name in of_an_older_version:
        (tmp_path / "incoming" / name).write_bytes(b"half")
    (tmp_path / "incoming" / "0123456789ab-1").mkdir()
    disk.prepare()
    assert list((tmp_path / "incoming").iterdir()) == [disk.new_path().parent]


@pytest.mark.parametrize("alone", [True, False])
def test_what_is_none_of_ours_stays_where_files_arrive(tmp_path: Path, alone: bool) -> None:
    theirs = [
        tmp_path / "incoming" / name for name in ("letter.txt", "202611301200-1", "from-ann/letter.txt")
    ]
    long_ago = time.time() - LEFT_AFTER - 60
    for path in theirs:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"Dear")
    for path in (*theirs, theirs[-1].parent):
        os.utime(path, (long_ago, long_ago))
    at(None if alone else f"file://{tmp_path}", tmp_path).prepare()
    assert all(path.exists() for path in theirs)


def test_what_a_version_without_folders_left_on_a_shared_volume_goes_after_a_day(tmp_path: Path) -> None:
    old, new = (tmp_path / "incoming" / (letter * 32) for letter in "ab")
    old.parent.mkdir(parents=True)
    for path in (old, new):
        path.write_bytes(DATA)
    long_ago = time.time() - LEFT_AFTER - 60
    os.utime(old, (long_ago, long_ago))
    at(f"file://{tmp_path}", tmp_path).prepare()
    assert (old.exists(), new.exists()) == (False, True)


def test_two_arrivals_never_meet(disk: Files) -> None:
    assert len({disk.new_path() for _ in range(1_000)}) == 1_000


def test_only_what_was_made_for_one_use_is_discarded(files: Files) -> None:
    kept = keep(files)
    once = arrive(files)
    for path in (kept, once, once):
        files.discard(path)
    assert kept.exists()
    assert not once.exists()


def test_dropping_what_is_not_there_is_fine(files: Files) -> None:
    kept = keep(files)
    for _ in range(2):
        files.drop(SHA)
    assert not files.has(SHA)
    assert not kept.exists()
    assert files.sizes() == {}


def test_what_is_nowhere_is_said_to_be_by_whoever_opens_it(files: Files) -> None:
    with pytest.raises(FileNotFoundError):
        files.path(SHA).read_bytes()


def test_files_are_told_apart_by_when_they_arrived(files: Files) -> None:
    keep(files)
    keep(files, MORE)
    assert files.arrived_before(time.time() + 3_600) == {SHA, OTHER}
    assert files.arrived_before(time.time() - 3_600) == set()
    assert files.sizes() == {SHA: len(DATA), OTHER: len(MORE)}


def test_a_file_that_goes_while_all_are_listed_is_not_kept(disk: Files) -> None:
    gone = keep(disk, MORE)
    keep(disk)
    gone.unlink()
    # It is still listed, and no longer there to look at.
    gone.symlink_to("nowhere")
    assert disk.arrived_before(time.time() + 3_600) == {SHA}
    assert disk.sizes() == {SHA: len(DATA)}


def test_the_moment_of_arrival_is_the_files_own(disk: Files) -> None:
    for data, age in ((DATA, 0), (MORE, 100)):
        os.utime(keep(disk, data), (1_000 + age, 1_000 + age))
    assert disk.arrived_before(1_050.0) == {SHA}


def test_a_file_and_its_name_are_on_the_disk_before_it_counts_as_kept(
    disk: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that stops must not leave a row that names nothing: contents, name and folder are synced."""
    synced: list[Path] = []
    real = os.fsync

    def noting(handle: int) -> None:
        synced.append(Path(os.readlink(f"/proc/self/fd/{handle}")))
        real(handle)

    monkeypatch.setattr(subject.os, "fsync", noting)
    arrived = arrive(disk)
    disk.keep(arrived, SHA)
    assert synced == [tmp_path / "files", arrived, tmp_path / "files" / SHA[:2]]


def test_a_disk_that_fails_while_keeping_leaves_what_arrived(
    disk: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(subject.os, "fsync", full)
    arrived = arrive(disk)
    with pytest.raises(OSError, match="No space"):
        disk.keep(arrived, SHA)
    assert not disk.has(SHA)


def test_a_folder_goes_although_a_cancelled_download_opens_its_file_just_then(
    disk: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = disk.new_folder()
    (folder / "1").write_bytes(b"half")
    scandir = os.scandir

    def late(path: object) -> object:
        listed = list(scandir(path))  # type: ignore[call-overload]
        with pytest.raises(FileNotFoundError):
            (folder / "2").write_bytes(b"late")
        return _Listed(listed)

    monkeypatch.setattr(os, "scandir", late)
    disk.remove_folder(folder)
    monkeypatch.undo()
    assert list(folder.parent.iterdir()) == []


class _Listed(list[os.DirEntry[str]]):
    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""
