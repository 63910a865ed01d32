"""A database that is too far away for answers in time is said to be."""

import asyncio
import logging
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from assembly.distance import warn_of_distance
from playground.postgres import PrivatePostgres
from storage.distance import round_trip
from storage.erasure_key import ErasureKey
from storage.errors import Away
from storage.postgres import open_postgres
from tests.crash.proxy import Proxy


class Far(Proxy):
    """A way that takes as long as one to another continent, once it is told to."""

    seconds = 0.0

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            await asyncio.sleep(self.seconds)
            writer.write(data)
            await writer.drain()


async def test_a_database_far_away_is_warned_of_with_how_far(
    postgres: PrivatePostgres, postgres_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Far.to(postgres.port) as way:
        url = postgres_url.replace(f":{postgres.port}/", f":{way.port}/")
        database = await open_postgres(url, key=ErasureKey(tmp_path, "secret"))
        way.seconds = 0.026
        with caplog.at_level(logging.WARNING):
            await warn_of_distance(database)
        await database.close()
    (said,) = caplog.messages
    assert said.startswith("PostgreSQL answers after ")
    assert said.endswith(" ms: above about 20 ms Discord's three seconds are missed; put it nearer.")
    assert 52 <= int(said.split()[3]) < 200


class Asked:
    """A transaction whose answers take these seconds, and the clock that goes on meanwhile."""

    def __init__(self, *seconds: float) -> None:
        self._reads = iter(accumulate(each for one in seconds for each in (0.0, one)))

    def execute(self, sql: str, values: tuple[int, ...]) -> "Asked":
        return self

    def fetchone(self) -> tuple[int]:
        return (1,)

    def clock(self) -> float:
        return next(self._reads)


@pytest.mark.parametrize(("seconds", "warned"), [((0.9, 0.001, 0.002, 0.9, 0.002), 0), ((0.05,) * 5, 1)])
async def test_one_answer_that_comes_late_is_no_distance(
    seconds: tuple[float, ...], warned: int, caplog: pytest.LogCaptureFixture
) -> None:
    asked: Any = Asked(*seconds)

    class Database:
        async def read(self, fn: Any) -> float:
            return fn(asked, clock=asked.clock)

    database: Any = Database()
    with caplog.at_level(logging.WARNING):
        await warn_of_distance(database)
    assert len(caplog.messages) == warned


async def test_one_that_is_away_is_nothing_to_warn_of_here(caplog: pytest.LogCaptureFixture) -> None:
    class Database:
        async def read(self, fn: Any) -> float:
            assert fn is round_trip
            raise Away("The database cannot be used just now.")

    database: Any = Database()
    with caplog.at_level(logging.WARNING):
        await warn_of_distance(database)
    assert not caplog.messages
