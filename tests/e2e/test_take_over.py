"""A process that works is lost, with jobs under way: the one that waited goes on with them."""

import asyncio
import signal
import time
from pathlib import Path

import psycopg
import pytest

from tests.e2e.pair import Pair, open_pair
from tests.e2e.pictures import small_photo
from tests.e2e.waiting import until


async def test_one_works_and_after_a_clean_stop_the_other_takes_over_at_once(
    tmp_path: Path, postgres_url: str, small: Path
) -> None:
    async with open_pair(tmp_path, postgres_url) as pair, pair.world.member("ann") as ann:
        first = pair.holder()
        assert f"waits for {first}, which works since" in pair.other.log()
        card = await ann.edit("before the stop", small)
        await ann.sees(card, "Done")
        pair.world.switch(fast_results=False)
        waiting = await ann.edit("over the stop", small)
        await until(lambda: [job["status"] for job in pair.jobs()] == ["done", "running"], what=lambda: str(pair.jobs()))
        assert await pair.one.stop_bot() == 0
        began = time.monotonic()
        await pair.works(pair.other)
        print("TAKEOVER clean", time.monotonic() - began)
        assert pair.holder() not in {"", first}
        pair.world.switch(fast_results=True)
        await pair.world.finish()
        await ann.sees(waiting, "Done")
        await pair.settled()
        pair.check()
