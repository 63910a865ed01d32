"""PostgreSQL is locked or stalls while jobs run: members are told, and what was paid for is stored."""

import asyncio
from pathlib import Path

import psycopg
import pytest

from tests.e2e.member import Failed
from tests.e2e.messages import text_of
from tests.e2e.pair import open_pair
from tests.e2e.waiting import until


async def test_a_lock_loses_no_paid_answer_and_leaves_no_member_without_one(
    tmp_path: Path, postgres_url: str, small: Path
) -> None:
    async with open_pair(tmp_path, postgres_url) as pair, pair.world.member("ann") as ann:
        slow = {"method": "POST", "path": "/run", "delay": 1.0}
        pair.world.switch(script=[slow], fast_results=False)
        card = await ann.edit("paid before the lock", small)
        await until(lambda: pair.world.submissions() == 1, what=lambda: str(pair.jobs()))
        with psycopg.connect(postgres_url) as admin:
            admin.execute("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
            for asked, said in (
                (ann.edit("asked while it is locked", small), "You were not charged."),
                (ann.ask("jobs"), "try again later."),
            ):
                refused = await asked
                assert refused.get("only_you"), refused
                assert text_of(refused).startswith("Darkroom cannot reach what it stores just now.")
                assert text_of(refused).endswith(said)
            await until(
                lambda: "storing what became of" in pair.one.log(), what=lambda: pair.one.log()[-4000:]
            )
            admin.rollback()
        pair.world.switch(fast_results=True)
        await pair.world.finish()
        await ann.sees(card, "Done")
        await pair.settled()
        assert len(pair.jobs()) == pair.world.submissions() == 1
        kinds = [row["kind"] for row in pair.query("SELECT kind FROM entries ORDER BY id")]
        assert kinds == ["reserve", "charge"]


async def test_who_was_told_that_the_bot_did_not_respond_pays_once_when_they_ask_again(
    tmp_path: Path, postgres_url: str, small: Path
) -> None:
    """What was read before a job is accepted was held up, not the accepting."""
    async with open_pair(tmp_path, postgres_url) as pair, pair.world.member("ann") as ann:
        pair.way.swallow()
        asked = asyncio.create_task(ann.edit("a picture", small))
        await asyncio.sleep(3.3)
        pair.way.pass_on()
        with pytest.raises(Failed, match="did not respond"):
            await asked
        card = await ann.edit("a picture", small)
        await ann.sees(card, "Done")
        await pair.settled()
        assert len(pair.jobs()) == pair.world.submissions() == 1
