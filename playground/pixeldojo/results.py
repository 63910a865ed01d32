"""The files of results, in memory: gone when they expire."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from playground.pixeldojo.clock import Clock, milliseconds


@dataclass(slots=True)
class Result:
    """One file, and what happens to whoever fetches it."""

    data: bytes
    content_type: str
    expires: float
    action: str
    fetched: bool = False


class Results:
    """All files that can be fetched. Beyond `most_bytes` the oldest that were fetched go first."""

    def __init__(self, *, clock: Clock, seed: int, most_bytes: int = 512 * 1024 * 1024) -> None:
        self._clock = clock
        self._rng = Random(f"{seed}/results")
        self._most_bytes = most_bytes
        self._files: dict[str, Result] = {}
        self._bytes = 0

    def add(self, data: bytes, output_format: str, *, expires: float, action: str) -> str:
        """Keep a file and return its name, which looks like ``1705930123-456789.png``."""
        moment = milliseconds(self._clock.now()) // 1000
        name = f"{moment}-{self._rng.randrange(10**9):09d}.{output_format}"
        self._files[name] = Result(data, f"image/{output_format}", expires, action)
        self._bytes += len(data)
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
            if result.fetched or result.expires <= now:
                self._bytes -= len(result.data)
                del self._files[name]
