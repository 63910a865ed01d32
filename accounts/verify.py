"""``python bot.py --verify``: every identity of the ledger, checked on a database as it is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from domain.text import counted
from storage.guards import unguarded
from storage.identities import Identity, broken
from storage.tx import Snapshots, Tx
from storage.verify_jobs import JOBS
from storage.verify_ledger import LEDGER
from storage.verify_links import LINKS
from storage.verify_rollup import rollup

MOST = 50
"""Rows that are listed of one identity; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that breaks an identity: what should hold, and the row that says otherwise."""

    identity: str
    row: str

    def __str__(self) -> str:
        """Write it as one line."""
        return f"{self.identity}: {self.row}"


def verify_snapshot(snapshots: Snapshots) -> list[Finding]:
    """Check a database beside a bot that may be running; an empty list means that all is well.

    Raises
    ------
    Unusable
        There is no database, or it is damaged.
    """
    with snapshots() as tx:
        return verify(tx)


def verify(tx: Tx) -> list[Finding]:
    """Check every identity inside one transaction and return what breaks them."""
    guards = [Finding("What guards the ledger is there", each) for each in unguarded(tx)]
    return [*guards, *_all_broken(tx, (*LEDGER, *JOBS, *LINKS)), *_all_broken(tx, rollup(tx))]


def _all_broken(tx: Tx, identities: Iterable[Identity]) -> Iterator[Finding]:
    for identity in identities:
        rows = broken(tx, identity)
        yield from (Finding(identity.sentence, row) for row in islice(rows, MOST))
        if more := sum(1 for _ in rows):
            yield Finding(identity.sentence, f"and {counted(more, 'more row')}")
