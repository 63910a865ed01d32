"""A calendar that is wrong for a while: no job is given up, no allowance spent twice, no card sent twice."""

from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.member import Member
from tests.e2e.messages import text_of
from tests.e2e.test_accounts import use
from tests.faults.fast_bot import WRONG_BY
from tests.faults.fast_world import PAID, FastWorld, ask_for, open_fast, until

HOUR = 3600.0

Clocked = tuple[FastWorld, Callable[[float], None]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def clocked(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Clocked]:
    """A world, and what sets its bot's calendar wrong by so many seconds."""
    folder = tmp_path_factory.mktemp("clocked")
    file = folder / "wrong-by"

    def wrong_by(seconds: float) -> None:
        # At once as a whole: the bot reads it all the time.
        file.with_suffix(".new").write_text(str(seconds))
        file.with_suffix(".new").replace(file)

    wrong_by(0.0)
    async with open_fast(folder, **{WRONG_BY: str(file)}) as world:
        yield world, wrong_by


async def test_a_clock_25_hours_ahead_for_a_moment_ends_no_running_job(clocked: Clocked, small: Path) -> None:
    world, wrong_by = clocked
    async with Member.at(world.discord.origin, await world.join()) as ann:
        world.switch(next=["stuck"], webhooks="off")
        [case] = await ask_for(ann, ["a day too late"], small)
        job = (await world.status(case.card, "running"))["provider_job_id"]
        asked = len(world.provider.log)
        wrong_by(25 * HOUR)

        def looked_at() -> int:
            return sum(f"/jobs/{job}" in each["path"] for each in list(world.provider.log)[asked:])

        await until(lambda: looked_at() >= 3, what=lambda: f"three questions, not {looked_at()}")
        wrong_by(0.0)
        assert world.job(case.card)["status"] == "running"
        await world.finish()
        await ann.sees(case.card, "Done · 4 credits")
        assert world.entries(case.card) == PAID


async def test_a_clock_back_over_midnight_gives_no_day_twice(clocked: Clocked) -> None:
    world, wrong_by = clocked
    async with world.member("mod") as mod, Member.at(world.discord.origin, await world.join()) as ann:
        await use(mod, "allowance", "set", credits=5, period="day", target=ann.id)
        now = datetime.now(UTC)
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        wrong_by((midnight - now).total_seconds() + HOUR / 6)
        await ann.sees(await ann.ask("generate", prompt="ten past midnight"), "Done")
        wrong_by((midnight - now).total_seconds() - HOUR * 5 / 6)
        refused = await ann.ask("generate", prompt="ten past eleven, again")
        assert "your allowance has 1 credit left for today" in text_of(refused)
        wrong_by(0.0)
        assert len(world.jobs_of(ann)) == 1


async def test_with_a_clock_five_minutes_ahead_a_message_whose_answer_was_lost_is_found_and_not_sent_again(
    clocked: Clocked, small: Path
) -> None:
    world, wrong_by = clocked
    async with Member.at(world.discord.origin, await world.join()) as ann:
        wrong_by(300.0)
        world.switch(next=["stuck"])
        [case] = await ask_for(ann, ["five minutes ahead"], small)
        await world.status(case.card, "running")
        await world.page("delete-message", channel_id=case.card["channel_id"], message_id=case.card["id"])
        # Its card is gone: it comes directly. Not sent again, nor looked for, before the bot is killed.
        channel = "/channels/[0-9]+/messages$"
        lost = {"method": "POST", "path": channel}
        held = [{"method": each, "path": channel, "delay": 60.0, "times": 99} for each in ("POST", "GET")]
        world.faults(script=[{**lost, "action": "reset_after"}, *held])
        await world.finish()
        sent = await ann.message(lambda each: case.prompt in text_of(each) and "Done" in text_of(each))
        await world.kill_bot()
        assert world.jobs_of(ann)[0]["status"] == "delivering"
        world.faults(script=[])
        # Longer than Discord knows a nonce: only looking for it shows that it is there.
        await world.page("clock", skip=600)
        await world.start_bot()
        await world.settled()
        shown = [each["id"] for each in ann.messages.values() if case.prompt in text_of(each)]
        assert shown == [sent["id"]]
        assert world.entries(sent) == PAID
