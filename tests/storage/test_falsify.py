"""A filled book in which one value was changed by hand: ``--verify`` names it, or nothing else says it."""

from itertools import islice

import pytest

from accounts.verify import verify
from tests.storage.falsify import FREE, FREE_TABLES, PARTLY, Forger

pytestmark = pytest.mark.sqlite_only

MOST = 60
"""Changes of a table that are tried here, evenly taken; ``python -m tests.storage.falsify`` tries them all."""


@pytest.fixture(scope="module")
def forger() -> Forger:
    return Forger()


def test_the_book_is_sound_and_has_a_row_of_every_kind(forger: Forger) -> None:
    assert {finding.identity for finding in verify(forger.tx)} == {"What guards the ledger is there"}
    for table in [*forger.tables(), *FREE_TABLES]:
        assert forger.tx.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0, table
    kinds = {str(row[0]) for row in forger.tx.execute("SELECT DISTINCT kind FROM entries WHERE id > 50")}
    assert kinds == {"reserve", "raise", "charge", "release", "refund", "adjust"}
    states = {str(row[0]) for row in forger.tx.execute("SELECT DISTINCT status FROM jobs")}
    assert len(states) == 8


def test_a_changed_value_is_named_wherever_anything_else_says_it(forger: Forger) -> None:
    missed = []
    for table in forger.tables():
        told = [each for each in forger.changes(table) if not each.is_free and not each.is_partly_free]
        some = islice(told, 0, None, max(1, len(told) // MOST))
        missed += [change for change in some if forger.try_out(change) == "missed"]
    assert missed == []


def test_what_is_said_to_be_free_is_a_column(forger: Forger) -> None:
    for table in {*FREE, *PARTLY}:
        columns = {str(row[1]) for row in forger.tx.execute(f"PRAGMA table_info({table})")}
        assert set(f"{FREE.get(table, '')} {PARTLY.get(table, '')}".split()) <= {
            *columns,
            "(goes)",
            "(twice)",
        }
