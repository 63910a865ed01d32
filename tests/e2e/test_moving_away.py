"""A database that is moved, or dropped and made anew, while a bot is there that nobody thought of."""

import asyncio
import os
import signal
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from playground.postgres import PrivatePostgres, binaries
from tests.e2e.bot import Bot
from tests.e2e.pair import Pair, open_pair
from tests.e2e.waiting import PATIENCE, until


async def ended(bot: Bot) -> int:
    assert bot.process is not None
    return await asyncio.wait_for(bot.process.wait(), PATIENCE)


def standbys(pair: Pair) -> int:
    seen = "SELECT 1 AS one FROM standbys WHERE seen >= clock_timestamp() - interval '10 seconds'"
    return len(pair.query(seen))


async def test_a_bot_that_slept_through_a_move_does_not_work_beside_the_new_one(
    tmp_path: Path, postgres_url: str, small: Path
) -> None:
    target, new = f"sqlite://{tmp_path}/new", tmp_path / "new"
    async with open_pair(tmp_path, postgres_url) as pair, pair.world.member("ann") as ann:
        await ann.sees(await ann.edit("before", small), "Done")
        await pair.settled()
        # A host that sleeps: it is neither seen nor told to stop.
        assert pair.other.process is not None
        os.kill(pair.other.process.pid, signal.SIGSTOP)
        assert await pair.one.stop_bot() == 0
        status, said = await pair.one.run_bot("--move-to", target)
        assert (status, "waits to work on it. Stop all bots first." in said) == (75, True), said
        await until(lambda: not standbys(pair), what="that it is taken to have ended", seconds=20)
        status, said = await pair.one.run_bot("--move-to", target)
        assert status == 0, said
        os.kill(pair.other.process.pid, signal.SIGCONT)
        assert await ended(pair.other) == 78
        assert f"This database was moved to {new}/darkroom.db on " in pair.other.log()
        status, said = await pair.one.run_bot()
        assert (status, f"DATA_DIR={new}." in said) == (78, True), said
        moved = Bot(folder=tmp_path / "moved", settings=pair.one.settings(DATA_DIR=str(new)))
        moved._settings.pop("DATABASE_URL")
        try:
            await moved.start_bot()
            await ann.sees(await ann.edit("afterwards", small), "Done")
            assert pair.world.submissions() == 2
        finally:
            await moved.kill_bot()


async def test_bots_that_are_started_again_while_a_database_is_restored_leave_it_alone_until_it_is_there(
    tmp_path: Path, postgres: PrivatePostgres, small: Path
) -> None:
    url, dump = postgres.new_database(), tmp_path / "darkroom.dump"
    async with open_pair(tmp_path, url) as pair, pair.world.member("ann") as ann:
        await ann.sees(await ann.edit("before", small), "Done")
        await pair.settled()
        subprocess.run(  # noqa: ASYNC221 - the bots are processes of their own
            [binaries() / "pg_dump", "--format=custom", f"--file={dump}", url], check=True, timeout=60
        )
        name = urlsplit(url).path.lstrip("/")
        with psycopg.connect(postgres.url(), autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
            assert await ended(pair.one) == 75
            admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template0'.encode())
        status, said = await pair.one.run_bot()
        assert (status, "it may be restored just now" in said) == (75, True), said
        subprocess.run(  # noqa: ASYNC221
            [binaries() / "pg_restore", "--no-owner", "--single-transaction", f"--dbname={url}", dump],
            check=True,
            timeout=60,
        )
        await pair.works(pair.other)
        await ann.sees(await ann.edit("afterwards", small), "Done")
        assert pair.world.submissions() == len(pair.jobs()) == 2
