"""A bot whose database is on another continent says so as it begins to work, and works."""

from pathlib import Path
from urllib.parse import urlsplit

from storage.database import open_database
from storage.erasure_key import ErasureKey
from tests.assembly.test_distance import Far
from tests.e2e.bot import ROOT, Bot
from tests.e2e.forked import start
from tests.e2e.pair import SECRET
from tests.e2e.world import open_world


async def test_a_bot_says_how_far_its_database_is_away(tmp_path: Path, postgres_url: str) -> None:
    port = urlsplit(postgres_url).port
    assert port is not None
    await (await open_database(tmp_path, url=postgres_url, key=ErasureKey(tmp_path, SECRET))).close()
    async with open_world(tmp_path / "world", start=False, webhooks=False) as world, Far.to(port) as way:
        shared = {**world._settings, "ERASURE_SECRET": SECRET, "DATA_DIR": str(tmp_path / "files")}
        url = postgres_url.replace(f":{port}/", f":{way.port}/")
        bot = Bot(folder=tmp_path / "bot", settings={**shared, "DATABASE_URL": url})
        way.seconds = 0.01
        bot.process = await start(ROOT / "bot.py", environment=bot.environment(), log=bot.log_path)
        try:
            await bot.logged("WARNING darkroom: PostgreSQL answers after ")
            await bot.logged("Ready as")
            assert bot.log().count("PostgreSQL answers after ") == 1
            assert await bot.stop_bot() == 0
        finally:
            if bot.process is not None:
                await bot.kill_bot()
