"""Whether a database was moved to another engine: its books end there, and no bot works on it any more.

The row stands in the old database alone. It is written when all of the new one is compared and checked, and
before that one counts: at no moment may bots be started on both.
"""

import json
import time
from dataclasses import dataclass

from storage import facts
from storage.errors import Unusable
from storage.tx import Tx

NAME = "moved"


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a database was moved, without a password, and when (Unix ms)."""

    to: str
    at: int

    def __str__(self) -> str:
        return f"{self.to} on {time.strftime('%Y-%m-%d at %H:%M UTC', time.gmtime(self.at / 1000))}"


def note(tx: Tx, to: str) -> None:
    """Note that all of a database is somewhere else."""
    facts.set_fact(tx, NAME, json.dumps({"to": to, "at": time.time_ns() // 1_000_000}))


def look(tx: Tx) -> Moved | None:
    """Return where a database was moved, if it was."""
    if (known := facts.fact(tx, NAME)) is None:
        return None
    told = json.loads(known)
    return Moved(to=str(told["to"]), at=int(told["at"]))


def take_back(tx: Tx) -> Moved | None:
    """Let bots work on a database that was moved; return where that was."""
    moved = look(tx)
    tx.execute("DELETE FROM facts WHERE name = ?", (NAME,))
    return moved


def require_here(tx: Tx, what: str = "This database") -> None:
    """Refuse to work on what was moved.

    Raises
    ------
    Unusable
        It was: the sentence says where, and what to do.
    """
    if (moved := look(tx)) is not None:
        raise elsewhere(moved, what)


def elsewhere(moved: Moved, what: str = "This database") -> Unusable:
    """Return what is said of a database whose books go on somewhere else."""
    if moved.to.startswith("/"):
        there = f"without DATABASE_URL, and with DATA_DIR={moved.to.rpartition('/')[0]}"
    else:
        there = "with the DATABASE_URL of that one"
    return Unusable(
        f"{what} was moved to {moved}: start Darkroom {there}. If that one was given up, python bot.py"
        " --take-back lets bots work on this one again."
    )
