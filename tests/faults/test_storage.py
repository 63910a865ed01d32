"""A data directory that cannot be used: one sentence, and nothing half written."""

import asyncio
import hashlib
import resource
import shlex
import shutil
import sqlite3
import subprocess
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from storage import erasures, facts
from storage.engines.fence import TRY_AGAIN
from storage.erasure_check import NAME
from storage.sqlite import open_writer
from tests.e2e.member import Member
from tests.e2e.messages import text_of
from tests.e2e.starts import COMMAND, start_several
from tests.e2e.world import World
from tests.faults.fast_world import HELD, PAID, FastWorld, ask_for, open_fast
from tests.storage.rows import verify_file

CONFIGURATION = 78
FOR_NOW = ("locked", "in_use", "full", "no_inodes")
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]
SENTENCES = {
    "corrupt": "darkroom.db cannot be used: file is not a database.",
    "newer": "The database has version 99, this program knows",
    "another_key": "the same on every host, or see docs/security.md if it is lost.",
    "locked": "darkroom.db cannot be used: database is locked.",
    "in_use": "is in use by another bot, or by maintenance.",
    "no_directory": "cannot be written: Not a directory.",
    "read_only": "cannot be written: Read-only file system.",
    "full": "cannot be used: database or disk is full.",
    "no_inodes": "cannot be used: unable to open database file. No space left on device.",
    "no_file": "darkroom.db cannot be used: it is not a file.",
}
NEED_MOUNTS = {"read_only": "mount --bind {0} {0} && mount -o remount,bind,ro {0}"}
NEED_MOUNTS["full"] = "mount -t tmpfs -o size=64k none {0}"
NEED_MOUNTS["no_inodes"] = "mount -t tmpfs -o nr_inodes=3 none {0}"


def can_mount() -> bool:
    """Tell whether this machine lets us mount in a namespace of our own."""
    if shutil.which(NAMESPACE[0]) is None:
        return False
    return subprocess.run([*NAMESPACE, "true"], capture_output=True, check=False).returncode == 0


CAN_MOUNT = can_mount()


def made_ready(name: str, folder: Path) -> Path:
    """Make a data directory with one thing wrong; return what DATA_DIR is to be."""
    folder.mkdir(mode=0o700)
    database = folder / "darkroom.db"
    match name:
        case "corrupt":
            database.write_bytes(b"SQLite no longer knows what this is." * 200)
        case "no_directory":
            (folder / "file").write_bytes(b"")
            return folder / "file" / "data"
        case "newer" | "locked":
            open_writer(database).close()
            if name == "newer":
                with closing(sqlite3.connect(database)) as connection:
                    connection.execute("INSERT INTO versions (number, at) VALUES (99, 0)")
                    connection.commit()
        case "no_file":
            database.mkdir()
        case "another_key":
            with closing(open_writer(database)) as connection:
                facts.set_fact(connection, NAME, "what another key makes")
                facts.set_fact(connection, erasures.CARRIED_OUT, "1")
        case _:
            pass
    return folder


def digest(folder: Path) -> dict[str, str]:
    """Return what is in a folder, by name."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != "lock"
    }


async def refused_starts(world: World, folders: Mapping[str, Path]) -> dict[str, tuple[int, str]]:
    """Start a bot for each data directory; return exit statuses and what was printed."""
    command = COMMAND
    if CAN_MOUNT:
        mounts = [line.format(shlex.quote(str(folders[name]))) for name, line in NEED_MOUNTS.items()]
        command = [*NAMESPACE, "sh", "-c", " && ".join([*mounts, f"exec {shlex.join(command)}"])]
    wishes = {
        name: world.settings(
            DATA_DIR=str(data), LOG_LEVEL="ERROR", PIXELDOJO_WEBHOOK_URL="", WEBHOOK_LISTEN=""
        )
        for name, data in folders.items()
        if CAN_MOUNT or name not in NEED_MOUNTS
    }
    return await start_several(wishes, command=command)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def refused(
    shared_world: FastWorld, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Mapping[str, tuple[int, str]]]:
    """Start a bot for each bad data directory, all at once, and see that none of them changes it."""
    base = tmp_path_factory.mktemp("bad")
    folders = {name: made_ready(name, base / name) for name in SENTENCES if name != "in_use"}
    folders["in_use"] = shared_world.data
    untouched = folders.keys() - {"in_use", "locked"}
    before = {name: digest(base / name) for name in untouched}
    with closing(sqlite3.connect(base / "locked" / "darkroom.db", isolation_level=None)) as stray:
        stray.execute("PRAGMA locking_mode = EXCLUSIVE")
        stray.execute("BEGIN EXCLUSIVE")
        ends = await refused_starts(shared_world, folders)
    assert {name: digest(base / name) for name in untouched} == before
    yield ends


@pytest.mark.parametrize("name", SENTENCES)
def test_a_bad_data_directory_is_one_sentence_at_the_start(
    refused: Mapping[str, tuple[int, str]], name: str
) -> None:
    if name in NEED_MOUNTS and not CAN_MOUNT:
        pytest.skip("this machine allows no mounts in a namespace")
    status, printed = refused[name]
    assert printed.startswith("Darkroom cannot start:")
    [line] = [each for each in printed.splitlines() if SENTENCES[name] in each]
    assert line.endswith(SENTENCES[name]) or name == "newer"
    assert len(printed.splitlines()) == (2 if "DATA_DIR" in line else 1), printed
    assert status == (TRY_AGAIN if name in FOR_NOW else CONFIGURATION)


class FullDisk:
    """Lets a running bot write no byte more to any file, as on a disk that is full."""

    def __init__(self, world: FastWorld) -> None:
        assert world.process is not None
        self._pid = world.process.pid

    def __enter__(self) -> None:
        self._before = resource.prlimit(self._pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def __exit__(self, *_: object) -> None:
        resource.prlimit(self._pid, resource.RLIMIT_FSIZE, self._before)


async def test_on_a_full_disk_nothing_is_taken_and_what_was_paid_waits(
    world: FastWorld, ann: Member, small: Path
) -> None:
    world.troubles |= {"could not be stored", "cannot be submitted", "again in", "Traceback"}
    world.switch(always="stuck")
    [paid] = await ask_for(ann, ["paid before the disk was full"], small)
    await ann.sees(paid.card, "Running")
    mod = world.member("mod")
    with FullDisk(world):
        refused = await ann.edit("asked while the disk is full", small)
        assert refused.get("only_you")
        assert text_of(refused).startswith("Darkroom cannot reach what it stores just now.")
        assert "You were not charged." in text_of(refused)
        async with mod as owner:
            await world.finish()
            await owner.message(lambda each: "DATA_DIR cannot be written." in text_of(each))
        assert world.job(paid.card)["status"] == "running"
        assert world.entries(paid.card) == HELD
        assert verify_file(world.data / "darkroom.db") == []
    done = await ann.sees(paid.card, "Done · 4 credits")
    assert world.results_on(done) == await world.provider_results(paid.prompt)
    assert world.entries(paid.card) == PAID
    assert len(world.jobs_of(ann)) == 1


async def test_while_another_program_locks_the_database_nothing_is_taken_and_nothing_is_lost(
    world: FastWorld, ann: Member, small: Path
) -> None:
    # Whatever else asks the database meanwhile, the sweep or a card, says so as well.
    world.troubles |= {"again in", "tried again", "Traceback", "cannot be used just now", "failed."}
    world.switch(always="stuck")
    [paid] = await ask_for(ann, ["paid before the lock"], small)
    await ann.sees(paid.card, "Running")
    with closing(sqlite3.connect(world.data / "darkroom.db", isolation_level=None, timeout=5)) as stray:
        stray.execute("BEGIN IMMEDIATE")
        refused = await ann.edit("asked while it is locked", small)
        assert refused.get("only_you")
        assert text_of(refused).startswith("Darkroom cannot reach what it stores just now.")
        await world.finish()
        assert world.job(paid.card)["status"] == "running"
        stray.execute("ROLLBACK")
    done = await ann.sees(paid.card, "Done · 4 credits")
    assert world.results_on(done) == await world.provider_results(paid.prompt)
    assert world.entries(paid.card) == PAID
    assert len(world.jobs_of(ann)) == 1


@pytest.mark.parametrize("name", ["removed_database", "removed_lock"])
async def test_a_bot_whose_files_are_taken_away_stops_and_keeps_what_was_stored(
    tmp_path: Path, small: Path, name: str
) -> None:
    async with open_fast(tmp_path) as world:
        async with Member.at(world.discord.origin, await world.join()) as ann:
            await world.finished(ann, "before it is taken away", small)
        taken = world.data / {"removed_database": "darkroom.db", "removed_lock": "lock"}[name]
        before = time.monotonic()
        taken.rename(tmp_path / "taken")
        assert world.process is not None
        assert await asyncio.wait_for(world.process.wait(), 20) == 78
        assert time.monotonic() - before < 5
        assert f"Darkroom stops: DATA_DIR's {taken.name} was removed" in world.log()
        [rescued] = world.data.glob("rescued-*.db")
        with closing(sqlite3.connect(rescued)) as copy:
            assert copy.execute("SELECT status FROM jobs").fetchall() == [("done",)]
        (tmp_path / "taken").rename(taken)
