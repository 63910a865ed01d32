"""A file in the making: it appears under its name whole, or not at all."""

import asyncio
import hashlib
import secrets
import threading
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

PART_SUFFIX: Final = ".part"
"""The end of the names of unfinished files: whatever carries it after a crash can be deleted."""


class PartFile:
    """Collects bytes beside ``path`` and puts them there at the end; all disk work is done in threads.

    A thread goes on when the task that waits for it is cancelled. So each step holds a lock, and none
    begins after the file was discarded: nothing is left behind, and nothing is written to whatever
    else may have the file's number by then. Each step costs a change of threads: there are few of them.
    """

    def __init__(self, path: Path) -> None:
        self.size = 0
        self._path = path
        self._part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART_SUFFIX}")
        self._digest = hashlib.sha256()
        self._file: BinaryIO | None = None
        self._kept = self._discarded = False
        self._lock = threading.Lock()

    @property
    def sha256(self) -> str:
        """The SHA-256 of all bytes so far, in hex."""
        return self._digest.hexdigest()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._kept:
            await asyncio.shield(asyncio.to_thread(self._discard))

    async def write(self, chunk: bytes) -> None:
        await asyncio.to_thread(self._write, chunk)
        self.size += len(chunk)

    async def keep(self, rest: bytes = b"") -> None:
        """Append the last bytes and put the file under its name."""
        await asyncio.to_thread(self._keep, rest)
        self._kept = True
        self.size += len(rest)

    def _write(self, chunk: bytes) -> None:
        with self._lock:
            file = self._opened()
            self._digest.update(chunk)
            file.write(chunk)

    def _keep(self, rest: bytes = b"") -> None:
        if rest:
            self._write(rest)
        with self._lock:
            self._opened().close()
            self._part.replace(self._path)

    def _opened(self) -> BinaryIO:
        if self._discarded:
            raise ValueError("the file was discarded")
        if self._file is None:
            self._file = self._part.open("xb")
        return self._file

    def _discard(self) -> None:
        with self._lock:
            self._discarded = True
            if self._file is not None:
                self._file.close()
                self._part.unlink(missing_ok=True)
