"""Two bots on one PostgreSQL database: which of them works, and what becomes of jobs when it is lost."""

import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, LiteralString, cast
from urllib.parse import urlsplit

import psycopg
from psycopg.rows import DictRow, dict_row

from tests.crash.proxy import Proxy
from tests.e2e.bot import ROOT, Bot
from tests.e2e.forked import start
from tests.e2e.waiting import until
from tests.e2e.world import World, open_world

SECRET = "a secret that all processes of one database share"


class Pair:
    """A world whose bots are ``one`` and ``other``; they share a folder of files, as on a shared volume."""

    def __init__(self, world: World, folder: Path, url: str, way: Proxy, settings: Mapping[str, str]) -> None:
        self.world = world
        self.url = url
        self.way = way
        """What stands between ``one`` and the database."""
        shared = {**world._settings, "ERASURE_SECRET": SECRET, "DATA_DIR": str(folder / "files"), **settings}
        parts = urlsplit(url)
        by_way = parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{way.port}")).geturl()
        self.one = Bot(folder=folder / "one", settings={**shared, "DATABASE_URL": by_way})
        self.other = Bot(folder=folder / "other", settings={**shared, "DATABASE_URL": url})

    async def begin(self, bot: Bot, *, program: Path = ROOT / "bot.py", **more: str) -> None:
        """Start a bot's process."""
        bot.process = await start(program, environment=bot.environment(**more), log=bot.log_path)

    async def waits(self, bot: Bot) -> None:
        await bot.logged(" waits for ")

    async def works(self, bot: Bot) -> None:
        await bot.logged("Ready as")

    def query(self, sql: str, *values: Any) -> list[DictRow]:
        with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as connection:
            return connection.execute(cast("LiteralString", sql), values).fetchall()

    def holder(self) -> str:
        """Return the process that holds the leases."""
        holders = {
            row["holder"] for row in self.query("SELECT holder FROM leases WHERE until > clock_timestamp()")
        }
        assert len(holders) <= 1
        return next(iter(holders), "")

    def jobs(self) -> list[DictRow]:
        return self.query("SELECT * FROM jobs ORDER BY created_at, id")

    async def settled(self) -> None:
        """Wait until every job is done and closed."""

        def unsettled() -> list[DictRow]:
            return [job for job in self.jobs() if job["status"] != "done" or not job["reminded"]]

        await until(
            lambda: not unsettled(), what=lambda: str([dict(each) for each in unsettled()]), seconds=40
        )

    def check(self) -> None:
        """See that nothing was paid twice, nor lost, nor shown twice."""
        jobs = self.jobs()
        assert [job["status"] for job in jobs] == ["done"] * len(jobs)
        assert self.world.submissions() == len(jobs)
        booked = self.query("SELECT job_id, count(*) AS n FROM entries WHERE kind = 'charge' GROUP BY job_id")
        assert {row["job_id"]: row["n"] for row in booked} == {job["id"]: 1 for job in jobs}
        for job in jobs:
            shown = [
                message
                for message in self.world.all_messages()
                if any(name.startswith("darkroom-") for name, _ in message["files"])
                and message["id"] == str(job["card_id"])
            ]
            assert len(shown) == 1, shown
        for bot in (self.one, self.other):
            assert not re.findall(r"^.* ERROR .*$|^Traceback", bot.log(), re.MULTILINE), bot.log()[-4000:]


@asynccontextmanager
async def open_pair(
    folder: Path,
    url: str,
    *,
    own: Callable[[Bot], Mapping[str, str]] = lambda _bot: {},
    program: Path = ROOT / "bot.py",
    told: Mapping[str, str] = {},
    **settings: str,
) -> AsyncGenerator[Pair]:
    """Open both stand-ins, start two bots and wait until one works and the other waits.

    ``own`` are settings that a bot does not share with the other one. The one that works first runs
    ``program``, which is ``told`` more.
    """
    port = urlsplit(url).port
    assert port is not None
    async with (
        open_world(folder / "world", start=False, webhooks=False) as world,
        Proxy.to(port) as way,
    ):
        pair = Pair(world, folder, url, way, settings)
        try:
            await pair.begin(pair.one, program=program, **told, **own(pair.one))
            await pair.works(pair.one)
            await pair.begin(pair.other, **own(pair.other))
            await pair.waits(pair.other)
            yield pair
        except BaseException:
            for bot in (pair.one, pair.other):
                print(f"the log of {bot.log_path}:\n{bot.log()[-6000:]}")  # noqa: T201 - pytest shows it
            raise
        finally:
            for bot in (pair.one, pair.other):
                if bot.process is not None:
                    await bot.kill_bot()
