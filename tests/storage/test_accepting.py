"""Two hundred accepted at once by four processes, with room for ten: ten are, whoever comes first."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from playground.postgres import PrivatePostgres
from storage import holds, members
from tests.e2e.forked import start
from tests.e2e.waiting import until
from tests.engines import Databases, PostgresEngine
from tests.storage.accepting import GATE, ROOM
from tests.storage.rows import ANN, GUILD

PROCESSES, EACH, TIMES = 4, 50, 50
PROGRAM = Path(__file__).with_name("accepting.py")


@dataclass(frozen=True)
class Race:
    accepted: int
    refused: int
    given_up: int
    seconds: float


async def race(engine: PostgresEngine, folder: Path) -> Race:
    logs = [folder / f"{number}.log" for number in range(PROCESSES)]

    def lines() -> list[list[str]]:
        return [log.read_text().splitlines() if log.exists() else [] for log in logs]

    members.surrogate(engine.connect(), ANN)
    with psycopg.connect(engine.url, autocommit=True) as gate:
        gate.execute("SELECT pg_advisory_lock(%s)", (GATE,))
        started = [
            await start(PROGRAM, engine.url, str(folder), str(number), str(EACH), environment={}, log=log)
            for number, log in enumerate(logs)
        ]
        await until(lambda: all("ready" in each for each in lines()), what=lambda: str(lines()))
        gate.execute("SELECT pg_advisory_unlock(%s)", (GATE,))
        assert await asyncio.gather(*(each.wait() for each in started)) == [0] * PROCESSES, lines()
    told = [each[-1].split() for each in lines()]
    accepted, refused, given_up = (sum(int(each[place]) for each in told) for place in range(3))
    return Race(
        accepted,
        refused,
        given_up,
        max(float(each[4]) for each in told) - min(float(each[3]) for each in told),
    )


async def expect_ten(postgres: Databases, folder: Path) -> Race:
    folder.mkdir(exist_ok=True)
    with postgres.lent(folder) as engine:
        found = await race(engine, folder)
        assert (found.accepted, found.refused, found.given_up) == (ROOM, PROCESSES * EACH - ROOM, 0)
        held = holds.held(engine.connect(), guild_id=GUILD, member_id=ANN)
        assert (held.jobs, held.held) == (ROOM, ROOM * 4_000)
        assert engine.verify() == []
    return found


async def test_two_hundred_at_once_by_four_processes_are_ten(
    postgres: PrivatePostgres, tmp_path: Path
) -> None:
    await expect_ten(Databases(postgres), tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_two_hundred_at_once_are_ten_each_of_fifty_times(
    postgres: PrivatePostgres, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    databases = Databases(postgres)
    seconds = sorted([(await expect_ten(databases, tmp_path / str(turn))).seconds for turn in range(TIMES)])
    with capsys.disabled():
        print(  # noqa: T201 - for docs/cluster.md
            f"\n{TIMES} times: {seconds[TIMES // 2]:.2f} s in the middle, {seconds[-1]:.2f} s at most"
        )
