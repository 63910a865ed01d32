"""A process that was stopped in the middle of a request wakes when its lease is over and another one works."""

import asyncio
import re
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from playground.postgres import PrivatePostgres
from storage.engines.fence import TRY_AGAIN
from tests.e2e.member import Failed, Member
from tests.e2e.messages import text_of
from tests.e2e.pair import Pair, open_pair
from tests.e2e.waiting import until

PROGRAM = Path(__file__).with_name("stopping_itself.py")
PAID = "POST /api/v1/models/.*/run"
FIRST_ANSWER = "POST /api/.*/callback"


@asynccontextmanager
async def stopping(
    folder: Path, url: str, *, at: str, slow: int
) -> AsyncGenerator[tuple[Pair, Member, Callable[[], list[str]]]]:
    """Open two bots of which ``one`` stops itself ``at`` a request after its first paid one.

    The first ``slow`` of those are answered late. Yields what ``one`` wrote after it had been woken, too.
    """
    written = folder / "written"
    told = {"STOP_AT": at, "STOP_AFTER": PAID, "WRITTEN": str(written)}
    async with open_pair(folder, url, program=PROGRAM, told=told) as pair, pair.world.member("ann") as ann:
        late = {"method": "POST", "path": "/run", "delay": 8.0}
        # Whoever works cannot find what was paid for: whoever asked holds the answer.
        pair.world.switch(script=[late] * slow, list_shape="unreadable", fast_results=False)

        def woken() -> list[str]:
            lines = written.read_text().splitlines()
            # A file that was being fetched is not asked of either.
            return [line.removeprefix("woken ") for line in lines if re.match("woken .* /api/", line)]

        yield pair, ann, woken


async def stopped(pair: Pair) -> None:
    """Wait until ``one`` has stopped itself and the other one works."""
    assert pair.one.process is not None
    state = Path(f"/proc/{pair.one.process.pid}/stat")
    await until(lambda: state.read_text().rpartition(")")[2].split()[0] == "T", what=pair.one.log)
    await pair.works(pair.other)


async def wakes(pair: Pair) -> str:
    """Let ``one`` go on, which ends; return what it logged, in which there is no mistake."""
    assert pair.one.process is not None
    log = len(pair.one.log())
    pair.one.process.send_signal(signal.SIGCONT)
    assert await asyncio.wait_for(pair.one.process.wait(), 40) == TRY_AGAIN
    said = pair.one.log()[log:]
    assert "The leases are over" in said
    assert not re.findall(r"^.* ERROR .*$|^Traceback", said, re.MULTILINE), said
    return said


async def before_the_write(folder: Path, url: str, picture: Path) -> None:
    """It had looked, and what was left to do is the write; another answer, which was paid for, is owed."""
    async with stopping(folder, url, at=f"looked {PAID}", slow=1) as (pair, ann, woken):
        await ann.edit("is answered", picture)
        await until(lambda: pair.world.submissions() == 1, what=lambda: str(pair.jobs()))
        await ann.edit("is not sent", picture)
        await stopped(pair)
        parked = ["unknown", "unknown"]
        await until(lambda: [job["status"] for job in pair.jobs()] == parked, what=lambda: str(pair.jobs()))
        await wakes(pair)
        assert [re.search(PAID, line) is not None for line in woken()] == [True], "the one that it stood at"
        assert pair.world.submissions() == 1
        assert pair.world.bodies("is not sent") == []
        assert [(job["status"], job["prompt"]) for job in pair.jobs()] == [
            ("running", "is answered"),
            ("unknown", "is not sent"),
        ]


async def before_the_look(folder: Path, url: str, picture: Path) -> None:
    """It was about to send a paid request: that never left, and waits for its turn at the other one."""
    async with stopping(folder, url, at=f"looking {PAID}", slow=1) as (pair, ann, woken):
        first = await ann.edit("is answered", picture)
        await until(lambda: pair.world.submissions() == 1, what=lambda: str(pair.jobs()))
        second = await ann.edit("goes on", picture)
        await stopped(pair)
        await wakes(pair)
        assert woken() == []
        pair.world.switch(fast_results=True)
        await pair.world.finish()
        for card in (first, second):
            await ann.sees(card, "Done", seconds=40)
        await pair.settled()
        pair.check()


async def before_a_first_answer(folder: Path, url: str, picture: Path) -> None:
    """Nobody hears of a job from two: whoever works brings its card."""
    async with stopping(folder, url, at=f"looking {FIRST_ANSWER}", slow=1) as (pair, ann, woken):
        first = await ann.edit("is answered", picture)
        await until(lambda: pair.world.submissions() == 1, what=lambda: str(pair.jobs()))
        asking = asyncio.create_task(ann.command("edit", prompt="has one card", image=picture))
        await stopped(pair)
        with suppress(Failed):
            await asking
        said = await wakes(pair)
        assert woken() == []
        assert "its first answer failed (Withheld)" in said
        pair.world.switch(fast_results=True)
        await pair.world.finish()
        await ann.sees(first, "Done", seconds=40)
        await pair.settled()
        pair.check()
        shown = [text_of(each) for each in ann.messages.values() if "has one card" in text_of(each)]
        assert len(shown) == 1, shown


async def test_who_wakes_when_its_turn_is_over_sends_nothing_and_stores_what_it_is_owed(
    tmp_path: Path, postgres: PrivatePostgres, small: Path
) -> None:
    async def wake(how: Callable[[Path, str, Path], Awaitable[None]]) -> None:
        await how(tmp_path / how.__name__, postgres.new_database(), small)

    # Each waits ten seconds for a lease to end: all at once.
    await asyncio.gather(wake(before_the_write), wake(before_the_look), wake(before_a_first_answer))
