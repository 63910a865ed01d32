"""Local copies of what an object store keeps: the ones used least lately go when there are too many."""

import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

IN_USE = 3_600.0
"""Seconds for which a copy stays after it was asked for: whoever asked is about to open it."""


@dataclass(slots=True)
class _Copy:
    size: int
    used: float


class Copies:
    """A folder of copies by their SHA-256, of ``limit`` bytes or of what is in use, if that is more."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._known: OrderedDict[str, _Copy] = OrderedDict()
        self._lock = Lock()

    def find(self, path: Path) -> bool:
        """Tell whether a copy is there, and keep it for whoever asks."""
        with self._lock:
            if path.name not in self._known or not path.is_file():
                return False
            self._known[path.name].used = time.monotonic()
            self._known.move_to_end(path.name)
            return True

    def take(self, arrived: Path, path: Path, *, size: int) -> None:
        """Move a file to its place among the copies, and make room if there are too many."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._lock:
            arrived.replace(path)
            self._known[path.name] = _Copy(size, time.monotonic())
            self._known.move_to_end(path.name)
            self._make_room(path.parent)

    def forget(self, path: Path) -> None:
        """Delete a copy, if there is one."""
        with self._lock:
            self._known.pop(path.name, None)
            path.unlink(missing_ok=True)

    def _make_room(self, folder: Path) -> None:
        total = sum(copy.size for copy in self._known.values())
        for name, copy in list(self._known.items()):
            if total <= self._limit or copy.used > time.monotonic() - IN_USE:
                return
            with suppress(OSError):
                (folder / name).unlink(missing_ok=True)
            total -= copy.size
            del self._known[name]
