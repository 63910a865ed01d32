"""Databases that are made: whole, or not at all."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_or_none(path: Path) -> Generator[None]:
    """Take away the files that were made here where no database of somebody's is among them."""
    files = [path, *(path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm", "-journal"))]
    before = {file for file in files if os.path.lexists(file)}
    try:
        yield
    except BaseException:
        if path not in before:
            for file in files:
                if file not in before:
                    with suppress(OSError):
                        file.unlink()
        raise
