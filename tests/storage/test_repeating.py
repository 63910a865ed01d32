"""What ``--repeat-transactions`` finds: a transaction function that does something outside its transaction."""

import pytest

from storage.facts import fact, set_fact
from storage.tx import Tx
from tests.engines import Engine
from tests.repeating import repeat_transactions


async def test_a_transaction_is_kept_once_and_what_is_done_beside_it_is_done_twice(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside: list[str] = []

    def count_up(tx: Tx) -> int:
        value = int(fact(tx, "count") or 0) + 1
        set_fact(tx, "count", str(value))
        beside.append("told somebody")
        return value

    repeat_transactions(monkeypatch.setattr)
    database = await engine.open()
    assert await database.run(count_up) == 1
    assert await database.run(count_up) == 2
    assert await database.read(fact, "count") == "2"
    assert len(beside) == 4
    await database.close()
