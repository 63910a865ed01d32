"""A process that works is lost, with jobs under way: the one that waited goes on with them."""

import asyncio
import signal
from pathlib import Path

from storage.fence import TRY_AGAIN
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


async def test_after_a_kill_the_other_one_takes_over_when_the_lease_is_over(
    tmp_path: Path, postgres_url: str, small: Path
) -> None:
    async with open_pair(tmp_path, postgres_url) as pair, pair.world.member("ann") as ann:
        card = await running(pair, ann, small)
        await pair.one.kill_bot()
        await goes_on(pair, pair.other, ann, card)


async def test_one_that_was_stopped_for_longer_than_its_lease_ends_before_it_does_anything(
    tmp_path: Path, postgres_url: str, small: Path
) -> None:
    async with open_pair(tmp_path, postgres_url) as pair, pair.world.member("ann") as ann:
        card = await running(pair, ann, small)
        assert pair.one.process is not None
        pair.one.process.send_signal(signal.SIGSTOP)
        await pair.works(pair.other)
        seen = len(pair.world.requests()), len(pair.one.log())
        pair.one.process.send_signal(signal.SIGCONT)
        assert await asyncio.wait_for(pair.one.process.wait(), 20) == TRY_AGAIN
        assert "The leases are over" in pair.one.log()[seen[1] :]
        await goes_on(pair, pair.other, ann, card)
