"""One bot for a data directory, however the other one ended."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from storage.engines.lock import locked_directory, unusable
from storage.errors import DataDirLocked, Unusable

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from pathlib import Path
from storage.engines.lock import locked_directory
with locked_directory(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(directory: Path) -> "subprocess.Popen[bytes]":
    """Start another process that holds the lock."""
    command = [sys.executable, "-c", HOLDER, str(directory)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def said_of(directory: Path) -> tuple[str, bool]:
    said = unusable(directory)
    assert said is not None
    return said


def test_the_directory_is_made_for_its_owner_only(tmp_path: Path) -> None:
    with locked_directory(tmp_path / "a" / "b") as directory:
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700
        assert stat.S_IMODE((directory / "lock").stat().st_mode) == 0o600


def test_a_directory_that_was_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    directory.mkdir(mode=0o755)
    with locked_directory(directory):
        assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_a_second_bot_is_refused_and_the_first_one_keeps_its_lock(tmp_path: Path) -> None:
    with locked_directory(tmp_path):
        for _ in range(2):
            with pytest.raises(DataDirLocked, match="in use by another bot"), locked_directory(tmp_path):
                raise AssertionError("two bots")


def test_the_lock_is_free_again_after_its_holder_ended(tmp_path: Path) -> None:
    for _ in range(2):
        with locked_directory(tmp_path):
            assert (tmp_path / "lock").exists()


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    other = hold(tmp_path)
    try:
        with pytest.raises(DataDirLocked), locked_directory(tmp_path):
            raise AssertionError("two bots")
        os.kill(other.pid, signal.SIGKILL)
        other.wait(20)
        with locked_directory(tmp_path) as directory:
            assert directory == tmp_path
    finally:
        other.kill()
        other.communicate()


def test_a_directory_that_cannot_be_made_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with (
        pytest.raises(Unusable, match=r"DATA_DIR .* cannot be written: .*\.$"),
        locked_directory(tmp_path / "file" / "data"),
    ):
        raise AssertionError("a folder inside a file")


@pytest.mark.parametrize(
    "names",
    [
        ("letter.txt",),
        ("letter.txt", "files/ab", "incoming/ab", "lock"),
        ("incoming/letter.txt",),
        ("files/letter.txt",),
        ("filesystems", "lock-picking", "erasure of paint"),
    ],
)
def test_a_folder_that_is_in_use_for_something_else_is_refused_and_stays_open_to_whoever_uses_it(
    tmp_path: Path, names: Sequence[str]
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    for name in names:
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).touch()
    assert said_of(home) == (
        f"{home} holds other things, and nothing of Darkroom's: name a folder of its own",
        False,
    )
    with pytest.raises(Unusable, match="holds other things"), locked_directory(home):
        raise AssertionError("somebody's home became a data directory")
    assert stat.S_IMODE(home.stat().st_mode) == 0o755
    assert {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()} == {*names}


@pytest.mark.parametrize(
    "name",
    ["lost+found", ".keep", "files", "incoming/lost+found", "files/ab", "files/tried", "files/place.7"],
)
def test_a_folder_that_is_empty_is_taken(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir(parents=True)
    assert unusable(tmp_path) is None
    with locked_directory(tmp_path):
        pass
    # What a start that was broken off leaves.
    assert unusable(tmp_path) is None


@pytest.mark.parametrize(
    "name",
    [
        "darkroom.db",
        "darkroom.db.moving",
        "rescued-1.db",
        "erasures",
        "erasure.key",
        ".let-in",
        # On PostgreSQL, with files here or in a store; the last is of a version before.
        "files/place",
        f"files/ab/{'ab' * 32}",
        "incoming/0123456789ab-1/half",
        f"incoming/{'ab' * 16}",
    ],
)
def test_a_folder_that_was_one_before_is_taken_whatever_else_is_in_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).touch()
    (tmp_path / "2026-11-30.csv.gz").touch()
    assert unusable(tmp_path) is None
    with locked_directory(tmp_path):
        assert said_of(tmp_path) == (f"{tmp_path} is in use by another bot, or by maintenance", True)


def test_looking_at_a_folder_makes_none(tmp_path: Path) -> None:
    assert unusable(tmp_path / "a" / "b") is None
    (tmp_path / "file").touch()
    for place, why in (
        (tmp_path / "file", "Not a directory"),
        (tmp_path / ("x" * 300), "File name too long"),
    ):
        said, passes = said_of(place / "data")
        assert why in said
        assert not passes
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_directory_is_refused_in_a_sentence(tmp_path: Path) -> None:
    parent = tmp_path / "read-only"
    parent.mkdir(mode=0o500)
    with pytest.raises(Unusable, match="cannot be written"), locked_directory(parent / "data"):
        raise AssertionError("written where nobody may")
