"""Rows of ``lethal_files``: files of which the process that decodes pictures died, or would have."""

from storage.tx import Tx


def note(tx: Tx, sha256: str, *, at: int) -> None:
    """Remember a file by its hash."""
    tx.execute(
        "INSERT INTO lethal_files (sha256, at) VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING", (sha256, at)
    )


def is_noted(tx: Tx, sha256: str) -> bool:
    """Tell whether a file is not to be decoded again."""
    return tx.execute("SELECT 1 FROM lethal_files WHERE sha256 = ?", (sha256,)).fetchone() is not None
