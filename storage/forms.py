"""What forms were opened with: rows of ``forms``, for whoever fills one in over a restart."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from domain.limits import HOUR
from domain.request import NewSource
from storage.tx import Tx


def keep(tx: Tx, form_id: str, sources: Sequence[NewSource], *, at: int) -> None:
    """Keep a form's sources for an hour; those of older ones go."""
    forget(tx, at=at)
    told = json.dumps([asdict(source) for source in sources])
    tx.execute("INSERT INTO forms (id, sources, opened_at) VALUES (?, ?, ?)", (form_id, told, at))


def forget(tx: Tx, *, at: int) -> None:
    """Forget what was opened more than an hour before a moment."""
    tx.execute("DELETE FROM forms WHERE opened_at < ?", (at - HOUR,))


def sources_of(tx: Tx, form_id: str, *, at: int) -> list[NewSource] | None:
    """Return a form's sources; ``None`` if they are not kept (any more)."""
    row = tx.execute(
        "SELECT sources FROM forms WHERE id = ? AND opened_at >= ?", (form_id, at - HOUR)
    ).fetchone()
    return None if row is None else [NewSource(**each) for each in json.loads(row[0])]
