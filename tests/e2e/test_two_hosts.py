"""Two hosts with nothing in common but a database and an object store: each has its own disk and its own listener."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.e2e.bot import Bot
from tests.e2e.pair import Pair
from tests.e2e.waiting import free_port, until
from tests.e2e.world import open_world
from tests.storage.s3_standin import BUCKET, S3Standin, s3_standin


@asynccontextmanager
async def hosts(folder: Path, url: str) -> AsyncGenerator[tuple[Pair, S3Standin]]:
    with s3_standin() as store:
        async with open_world(folder / "world", start=False, webhooks=False) as world:
            shared = {"FILES_URL": f"s3://{BUCKET}/bot", "AWS_ALLOW_HTTP": "true", **store.options}
            pair = Pair(world, folder, url, shared)
            try:
                for bot, ready in ((pair.one, pair.works), (pair.other, pair.waits)):
                    listen = f"127.0.0.1:{free_port()}"
                    bot._settings = {**bot._settings, "DATA_DIR": str(bot.data), "WEBHOOK_LISTEN": listen}
                    await pair.begin(bot)
                    await ready(bot)
                yield pair, store
            finally:
                for bot in (pair.one, pair.other):
                    await bot.kill_bot()


async def statuses(bot: Bot) -> tuple[int, int, str]:
    """Return what a bot answers to /healthz and /readyz, and what it says that it does."""
    address = f"http://{bot.environment()['WEBHOOK_LISTEN']}"
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{address}/healthz") as alive,
        session.get(f"{address}/readyz") as ready,
    ):
        return alive.status, ready.status, (await ready.json())["state"]


async def test_the_other_host_goes_on_with_files_that_it_never_had(
    tmp_path: Path, postgres_url: str, small: Path
) -> None:
    async with hosts(tmp_path, postgres_url) as (pair, store), pair.world.member("ann") as ann:
        assert await statuses(pair.one) == (200, 200, "works")
        assert await statuses(pair.other) == (200, 503, "waits")
        card = await ann.edit("on one host", small)
        await ann.sees(card, "Done")
        await pair.settled()
        kept = {key for key in store.objects if not key.endswith("place")}
        assert len(kept) >= 3, "a source, a contact sheet, a result"
        assert await pair.one.stop_bot() == 0
        await pair.works(pair.other)
        assert await statuses(pair.other) == (200, 200, "works")
        store.asked.clear()
        await ann.press(card, "Reroll")
        await until(lambda: len(pair.jobs()) == 2, what=lambda: str(pair.jobs()))
        await pair.settled()
        assert any(asked.startswith("GET ") and "/files/" in asked for asked in store.asked)
        pair.check()
