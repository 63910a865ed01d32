"""Kept files, named by what is in them: a source that is used a hundred times is stored once.

Layout: ``DATA_DIR/files/ab/abcd…`` (SHA-256, hex) and ``DATA_DIR/incoming/`` for what is still arriving.
"""

import os
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from storage import unnamed
from storage.tx import Tx


class Vanished(Exception):
    """A kept file went before a row named it, because nobody else's row did: it must be fetched again."""


class Files:
    """The files of one data directory. Its methods touch the disk: call them off the event loop."""

    def __init__(self, directory: Path) -> None:
        self._kept = directory / "files"
        self._incoming = directory / "incoming"

    def prepare(self) -> None:
        """Create the folders and drop what was arriving when the last run ended.

        Raises
        ------
        OSError
            The directory cannot be written.
        """
        for folder in (self._kept, self._incoming):
            folder.mkdir(mode=0o700, exist_ok=True)
        shutil.rmtree(self._incoming)
        self._incoming.mkdir(mode=0o700)

    def new_path(self) -> Path:
        """Return a path for a file that is about to arrive."""
        return self._incoming / secrets.token_hex(16)

    def new_folder(self) -> Path:
        """Make a folder for files that are about to arrive together."""
        folder = self.new_path()
        folder.mkdir(mode=0o700)
        return folder

    def remove_folder(self, folder: Path) -> None:
        """Delete a folder of ``new_folder`` with what was not kept."""
        # A cancelled download's thread may be about to open its file: under the old name it finds nothing.
        leaving = self.new_path()
        with suppress(OSError):
            folder.rename(leaving)
        shutil.rmtree(leaving, ignore_errors=True)

    def path(self, sha256: str) -> Path:
        """Return where a file is kept."""
        return self._kept / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Tell whether a file is kept."""
        return self.path(sha256).is_file()

    def must_have(self, tx: Tx, kept: Iterable[str | None]) -> None:
        """Make sure, in the transaction that names files by their SHA-256, that they are there and stay.

        Raises
        ------
        Vanished
            One is not.
        """
        for sha256 in kept:
            if sha256 is not None and not (unnamed.claim(tx, sha256) and self.has(sha256)):
                raise Vanished(sha256)

    def keep(self, arrived: Path, sha256: str) -> Path:
        """Move a file that has arrived to its place, on the disk for certain before any row names it.

        Raises
        ------
        OSError
            The disk is full or read-only.
        """
        target = self.path(sha256)
        if not target.parent.is_dir():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(self._kept)
        with arrived.open("rb") as handle:
            os.fsync(handle.fileno())
        arrived.replace(target)
        _sync_folder(target.parent)
        return target

    def discard(self, path: Path) -> None:
        """Delete a file that was made for one use only; a kept one stays."""
        if path.parent == self._incoming:
            path.unlink(missing_ok=True)

    def drop(self, sha256: str) -> None:
        """Delete a kept file, if it is there."""
        self.path(sha256).unlink(missing_ok=True)

    def sizes(self) -> dict[str, int]:
        """Return the bytes of every kept file by its SHA-256."""
        return {file.name: file.stat().st_size for file in self._kept.glob("??/*")}

    def arrived_before(self, moment: float) -> set[str]:
        """Return the SHA-256 of the kept files that arrived before a moment (Unix seconds)."""
        return {file.name for file in self._kept.glob("??/*") if file.stat().st_mtime < moment}


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
