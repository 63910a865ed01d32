"""One bot for a data directory: an advisory lock that the system drops when the process ends."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import DataDirLocked, Unusable

LOCK_NAME = "lock"


def own_directory(directory: Path) -> None:
    """Create a data directory for its owner only (0700).

    Raises
    ------
    Unusable
        It cannot be created.
    """
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
    except OSError as error:
        raise Unusable(f"DATA_DIR {directory} cannot be written: {error.strerror}.") from error


@contextmanager
def locked_directory(directory: Path) -> Generator[Path]:
    """Create a data directory for its owner only (0700) and hold its lock.

    Raises
    ------
    DataDirLocked
        Another bot uses it.
    Unusable
        It cannot be created or written.
    """
    own_directory(directory)
    try:
        handle = os.open(directory / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unusable(f"DATA_DIR {directory} cannot be written: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DataDirLocked(f"DATA_DIR {directory} is in use by another bot.") from error
        yield directory
    finally:
        os.close(handle)
