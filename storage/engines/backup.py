"""A copy of the database while the bot runs."""

import os
import sqlite3
from pathlib import Path

from storage.errors import Unusable
from storage.sqlite import open_reader


def backup(source: Path, target: Path) -> None:
    """Write a whole, compact copy of a database to a file that does not exist yet.

    ``VACUUM INTO`` from a read-only connection copies one snapshot and never checkpoints, so it may run
    beside the bot. The copy gets its name only once all of it is on the disk.

    Raises
    ------
    Unusable
        The target exists, or the source cannot be read, or the target not be written.
    """
    if target.exists() or target.is_symlink():
        raise Unusable(f"{target} exists already; a backup never overwrites anything.")
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        _copy(source, unfinished)
        # A link refuses what a rename would overwrite: someone may have made the file meanwhile.
        os.link(unfinished, target)
        _sync(target.parent)
    except FileExistsError as error:
        raise Unusable(f"{target} exists already; a backup never overwrites anything.") from error
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise Unusable(f"The backup {target} could not be written: {why}.") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    reader = open_reader(source)
    try:
        # Made first, and for its owner only: VACUUM INTO accepts an empty file.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        reader.execute("VACUUM INTO ?", (str(target),))
    finally:
        reader.close()
    _sync(target)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
