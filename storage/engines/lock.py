"""One bot for a data directory: an advisory lock that the system drops when the process ends."""

import errno
import fcntl
import os
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import LASTING, DataDirLocked, Unusable, unusable_for
from storage.incoming import is_ours

LOCK_NAME = "lock"
_HEX = "[0-9a-f]"
_OURS = (
    *("darkroom.db*", "rescued-*.db", "erasure.key*", "erasures", ".let-in"),
    *("files/place", f"files/{_HEX * 2}/{_HEX * 64}"),
)
"""What only a data directory holds, beside a process's folder in ``incoming``."""
_BEGUN = {LOCK_NAME, "files", "incoming"}
"""What it has first: others have folders of these names as well."""
_IN_FILES = re.compile(rf"{_HEX}{{2}}|place\..*|tried")
"""What may be all that is left of kept files."""
_NOBODYS = ("lost+found",)
_HELD = "is in use by another bot, or by maintenance"
_ANOTHER = "{} holds other things, and nothing of Darkroom's: name a folder of its own"


def own_directory(directory: Path) -> None:
    """Create a data directory for its owner only (0700).

    Raises
    ------
    Unusable
        It cannot be created, or is somebody else's.
    """
    try:
        if _is_another(directory):
            raise Unusable(f"DATA_DIR {_ANOTHER.format(directory)}.")
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
    except OSError as error:
        raise unusable_for(f"DATA_DIR {directory} cannot be written: {error.strerror}.", error) from error


@contextmanager
def locked_directory(directory: Path) -> Generator[Path]:
    """Create a data directory for its owner only (0700) and hold its lock.

    Raises
    ------
    DataDirLocked
        Another bot uses it.
    Unusable
        It cannot be created or written, or is somebody else's.
    """
    own_directory(directory)
    with held_lock(directory):
        yield directory


@contextmanager
def held_lock(directory: Path) -> Generator[None]:
    """Hold the lock of a data directory that is there, and leave all else of it as it is.

    Raises
    ------
    DataDirLocked
        Another bot uses it.
    Unusable
        It cannot be written.
    """
    try:
        handle = os.open(directory / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unusable_for(f"DATA_DIR {directory} cannot be written: {error.strerror}.", error) from error
    try:
        _give_to_owner(handle, directory)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DataDirLocked(f"DATA_DIR {directory} {_HELD}.") from error
        yield
    finally:
        os.close(handle)


def _give_to_owner(handle: int, directory: Path) -> None:
    """Give a file that root made to whose folder it is in: it would keep out their bot."""
    owner, made = directory.stat(), os.fstat(handle)
    if os.geteuid() == 0 and made.st_uid != owner.st_uid:
        os.fchown(handle, owner.st_uid, owner.st_gid)


def unusable(directory: Path) -> tuple[str, bool] | None:
    """Say what keeps a bot from using a data directory, and whether that goes by; nothing is touched.

    ``None`` if nothing seems to.
    """
    try:
        there = next(each for each in (directory, *directory.parents) if each.exists())
        if why := _unwritable(there):
            return f"{directory} cannot be written: {os.strerror(why)}", why not in LASTING
        if _is_another(directory):
            return _ANOTHER.format(directory), False
        return (f"{directory} {_HELD}", True) if _is_held(directory) else None
    except OSError as error:
        return f"{directory} cannot be used: {error.strerror}", error.errno not in LASTING


def _unwritable(there: Path) -> int:
    """Return the number of the error that writing in a folder would be, 0 for none."""
    if not there.is_dir():
        return errno.ENOTDIR
    if os.access(there, os.W_OK | os.X_OK):
        return 0
    return errno.EROFS if os.statvfs(there).f_flag & os.ST_RDONLY else errno.EACCES


def _is_another(directory: Path) -> bool:
    """Tell whether a folder is in use for something else: it would be closed to whoever uses it."""
    if not directory.is_dir():
        return False
    if any(map(is_ours, directory.glob("incoming/*"))) or any(any(directory.glob(each)) for each in _OURS):
        return False
    kept = {name for name in _seen(directory, "files/*") if not _IN_FILES.fullmatch(name)}
    inside = kept | _seen(directory, "incoming/*")
    return bool(inside or _seen(directory, "*") - _BEGUN)


def _seen(directory: Path, pattern: str) -> set[str]:
    names = {path.name for path in directory.glob(pattern)}
    return {name for name in names if not name.startswith(".") and name not in _NOBODYS}


def _is_held(directory: Path) -> bool:
    try:
        handle = os.open(directory / LOCK_NAME, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
