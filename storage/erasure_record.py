"""Which members were erased, as hashes in a file beside the database: a restored backup knows nothing of it.

A line is a number, which grows, and a hash. The database keeps the last number that it has carried out.
"""

import os
from pathlib import Path

FILE_NAME = "erasures"


class ErasureRecord:
    """The file of one data directory. Its methods touch the disk: call them off the event loop."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME

    def lines(self) -> list[tuple[int, str]]:
        """Return all numbers and hashes; a line that a crash cut short is none."""
        if not self._path.exists():
            return []
        found = [line.split() for line in self._path.read_text(encoding="ascii").splitlines()]
        return [
            (int(words[0]), words[1])
            for words in found
            if len(words) == 2 and words[0].isdigit() and len(words[1]) == 64
        ]

    def add(self, hashed: str) -> int:
        """Note an erasure, on the disk for certain, and return its number.

        Raises
        ------
        OSError
            The disk is full or read-only.
        """
        number = max((each for each, _ in self.lines()), default=0) + 1
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            # On a line of its own, whatever a crash has left of the last one.
            os.write(handle, f"\n{number} {hashed}\n".encode("ascii"))
            os.fsync(handle)
        finally:
            os.close(handle)
        return number
