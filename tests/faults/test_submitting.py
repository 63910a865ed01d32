"""A provider that misbehaves when a job is submitted: whatever it does, no paid request is sent twice."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio

from playground.pixeldojo.faults import FAULTS
from tests.e2e.member import Member
from tests.faults.conftest import Join
from tests.faults.fast_world import DAY, FREE, HELD, PAID, Case, FastWorld, ask_for

TAKEN = (
    *("lose_reply", "silence", "cut_reply", "drip_reply", "empty_reply", "html_reply", "wrong_json"),
    *("truncated_json", "booked_500", "booked_502", "booked_503", "booked_504"),
)
"""The provider took the job and charged for it, but its answer is lost or spoilt."""
NOT_TAKEN = (
    *("lose_request", "silence_unbooked", "html", "error_500", "error_502", "error_503", "error_504"),
)
"""The same from where we stand, but the provider knows nothing of the job."""
LOST = "If the picture was made it is posted here by"


@dataclass(kw_only=True)
class Lost:
    """All submissions without an answer: what the cards said, and the ledger, before anything else came."""

    member: Member
    cases: Mapping[str, Case]
    cards: Mapping[str, str]
    ledger: Mapping[str, list[tuple[str, int, int]]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def lost(shared_world: FastWorld, troupe: Join, small: Path) -> AsyncGenerator[Lost]:
    """Submit one job for each fault, let the provider end those that it took, and a day pass for the rest."""
    world, ann = shared_world, await troupe()
    world.switch(next=[*TAKEN, *NOT_TAKEN], latency=10.0)
    asked = await ask_for(ann, [f"lost answer {number}" for number in range(len(TAKEN + NOT_TAKEN))], small)
    # Some may have been found in the provider's list by now.
    cards = {case.prompt: await case.said(ann, "Contact lost") for case in asked}
    cases = {fault_of(world, case): case for case in asked}
    found = Lost(
        member=ann,
        cases=cases,
        cards={fault: cards[case.prompt] for fault, case in cases.items()},
        ledger={fault: world.entries(case.card) for fault, case in cases.items()},
    )
    world.switch(latency=0.002)
    await world.finish()
    for fault in NOT_TAKEN:
        world.age(cases[fault].card, DAY + 1)
    for case in asked:
        await world.status(case.card, "done", "failed")
    yield found


def fault_of(world: FastWorld, case: Case) -> str:
    """Return the fault that a job's submission met, by what the provider did and has."""
    [met] = [each["fault"] for each in world.provider.log if prompt_in(each) == case.prompt]
    taken = case.prompt in {job["prompt"] for job in world.provider.control.state()["jobs"]}
    names = TAKEN if taken else NOT_TAKEN
    return next(name for name in names if FAULTS[name].reply == met)


def prompt_in(entry: Mapping[str, Any]) -> object:
    """Return the prompt of a submission in the provider's log."""
    body = entry.get("body")
    return body.get("prompt") if isinstance(body, dict) else None


@pytest.mark.parametrize("fault", TAKEN)
async def test_a_job_whose_answer_is_lost_is_charged_once_when_it_turns_up(
    shared_world: FastWorld, lost: Lost, fault: str
) -> None:
    case = lost.cases[fault]
    assert LOST in lost.cards[fault]
    assert lost.ledger[fault] == HELD
    done = await lost.member.sees(case.card, "Done · 4 credits")
    assert shared_world.results_on(done) == await shared_world.provider_results(case.prompt)
    assert shared_world.entries(case.card) == PAID
    assert len(shared_world.bodies(case.prompt)) == 1, "a paid request was repeated"


@pytest.mark.parametrize("fault", NOT_TAKEN)
async def test_a_job_whose_answer_is_lost_is_released_after_a_day_if_it_never_turns_up(
    shared_world: FastWorld, lost: Lost, fault: str
) -> None:
    case = lost.cases[fault]
    assert LOST in lost.cards[fault]
    assert lost.ledger[fault] == HELD
    await lost.member.sees(case.card, "Failed", "no image came within a day", "You were not charged.")
    assert shared_world.entries(case.card) == FREE
    assert len(shared_world.bodies(case.prompt)) == 1, "a request was repeated that may have been paid"


@pytest.mark.parametrize("fault", ["rate_limited", "rate_limited_bare"])
async def test_a_submission_beyond_the_limit_waits_and_is_sent_again(
    world: FastWorld, ann: Member, small: Path, fault: str
) -> None:
    world.switch(next=[fault])
    [case] = await ask_for(ann, [f"beyond the limit, {fault}"], small)
    await ann.sees(case.card, "Done · 4 credits")
    assert [title for title in case.titles(ann) if title != "Running"] == [
        *("Queued", "Submitting", "Queued", "Submitting", "Done")
    ]
    met = [each.get("fault") for each in world.provider.log if prompt_in(each) == case.prompt]
    assert met == [fault, None]
    assert world.entries(case.card) == PAID


async def test_a_provider_that_takes_no_connection_is_waited_for(
    world: FastWorld, ann: Member, small: Path
) -> None:
    async with provider_away(world):
        [case] = await ask_for(ann, ["nobody listens"], small)
        await world.logged("was not taken: the provider cannot be used right now", times=3)
        await ann.sees(case.card, "Queued · the image service cannot be reached, trying again")
        assert world.entries(case.card) == HELD
    await ann.sees(case.card, "Done · 4 credits")
    assert world.entries(case.card) == PAID


async def test_a_provider_that_takes_no_connection_for_ten_minutes_costs_nothing(
    world: FastWorld, ann: Member, small: Path
) -> None:
    async with provider_away(world):
        [case] = await ask_for(ann, ["nobody listens at all"], small)
        await ann.sees(case.card, "Failed", "The image service had a problem.", "You were not charged.")
    assert world.entries(case.card) == FREE
    assert world.bodies(case.prompt) == []


@asynccontextmanager
async def provider_away(world: FastWorld) -> AsyncGenerator[None]:
    """Let nobody listen where the provider was, for a while."""
    port = urlsplit(world.provider.origin).port
    await world.provider.close()
    yield
    await world.provider.start(port or 0)
