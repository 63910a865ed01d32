"""Which members were erased, as hashes beside the files: a restored backup of the database does not know it.

Each has a number, which grows. The database keeps the last number that it has carried out.
"""

import errno
import os
from pathlib import Path
from typing import Protocol

from storage.files import Unreachable, require_named

FILE_NAME = "erasures"


class ErasureRecord(Protocol):
    """All hosts of a database share one. Its methods touch the disk or the network: not on the event loop."""

    def lines(self) -> list[tuple[int, str]]:
        """Return all numbers and hashes.

        Raises
        ------
        OSError
            They cannot be read.
        """
        ...

    def add(self, hashed: str, *, above: int) -> int:
        """Note an erasure, there for certain, and return its number: above all others, and ``above`` one.

        Raises
        ------
        OSError
            It cannot be written.
        """
        ...


class ErasureFile:
    """A line for each in a file of a folder; one that a crash cut short is none.

    ``named``: as of ``Files``.
    """

    def __init__(self, directory: Path, *, named: bool = False) -> None:
        self._directory = directory
        self._named = named
        self._path = directory / FILE_NAME

    def lines(self) -> list[tuple[int, str]]:
        if self._named:
            require_named(self._directory)
        found = [line.split() for line in self._read().splitlines()]
        return [
            (int(words[0]), words[1])
            for words in found
            if len(words) == 2 and words[0].isdigit() and len(words[1]) == 64
        ]

    def _read(self) -> str:
        try:
            return self._path.read_text(encoding="ascii")
        except FileNotFoundError:
            return ""
        except OSError as error:
            if not self._named:
                raise
            raise Unreachable(errno.EIO, f"{self._path} cannot be read: {error.strerror}.") from error

    def add(self, hashed: str, *, above: int) -> int:
        number = max((each for each, _ in self.lines()), default=0)
        number = max(number, above) + 1
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # On a line of its own, whatever a crash has left of the last one.
            os.write(handle, f"\n{number} {hashed}\n".encode("ascii"))
            os.fsync(handle)
        finally:
            os.close(handle)
        return number
