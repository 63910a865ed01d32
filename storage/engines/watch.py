"""Noticing that a running bot's files were taken away: what is written then is in no folder."""

import asyncio
from pathlib import Path

from domain.clock import Clock
from storage.engines.lock import LOCK_NAME
from storage.sqlite import FILE_NAME

LOOK_EVERY = 2.0
"""Seconds between looks: a second bot could start meanwhile, and paid work would be lost with the process."""


async def removed(directory: Path, *, clock: Clock) -> str:
    """Wait until a data directory's database or lock is no longer what it is now; return its name."""
    known = {name: _identity(directory / name) for name in (FILE_NAME, LOCK_NAME)}
    while True:
        await clock.sleep(LOOK_EVERY)
        for name, identity in known.items():
            if await asyncio.to_thread(_identity, directory / name) != identity:
                return name


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
