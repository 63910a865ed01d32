"""A process that works is lost, with jobs under way: the one that waited goes on with them."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from playground.postgres import PrivatePostgres
from storage.engines.fence import TRY_AGAIN
from tests.e2e.bot import Bot
from tests.e2e.member import Member, Message
from tests.e2e.pair import Pair, open_pair
from tests.e2e.waiting import until


async def running(pair: Pair, member: Member, picture: Path) -> Message:
    """Have a job run at the provider; return its card."""
    pair.world.switch(fast_results=False)
    card = await member.edit("over the loss", picture)

    def at_the_provider() -> bool:
        return "running" in [job["status"] for job in pair.jobs()]

    await until(at_the_provider, what=lambda: str(pair.jobs()))
    return card


async def goes_on(pair: Pair, bot: Bot, member: Member, card: Message) -> None:
    """See that a bot takes over, ends what was under way, and takes what is asked for now."""
    await pair.works(bot)
    pair.world.switch(fast_results=True)
    await pair.world.finish()
    await member.sees(card, "Done")
    await pair.settled()
    pair.check()


async def test_after_a_clean_stop_the_other_one_takes_over_at_once(
    tmp_path: Path, postgres_url: str, small: Path
) -> None:
    async with open_pair(tmp_path, postgres_url) as pair, pair.world.member("ann") as ann:
        first = pair.holder()
        assert f"waits for {first}, which works since" in pair.other.log()
        status, told = await pair.other.run_bot("--status")
        assert status == 0
        assert f"key:1: {first} for " in told
        assert "waits: " in told
        card = await running(pair, ann, small)
        assert await pair.one.stop_bot() == 0
        # Given back, not run out.
        assert pair.holder() != first
        await goes_on(pair, pair.other, ann, card)
        assert await pair.other.stop_bot() == 0
        status, told = await pair.other.run_bot("--status")
        assert status == 69
        assert "Nobody works." in told


async def test_the_owner_is_told_when_another_key_takes_over_jobs_under_way(
    tmp_path: Path, postgres_url: str, small: Path
) -> None:
    def own(bot: Bot) -> dict[str, str]:
        return {"PIXELDOJO_API_KEY": "another-key"} if bot.data.parent.name == "other" else {}

    async with open_pair(tmp_path, postgres_url, own=own) as pair, pair.world.member("ann") as ann:
        await running(pair, ann, small)
        await pair.one.kill_bot()
        await pair.other.logged("another PIXELDOJO_API_KEY")
        assert "another PIXELDOJO_API_KEY" not in pair.one.log()


async def killed(pair: Pair, ann: Member, picture: Path) -> None:
    card = await running(pair, ann, picture)
    await pair.one.kill_bot()
    await goes_on(pair, pair.other, ann, card)


async def stopped_and_continued(pair: Pair, ann: Member, picture: Path) -> None:
    """A paid request is on its way meanwhile: whoever works cannot find it, whoever asked holds its answer."""
    assert pair.one.process is not None
    slow = {"method": "POST", "path": "/run", "delay": 8.0}
    pair.world.switch(script=[slow], list_shape="unreadable", fast_results=False)
    card = await ann.edit("while it sleeps", picture)
    await until(lambda: pair.world.submissions() == 1, what=lambda: str(pair.jobs()))
    pair.one.process.send_signal(signal.SIGSTOP)
    await pair.works(pair.other)
    await until(lambda: pair.jobs()[0]["status"] == "unknown", what=lambda: str(pair.jobs()))
    log = len(pair.one.log())
    pair.one.process.send_signal(signal.SIGCONT)
    assert await asyncio.wait_for(pair.one.process.wait(), 40) == TRY_AGAIN
    assert "The leases are over" in pair.one.log()[log:]
    assert pair.jobs()[0]["status"] == "running"
    await goes_on(pair, pair.other, ann, card)


async def cut_off(pair: Pair, ann: Member, picture: Path) -> None:
    """Nothing from the database arrives any more, and no connection says that it is broken."""
    assert pair.one.process is not None
    card = await running(pair, ann, picture)
    pair.way.swallow()
    await pair.works(pair.other)
    assert await asyncio.wait_for(pair.one.process.wait(), 40) == TRY_AGAIN
    await goes_on(pair, pair.other, ann, card)


async def test_what_is_lost_is_taken_over_when_its_lease_is_over(
    tmp_path: Path, postgres: PrivatePostgres, small: Path
) -> None:
    async def lose(how: Callable[[Pair, Member, Path], Awaitable[None]]) -> None:
        url = postgres.new_database()
        async with open_pair(tmp_path / how.__name__, url) as pair, pair.world.member("ann") as ann:
            await how(pair, ann, small)

    # Each waits ten seconds for a lease to end: all at once.
    await asyncio.gather(lose(killed), lose(stopped_and_continued), lose(cut_off))
