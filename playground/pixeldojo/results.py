"""The files of results: kept on disk in a temporary folder, gone when they expire."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from random import Random

from playground.pixeldojo.clock import Clock, milliseconds

_SMALL = 64 * 1024
TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}


@dataclass(slots=True)
class Result:
    """One file: small ones in memory, others on disk; what happens to whoever fetches it."""

    content: bytes | Path
    content_type: str
    size: int
    expires: float
    action: str
    fetched: bool = False

    def read(self) -> bytes:
        """Return its bytes."""
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()


class Results:
    """All files that can be fetched. Beyond `most_bytes` on disk the oldest that were fetched go first."""

    def __init__(self, *, clock: Clock, seed: int, most_bytes: int = 200 * 1024 * 1024) -> None:
        self._clock = clock
        self._rng = Random(f"{seed}/results")
        self._most_bytes = most_bytes
        self._folder = Path(tempfile.mkdtemp(prefix="results-"))
        self._files: dict[str, Result] = {}
        self._bytes = 0

    def close(self) -> None:
        """Delete all files."""
        shutil.rmtree(self._folder)

    def add(self, data: bytes, output_format: str, *, expires: float, action: str) -> str:
        """Keep a file and return its name, which looks like ``1705930123-456789.png``."""
        moment = milliseconds(self._clock.now()) // 1000
        name = f"{moment}-{self._rng.randrange(10**9):09d}.{output_format}"
        content: bytes | Path = data
        if len(data) > _SMALL:
            content = self._folder / name
            content.write_bytes(data)
            self._bytes += len(data)
        self._files[name] = Result(content, TYPES[output_format], len(data), expires, action)
        if self._bytes > self._most_bytes:
            self._prune()
        return name

    def get(self, name: str) -> Result | None:
        """Return a file that is there and has not expired."""
        result = self._files.get(name)
        return None if result is None or result.expires <= self._clock.now() else result

    def _prune(self) -> None:
        now = self._clock.now()
        for name, result in list(self._files.items()):
            if self._bytes <= self._most_bytes:
                return
            if isinstance(result.content, Path) and (result.fetched or result.expires <= now):
                result.content.unlink()
                self._bytes -= result.size
                del self._files[name]
