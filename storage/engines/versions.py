"""What an operator is told of a database that this program cannot take as it is, on either engine."""

from collections.abc import Sequence

from storage.errors import TooNew, Unusable


def too_new(version: int, newest: int) -> TooNew:
    """Say that a newer version of the program wrote it."""
    return TooNew(
        f"The database has version {version}, this program knows {newest}: "
        "start the newer version again, or restore a backup."
    )


def too_old(version: int, newest: int) -> Unusable:
    """Say that this program would bring it to a newer version first."""
    return Unusable(
        f"The database has version {version}, this program reads {newest}: "
        "start the bot of this version once, or use the program that made it."
    )


def altered(version: int, found: Sequence[str]) -> Unusable:
    """Say what it lacks of its version, or has in another form."""
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return Unusable(
        f"The database says version {version}, but was made by a version that was never released, or "
        f"changed by hand ({', '.join(found[:5])}{more}): restore a backup, or start the version that "
        "made it."
    )


def half_moved(what: str) -> Unusable:
    """Say that ``--move-to`` has begun to make it and has not come to its end; ``what`` holds the half."""
    return Unusable(
        f"A move to this database is under way, or was broken off: go on with it (the same --move-to), or"
        f" give it up and remove {what}."
    )
