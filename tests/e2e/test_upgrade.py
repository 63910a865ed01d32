"""Two versions side by side on one database: the newer one migrates it and waits, and takes over without a loss."""

import asyncio
import shutil
import sys
from pathlib import Path

from storage.engines import postgres_schema, schema
from tests.e2e.bot import ROOT, Bot
from tests.e2e.pair import open_pair
from tests.e2e.test_take_over import goes_on, running

NOW = max(postgres_schema.scripts())
ADDED = (
    "CREATE TABLE later (id BIGINT PRIMARY KEY, note TEXT NOT NULL); ALTER TABLE jobs ADD COLUMN later TEXT;"
)
"""What a version may add: see docs/storage.md."""
NOT_OF_THE_PRODUCT = shutil.ignore_patterns(
    ".*", "__pycache__", "tests", "docs", "benchmarks", "playground", "data"
)


def next_version(tree: Path) -> Path:
    """Make a copy of this tree whose database is one version further."""
    shutil.copytree(ROOT, tree, ignore=NOT_OF_THE_PRODUCT)
    for folder in (schema.FOLDER, postgres_schema.FOLDER):
        (tree / folder.relative_to(ROOT) / f"{NOW + 1:04}_later.sql").write_text(ADDED)
    return tree


async def restart(bot: Bot, tree: Path) -> None:
    """Stop a bot that waits, and start the one of another tree in its place, as its supervisor does."""
    assert await bot.stop_bot() == 0
    with bot.log_path.open("ab") as log:
        bot.process = await asyncio.create_subprocess_exec(
            sys.executable, str(tree / "bot.py"), cwd="/", env=bot.environment(), stdout=log, stderr=log
        )
    await bot.logged(" waits for ", times=2)


async def test_the_older_one_goes_on_beside_the_newer_one_which_takes_over_at_once(
    tmp_path: Path, postgres_url: str, small: Path
) -> None:
    async with open_pair(tmp_path, postgres_url) as pair, pair.world.member("ann") as ann:
        # By then statements are prepared, and keep what they know of a table.
        await ann.sees(await ann.edit("before", small), "Done")
        over = await running(pair, ann, small)
        older = pair.holder()

        await restart(pair.other, next_version(tmp_path / "next"))
        assert pair.query("SELECT max(number) AS newest FROM versions") == [{"newest": NOW + 1}]
        assert pair.holder() == older
        pair.world.switch(fast_results=True)
        await pair.world.finish()
        await ann.sees(over, "Done")
        for prompt in ("beside the newer one", "and once more"):
            await ann.sees(await ann.edit(prompt, small), "Done")
        await pair.settled()
        assert pair.holder() == older

        card = await running(pair, ann, small)
        assert await pair.one.stop_bot() == 0
        # Given back, not run out.
        assert pair.holder() != older
        await goes_on(pair, pair.other, ann, card)

        status, said = await pair.one.run_bot()
        assert status == 78
        assert (
            f"The database has version {NOW + 1}, this program knows {NOW}: start the newer version" in said
        )
        assert await pair.other.stop_bot() == 0
