"""Rows of ``unnamed_files``: kept files that no row names any more. They go in two steps.

A file is marked in the transaction that takes its last name, or by the sweep. An hour later, if it still has
no name, it is *going*: from that commit until it is deleted nobody may name it; who wants to fetches it anew.
So no transaction touches the disk, and none names a file that is being deleted.
"""

from collections.abc import Iterable

from storage.tx import Tx

_NAMED = "EXISTS (SELECT 1 FROM images WHERE images.sha256 = unnamed_files.sha256)"


def mark(tx: Tx, sha256s: Iterable[str], *, at: int) -> None:
    """Mark those of these files that no row names; of two moments the earlier counts."""
    for sha256 in sha256s:
        if not is_named(tx, sha256):
            tx.execute(
                "INSERT INTO unnamed_files (sha256, since) VALUES (?, ?) ON CONFLICT (sha256)"
                " DO UPDATE SET since = CASE WHEN excluded.since < unnamed_files.since"
                " THEN excluded.since ELSE unnamed_files.since END",
                (sha256, at),
            )


def hurry(tx: Tx) -> None:
    """Let all marked files go at the next look: nobody can tell whose each was."""
    tx.execute("UPDATE unnamed_files SET since = 0")


def claim(tx: Tx, sha256: str) -> bool:
    """Unmark a file that is about to be named; ``False`` if it is going."""
    tx.execute("DELETE FROM unnamed_files WHERE sha256 = ? AND going = 0", (sha256,))
    return tx.execute("SELECT 1 FROM unnamed_files WHERE sha256 = ?", (sha256,)).fetchone() is None


def go(tx: Tx, *, before: int) -> list[str]:
    """Return the files to delete now: marked before a moment (Unix milliseconds) and still unnamed."""
    tx.execute(f"DELETE FROM unnamed_files WHERE going = 0 AND {_NAMED}")
    tx.execute("UPDATE unnamed_files SET going = 1 WHERE since < ?", (before,))
    return [str(row[0]) for row in tx.execute("SELECT sha256 FROM unnamed_files WHERE going = 1")]


def gone(tx: Tx, sha256s: Iterable[str]) -> None:
    """Note that files were deleted."""
    tx.executemany("DELETE FROM unnamed_files WHERE sha256 = ?", [(sha256,) for sha256 in sha256s])


def marked(tx: Tx) -> set[str]:
    """Return all files that are marked or going."""
    return {str(row[0]) for row in tx.execute("SELECT sha256 FROM unnamed_files")}


def is_named(tx: Tx, sha256: str) -> bool:
    """Tell whether a row names a file."""
    return tx.execute("SELECT 1 FROM images WHERE sha256 = ? LIMIT 1", (sha256,)).fetchone() is not None


def named(tx: Tx) -> set[str]:
    """Return every file that a row names."""
    return {str(row[0]) for row in tx.execute("SELECT DISTINCT sha256 FROM images WHERE sha256 IS NOT NULL")}
