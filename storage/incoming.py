"""Where files arrive: a folder for each process, so that several may share a volume.

A process that starts empties its own and those of processes that are no more. Which are, it knows of its own
machine; of others it takes a folder for left in which nothing came or went for a day. What has another
name than a bot gives is not its own.
"""

import hashlib
import os
import platform
import re
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path

LEFT_AFTER = 86_400.0
"""Seconds: nothing takes so long to arrive."""
_PROCESS = re.compile("[0-9a-f]{12}-[0-9]+")
_BEFORE = re.compile(r"\.?[0-9a-f]{32}(\.[0-9]+|\.[0-9a-f]{8}\.part)?")
"""How files were called that arrived before each process had a folder: a bot was alone then."""


class Incoming:
    """The folder of one process in ``DATA_DIR/incoming``.

    Parameters
    ----------
    alone
        No other process may have one.
    require
        Raises ``OSError`` where the directory is not what it was: no folder is made there then.
    """

    def __init__(self, directory: Path, *, alone: bool, require: Callable[[], object]) -> None:
        self._all = directory / "incoming"
        self._alone = alone
        self._require = require

    @cached_property
    def folder(self) -> Path:
        return self._all / f"{_machine()}-{os.getpid()}"

    def prepare(self) -> None:
        """Drop what was arriving when a process ended.

        Raises
        ------
        OSError
            The directory cannot be written, or is away.
        """
        self._require()
        self._all.mkdir(mode=0o700, parents=True, exist_ok=True)
        for entry in self._all.iterdir():
            if is_ours(entry) if self._alone else entry == self.folder or _is_left(entry):
                _remove(entry)
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def new_path(self) -> Path:
        """Return a path for a file that is about to arrive.

        Raises
        ------
        OSError
            The directory cannot be written, or is away.
        """
        if not self.folder.is_dir():
            # Taken for left: nothing had come for a day. Or a volume went, and left an empty folder.
            self._require()
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.folder / secrets.token_hex(16)

    def new_folder(self) -> Path:
        """Make a folder for files that are about to arrive together."""
        folder = self.new_path()
        folder.mkdir(mode=0o700)
        return folder

    def remove_folder(self, folder: Path) -> None:
        """Delete a folder of ``new_folder`` with what was not kept."""
        # A cancelled download's thread may be about to open its file: under the old name it finds nothing.
        with suppress(OSError):
            leaving = self.new_path()
            folder.rename(leaving)
            shutil.rmtree(leaving, ignore_errors=True)

    def discard(self, path: Path) -> None:
        """Delete a file that arrived alone, if it is one and still there."""
        if path.parent == self.folder:
            path.unlink(missing_ok=True)


def _machine() -> str:
    """Name what numbers processes: one boot of one machine, or a container on it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        known = boot + str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        known = platform.node()
    return hashlib.sha256(known.encode()).hexdigest()[:12]


def is_ours(entry: Path) -> bool:
    """Tell by its name whether something in a folder ``incoming`` is a bot's, of whatever version."""
    return _is_of_a_process(entry) or _BEFORE.fullmatch(entry.name) is not None


def _is_of_a_process(entry: Path) -> bool:
    return _PROCESS.fullmatch(entry.name) is not None and entry.is_dir()


def _is_left(entry: Path) -> bool:
    if not is_ours(entry):
        return False
    machine, _, number = entry.name.partition("-")
    if machine == _machine():
        return not _runs(int(number))
    # Of another machine, or of a version without a folder for each process.
    try:
        return entry.stat().st_mtime < time.time() - LEFT_AFTER
    except OSError:
        return False


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _remove(entry: Path) -> None:
    if entry.is_dir():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)
