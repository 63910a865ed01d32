"""Two hosts with nothing in common but a database and an object store: each has its own disk and its own listener."""

from pathlib import Path

import aiohttp

from playground.loopback import free_port
from tests.e2e.bot import Bot
from tests.e2e.messages import text_of
from tests.e2e.pair import Pair, open_pair
from tests.e2e.waiting import until
from tests.storage.s3_standin import BUCKET, S3Standin, s3_standin


async def statuses(listener: str) -> tuple[int, int, str]:
    """Return what a bot answers to /healthz and /readyz, and what it says that it does."""
    address = f"http://{listener}"
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{address}/healthz") as alive,
        session.get(f"{address}/readyz") as ready,
    ):
        return alive.status, ready.status, (await ready.json())["state"]


async def test_the_other_host_goes_on_with_files_that_it_never_had(
    tmp_path: Path, postgres_url: str, small: Path
) -> None:
    listeners = {name: f"127.0.0.1:{free_port()}" for name in ("one", "other")}

    def own(bot: Bot) -> dict[str, str]:
        return {"DATA_DIR": str(bot.data), "WEBHOOK_LISTEN": listeners[bot.data.parent.name]}

    with s3_standin() as store:
        shared = {"FILES_URL": f"s3://{BUCKET}/bot", "AWS_ALLOW_HTTP": "true", **store.options}
        async with open_pair(tmp_path, postgres_url, own=own, **shared) as pair:
            await goes_on(pair, store, listeners, small)


async def goes_on(pair: Pair, store: S3Standin, listeners: dict[str, str], small: Path) -> None:
    async with pair.world.member("ann") as ann:
        assert await statuses(listeners["one"]) == (200, 200, "works")
        assert await statuses(listeners["other"]) == (200, 503, "waits")
        card = await ann.edit("on one host", small)
        await ann.sees(card, "Done")
        await pair.settled()
        kept = {key for key in store.objects if not key.endswith("place")}
        assert len(kept) >= 3, "a source, a contact sheet, a result"
        assert await pair.one.stop_bot() == 0
        await pair.works(pair.other)
        assert await statuses(listeners["other"]) == (200, 200, "works")
        store.asked.clear()
        await ann.press(card, "Reroll")
        await until(lambda: len(pair.jobs()) == 2, what=lambda: str(pair.jobs()))
        await pair.settled()
        assert any(asked.startswith("GET ") and "/files/" in asked for asked in store.asked)
        pair.check()


async def test_a_volume_that_is_unmounted_at_work_is_waited_for(
    tmp_path: Path, postgres_url: str, small: Path
) -> None:
    mount, elsewhere = tmp_path / "mount", tmp_path / "unmounted"

    def own(bot: Bot) -> dict[str, str]:
        return {"DATA_DIR": str(bot.data)}

    async with (
        open_pair(tmp_path, postgres_url, own=own, FILES_URL=f"file://{mount}") as pair,
        pair.world.member("ann") as ann,
    ):
        before = await ann.edit("before", small)
        await ann.sees(before, "Done")
        pair.world.switch(fast_results=False)
        paid = await ann.edit("paid before it went", small)
        await until(lambda: pair.jobs()[-1]["status"] == "running", what=lambda: str(pair.jobs()))
        mount.rename(elsewhere)
        mount.mkdir()
        pair.world.switch(fast_results=True)
        await pair.world.finish()
        async with pair.world.member("mod") as owner:
            await owner.message(lambda each: "is its volume mounted?" in text_of(each))
        await ann.press(before, "Reroll")
        await ann.whisper("Darkroom cannot reach what it stores just now.")
        assert list(mount.iterdir()) == []
        assert [job["status"] for job in pair.jobs()] == ["done", "running"]
        mount.rename(tmp_path / "what was under it")
        elsewhere.rename(mount)
        await ann.sees(paid, "Done")
        await ann.press(before, "Reroll")
        await until(lambda: len(pair.jobs()) == 3, what=lambda: str(pair.jobs()))
        await pair.settled()
