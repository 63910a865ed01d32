"""Kept files, named by what is in them: a source that is used a hundred times is stored once.

Layout: ``DATA_DIR/files/ab/abcd…`` (SHA-256, hex) and ``DATA_DIR/incoming/`` for what is still arriving.
"""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from storage import unnamed
from storage.errors import Hindered
from storage.incoming import Incoming
from storage.tx import Tx

PLACE = "place"
"""The file beside the others that says what their place is called."""
TRIED, TRIED_BYTES = "tried", 2**20
"""The file by which it is tried whether any can be kept, which is deleted at once, and how much is in it."""


class Vanished(Exception):
    """A kept file went before a row named it, because nobody else's row did: it must be fetched again."""


class Unreachable(OSError):
    """The store in which files are kept does not answer, or refuses: whether one is there is not known."""


class Refused(Unreachable):
    """The store says for certain that it has no such bucket, or that this key may not read there."""


def require_named(directory: Path) -> None:
    """Make sure that a place which has a name is there, and not the empty folder where its volume was.

    Raises
    ------
    Unreachable
        It is not, or that cannot be told.
    """
    try:
        found = (directory / "files" / PLACE).is_file()
    except OSError as error:
        # Of a volume nothing is for good: whoever serves it may be at work on it.
        raise Unreachable(errno.EIO, f"{directory} cannot be read: {error.strerror}.") from error
    if not found:
        raise Unreachable(errno.EIO, f"{directory} is not where the files were: is its volume mounted?")


class Files:
    """The files of one directory. Its methods touch the disk: call them off the event loop.

    Parameters
    ----------
    alone
        No other process uses it.
    named
        Its place has a name before any file is kept, without which it is away.
    """

    def __init__(self, directory: Path, *, alone: bool = True, named: bool = False) -> None:
        self.alone = alone
        self._named = named
        self._directory = directory
        self._kept = directory / "files"
        self._incoming = Incoming(directory, alone=alone, require=self._require_named)
        self.new_path = self._incoming.new_path
        self.new_folder = self._incoming.new_folder
        self.remove_folder = self._incoming.remove_folder
        self.discard = self._incoming.discard
        """Delete a file that was made for one use only; a kept one stays."""

    def prepare(self) -> None:
        """Create the folders and drop what was arriving when the last run ended.

        Raises
        ------
        Hindered
            A place that has a name is away, or cannot be written: a volume's server may be at work on it.
        OSError
            The directory cannot be written.
        """
        try:
            self._require_named()
            self._kept.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._incoming.prepare()
        except Unreachable as error:
            raise Hindered(str(error.strerror)) from error
        except OSError as error:
            if not self._named:
                raise
            raise Hindered(f"{self._directory} cannot be used: {error.strerror}.") from error

    def _require_named(self) -> None:
        if self._named:
            require_named(self._directory)

    def path(self, sha256: str) -> Path:
        """Return where a kept file can be read for an hour at least.

        Raises
        ------
        FileNotFoundError
            A store says for certain that it has none; of the directory whoever opens it learns that.
        Unreachable
            A store does not answer, or the place is away.
        """
        file = self._kept / sha256[:2] / sha256
        if not file.exists():
            self._require_named()
        return file

    def has(self, sha256: str) -> bool:
        """Tell whether a file is kept.

        Raises
        ------
        Unreachable
            A store does not answer, or the place is away.
        """
        return self.path(sha256).is_file()

    def must_have(self, tx: Tx, kept: Iterable[str | None]) -> None:
        """Make sure, in the transaction that names files by their SHA-256, that they are there and stay.

        Raises
        ------
        Vanished
            One is not.
        """
        for sha256 in kept:
            if sha256 is not None and not (unnamed.claim(tx, sha256) and self._stays(tx, sha256)):
                raise Vanished(sha256)

    def _stays(self, _tx: Tx, sha256: str) -> bool:
        """Tell, asking no network, whether a file that is not going is there."""
        return self.has(sha256)

    def keep(self, arrived: Path, sha256: str) -> Path:
        """Move a file that has arrived to its place, there for certain before any row names it.

        Raises
        ------
        Unreachable
            The place is away, or the store does not take it.
        OSError
            The disk is full or read-only.
        """
        self._require_named()
        target = self._kept / sha256[:2] / sha256
        if not target.parent.is_dir():
            target.parent.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(self._kept)
        with arrived.open("rb") as handle:
            os.fsync(handle.fileno())
        arrived.replace(target)
        _sync_folder(target.parent)
        return target

    def drop(self, sha256: str) -> None:
        """Delete a kept file, if it is there."""
        self.path(sha256).unlink(missing_ok=True)

    def sizes(self) -> dict[str, int]:
        """Return the bytes of every kept file by its SHA-256."""
        return {name: found.st_size for name, found in self._found()}

    def arrived_before(self, moment: float) -> set[str]:
        """Return the SHA-256 of the kept files that arrived before a moment (Unix seconds)."""
        return {name for name, found in self._found() if found.st_mtime < moment}

    def _found(self) -> Iterator[tuple[str, os.stat_result]]:
        for file in self._kept.glob("??/*"):
            # What an erasure or another sweep deletes meanwhile is no longer kept.
            with suppress(FileNotFoundError):
                yield file.name, file.stat()

    def place(self) -> str | None:
        """Return the name that was given to this place, if one was.

        Raises
        ------
        Refused
            A store says for certain that this is none for us.
        Unreachable
            A store does not answer, or refuses just now.
        """
        try:
            return (self._kept / PLACE).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None

    def require_writable(self) -> None:
        """Make sure that a file can be kept by keeping one, and delete it.

        Raises
        ------
        OSError
            None can.
        """
        arrived, tried = self.new_path(), self._kept / TRIED
        try:
            with arrived.open("wb") as handle:
                handle.write(bytes(TRIED_BYTES))
                handle.flush()
                os.fsync(handle.fileno())
            arrived.replace(tried)
        finally:
            arrived.unlink(missing_ok=True)
        tried.unlink(missing_ok=True)

    def name_place(self, name: str) -> None:
        """Write down what this place is called."""
        self._kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._kept / f"{PLACE}.{os.getpid()}"
        with unfinished.open("w", encoding="ascii") as handle:
            handle.write(f"{name}\n")
            handle.flush()
            os.fsync(handle.fileno())
        unfinished.replace(self._kept / PLACE)
        _sync_folder(self._kept)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
