"""What can be wrong with the data directory.

OutOfReach
└── StorageError       one sentence for the operator
    ├── TooNew             the database was written by a newer version
    ├── Passing            worth another start in a moment
    │   ├── DataDirLocked  another bot uses it, or maintenance
    │   ├── LeaseLost      another process works, or may by now: this one is to end
    │   ├── Away           the server of the database cannot be reached
    │   └── Hindered       full, or locked by another program
    ├── Removed            taken away while the bot ran
    └── Unusable           read-only, corrupt, not ours or out of reach
        └── NotLetIn           the server of the database refuses user or password

``RuleBroken`` is none of them: a statement that the schema refuses is a mistake of ours.
"""

import errno

from domain.errors import OutOfReach

LASTING = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EEXIST,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.EINVAL,
        errno.ENODEV,
        errno.ENXIO,
    }
)
"""What the system says that only a person can mend. All else goes by: no room, too many files."""


class StorageError(OutOfReach):
    """The data directory cannot be used; the message is one sentence for the operator."""


class TooNew(StorageError):
    """The database's version is above what this program knows."""


class Removed(StorageError):
    """The database or the lock was taken away, or replaced, while the bot ran."""


class Unusable(StorageError):
    """The directory or the file cannot be opened, read or written."""


class NotLetIn(Unusable):
    """The server of the database does not accept who we say that we are."""


class RuleBroken(Exception):
    """A constraint or a trigger refused a statement; the message is the engine's."""


class Passing(StorageError):
    """Something that goes by: the process is worth another start in a moment."""


class DataDirLocked(Passing):
    """Another bot holds the lock on the data directory, or maintenance does."""


class LeaseLost(Passing):
    """Another process works instead of this one, or may: whatever it began is not kept."""


class Away(Passing, Unusable):
    """The server of the database cannot be reached, or takes nobody just now."""


class Late(Away):
    """Nothing was kept, since it could not be in time for whoever waits."""


class Hindered(Passing, Unusable):
    """The disk is full, or another program holds the database."""


def unusable_for(sentence: str, error: OSError) -> Unusable:
    """Return what to raise for an error of the system, by whether another start may mend it."""
    return (Unusable if error.errno in LASTING else Hindered)(sentence)
