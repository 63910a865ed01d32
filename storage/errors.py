"""What can be wrong with the data directory.

Exception
└── StorageError       one sentence for the operator
    ├── DataDirLocked  another bot uses it
    ├── TooNew         the database was written by a newer version
    ├── Passing        worth another start in a moment
    │   ├── LeaseLost  another process works, or may by now: this one is to end
    │   └── Away       the server of the database cannot be reached
    ├── Removed        taken away while the bot ran
    └── Unusable       read-only, full, corrupt, not ours or out of reach

``RuleBroken`` is none of them: a statement that the schema refuses is a mistake of ours.
"""


class StorageError(Exception):
    """The data directory cannot be used; the message is one sentence for the operator."""


class DataDirLocked(StorageError):
    """Another bot holds the lock on the data directory."""


class TooNew(StorageError):
    """The database's version is above what this program knows."""


class Removed(StorageError):
    """The database or the lock was taken away, or replaced, while the bot ran."""


class Unusable(StorageError):
    """The directory or the file cannot be opened, read or written."""


class RuleBroken(Exception):
    """A constraint or a trigger refused a statement; the message is the engine's."""


class Passing(StorageError):
    """Something that goes by: the process is worth another start in a moment."""


class LeaseLost(Passing):
    """Another process works instead of this one, or may: whatever it began is not kept."""


class Away(Passing, Unusable):
    """The server of the database cannot be reached, or takes nobody just now."""
