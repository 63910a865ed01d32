"""A Discord that does not take the first answer to a command: the job goes on, its card comes another way."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.member import Failed, Member, Message
from tests.e2e.messages import text_of
from tests.e2e.world import until
from tests.faults.conftest import Join
from tests.faults.fast_world import PAID, FastWorld, ask_for

UNTAKEN: Mapping[str, dict[str, Any]] = {
    "10062": {"status": 404, "body": {"code": 10062, "message": "Unknown interaction"}},
    "late": {"delay": 3.2},
    "reset_before": {"action": "reset_before"},
    "503": {"status": 503, "body": "<html></html>", "times": 5},
}
"""What happens to a first answer so that the member reads "The application did not respond"."""


REFUSED, NEVER_CAME = "  .  ", "lost by Discord"


@dataclass(kw_only=True)
class Untaken:
    """Commands whose answers never reached their member, by what happened or by prompt."""

    ann: Member
    ben: Member
    prompts: Mapping[str, str]
    waiting: dict[str, "asyncio.Task[Message]"]

    def says(self, name: str) -> str:
        """Return what the page said of a command."""
        failure = self.waiting[name].exception()
        assert isinstance(failure, Failed)
        return str(failure)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def untaken(shared_world: FastWorld, troupe: Join, small: Path) -> AsyncGenerator[Untaken]:
    """All at once: each of these takes the page three seconds."""
    world = shared_world
    prompts = {name: f"first answer {number}" for number, name in enumerate(UNTAKEN)}
    found = Untaken(ann=await troupe(), ben=await troupe(), prompts=prompts, waiting={})
    world.faults(events={"INTERACTION_CREATE": "lost"})
    found.waiting[NEVER_CAME] = asyncio.create_task(found.ben.edit(NEVER_CAME, small))
    await until(lambda: any(each["t"] == "interaction" for each in found.ben.events), what=str)
    world.faults(events={})
    found.waiting[REFUSED] = await untaken_answer(
        world, found.ben, REFUSED, small, {"action": "reset_before"}
    )
    for name, line in UNTAKEN.items():
        found.waiting[name] = await untaken_answer(world, found.ann, prompts[name], small, line)
    await asyncio.wait(found.waiting.values())
    yield found


async def untaken_answer(
    world: FastWorld, member: Member, prompt: str, image: Path, line: Mapping[str, Any]
) -> "asyncio.Task[Message]":
    """Let a member ask, and wait until the answer to that has met a fault."""
    world.faults(script=[{"method": "POST", "path": "/interactions/", **line}])
    untouched = world.discord.faults.show()["script"]
    asked = asyncio.create_task(member.edit(prompt, image))
    await until(lambda: world.discord.faults.show()["script"] != untouched, what=str)
    return asked


@pytest.mark.parametrize("fault", UNTAKEN)
async def test_a_first_answer_that_fails_is_made_up_for_by_a_message(
    shared_world: FastWorld, untaken: Untaken, fault: str
) -> None:
    world, ann, prompt = shared_world, untaken.ann, untaken.prompts[fault]
    assert "did not respond" in untaken.says(fault)
    card = await ann.message(lambda each: f"> {prompt}\n" in text_of(each) and "Done" in text_of(each))
    assert ann.mention in text_of(card)
    assert world.results_on(card) == await world.provider_results(prompt)
    assert world.entries(card) == PAID
    assert len(world.bodies(prompt)) == 1


async def test_a_first_answer_whose_echo_is_lost_is_the_card_all_the_same(
    world: FastWorld, ann: Member, small: Path
) -> None:
    world.faults(script=[{"method": "POST", "path": "/interactions/", "action": "reset_after"}])
    [case] = await ask_for(ann, ["the echo is lost"], small)
    done = await ann.sees(case.card, "Done · 4 credits")
    assert world.results_on(done) == await world.provider_results(case.prompt)
    assert world.entries(case.card) == PAID


async def test_a_command_that_comes_twice_is_one_job(world: FastWorld, ann: Member, small: Path) -> None:
    world.faults(events={"INTERACTION_CREATE": "twice"})
    [case] = await ask_for(ann, ["sent twice by Discord"], small)
    await ann.sees(case.card, "Done · 4 credits")
    assert world.entries(case.card) == PAID
    assert len(world.jobs_of(ann)) == len(world.bodies(case.prompt)) == 1


async def test_a_command_that_never_comes_costs_nothing(shared_world: FastWorld, untaken: Untaken) -> None:
    assert "did not respond" in untaken.says(NEVER_CAME)
    assert shared_world.jobs_of(untaken.ben) == []


async def test_a_refusal_that_cannot_be_said_costs_nothing(shared_world: FastWorld, untaken: Untaken) -> None:
    assert "did not respond" in untaken.says(REFUSED)
    assert shared_world.jobs_of(untaken.ben) == []
    await shared_world.logged("An answer did not reach its member (ServerDisconnectedError).")
