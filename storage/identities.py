"""An identity that every database of ours keeps: a sentence, and a query for the rows which break it."""

from collections.abc import Iterator
from dataclasses import dataclass

from storage.tx import Tx

NEW = "(SELECT last_entry FROM versions WHERE number = 2)"
"""The newest entry that was booked under the first version's rules: what is stricter now holds beyond it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What must hold, in a sentence, and the query whose rows break it."""

    sentence: str
    query: str
    values: tuple[int, ...] = ()


def broken(tx: Tx, identity: Identity) -> Iterator[str]:
    """Yield the rows that break an identity, as ``name=value`` texts."""
    cursor = tx.execute(identity.query, identity.values)
    names = [str(column[0]) for column in cursor.description]
    for row in cursor:
        yield " ".join(f"{name}={value}" for name, value in zip(names, row, strict=True))
