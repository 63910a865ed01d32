"""A provider that misbehaves when it is asked about a running job: it is asked again, and nothing is lost."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.member import Member
from tests.faults.conftest import Join
from tests.faults.fast_world import FREE, HELD, MANY, PAID, Case, FastWorld, ask_for, open_fast, until
from tests.faults.test_submitting import provider_away

ONCE = (
    *("reset_before", "reset_after", "cut_body", "silence", "drip", "rate_limited", "rate_limited_bare"),
    *("error_500", "error_502", "error_503", "error_504", "html", "html_ok", "wrong_json", "truncated_json"),
    *("empty", "missing", "forbidden"),
)
ABOUT_ALL = "/api/v1/jobs"
ABOUT_ONE = f"{ABOUT_ALL}/"
LISTS: dict[str, Callable[[list[str]], dict[str, Any]]] = {
    "list_of_html": lambda _: {"status": 200, "body": "<html><title>Just a moment</title></html>"},
    "list_500": lambda _: {"status": 500},
    "list_of_strangers": lambda _: {"status": 200, "body": {"jobs": [{"id": "theirs", "status": "failed"}]}},
    "listed_as_failed": lambda ids: {
        "status": 200,
        "body": [{"id": each, "status": "failed"} for each in ids],
    },
    "listed_without_results": lambda ids: {
        "status": 200,
        "body": [{"id": each, "status": "completed"} for each in ids],
    },
}
"""Lists of recent jobs that say nothing of ours, or what is not so, by the provider's ids of ours."""


@dataclass(kw_only=True)
class Asked:
    """Jobs each of which met one fault when it was asked about at its end, and was asked about again."""

    member: Member
    cases: Mapping[str, Case]
    ledger: Mapping[str, list[tuple[str, int, int]]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asked(shared_world: FastWorld, troupe: Join, small: Path) -> AsyncGenerator[Asked]:
    world, ann = shared_world, await troupe()
    # One list would tell of all their ends.
    world.switch(always="stuck", drip_seconds=0.5, list_shape="missing")
    listed = await ask_for(ann, [f"bad answer {number}" for number in range(len(ONCE))], small)
    for case in listed:
        await world.status(case.card, "running")
    ledger = {case.prompt: world.entries(case.card) for case in listed}
    world.switch(always=None, script=[{"path": ABOUT_ONE, "action": action} for action in ONCE])
    await world.finish()
    for case in listed:
        await world.status(case.card, "done", "failed")
    # A reset connection that was kept alive makes aiohttp ask again by itself: some jobs met two faults.
    cases = {fault: case for case in listed for fault in met_by(world, case)}
    yield Asked(member=ann, cases=cases, ledger={name: ledger[case.prompt] for name, case in cases.items()})


def met_by(world: FastWorld, case: Case) -> list[str]:
    """Return the faults that questions about a job met, oldest first."""
    path = ABOUT_ONE + world.job(case.card)["provider_job_id"]
    return [each["fault"] for each in world.provider.log if each["path"] == path and each.get("fault")]


@pytest.mark.parametrize("fault", ONCE)
async def test_a_bad_answer_about_a_job_is_asked_for_again(
    shared_world: FastWorld, asked: Asked, fault: str
) -> None:
    case = asked.cases[fault]
    assert asked.ledger[fault] == HELD
    done = await asked.member.sees(case.card, "Done · 4 credits")
    assert case.titles(asked.member) == ["Queued", "Submitting", "Running", "Done"]
    assert shared_world.results_on(done) == await shared_world.provider_results(case.prompt)
    assert shared_world.entries(case.card) == PAID
    assert len(shared_world.bodies(case.prompt)) == 1, "a paid request was repeated"


async def test_a_job_that_the_provider_does_not_know_any_more_costs_nothing(
    world: FastWorld, ann: Member, small: Path
) -> None:
    world.switch(next=["vanish"])
    [case] = await ask_for(ann, ["vanishes"], small)
    await ann.sees(case.card, "Failed", "The image service had a problem.", "You were not charged.")
    assert world.entries(case.card) == FREE
    job = world.job(case.card)["provider_job_id"]
    asked = sum(each["path"] == ABOUT_ONE + job for each in world.provider.log)
    assert asked >= 5, "it is said three times at least, and over ten minutes"


async def test_a_provider_that_is_away_while_a_job_runs_is_asked_when_it_is_back(
    world: FastWorld, ann: Member, small: Path
) -> None:
    world.switch(next=["stuck"])
    [case] = await ask_for(ann, ["the provider goes away"], small)
    await ann.sees(case.card, "Running")
    async with provider_away(world):
        await world.logged("could not be asked about: the provider cannot be used right now", times=2)
        assert world.entries(case.card) == HELD
        assert world.job(case.card)["status"] == "running"
    ended = {"jobId": world.job(case.card)["provider_job_id"], "status": "failed"}
    world.switch(script=[{"path": ABOUT_ONE, "status": 200, "body": ended}])
    await ann.sees(case.card, "Failed", "The image service had a problem.", "You were not charged.")
    assert world.entries(case.card) == FREE


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def unhooked(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[FastWorld]:
    """A world without webhooks: whatever ends is found by asking."""
    async with open_fast(tmp_path_factory.mktemp("unhooked"), webhooks=False, **MANY) as world:
        yield world


@pytest.mark.parametrize("fault", LISTS)
async def test_a_list_that_proves_nothing_ends_nothing(unhooked: FastWorld, small: Path, fault: str) -> None:
    world = unhooked
    async with Member.at(world.discord.origin, await world.join()) as ann:
        world.switch(always="stuck")
        cases = await ask_for(ann, [f"{fault} {number}" for number in range(2)], small)
        for case in cases:
            await ann.sees(case.card, "Running")
        ids = [world.job(case.card)["provider_job_id"] for case in cases]
        before = len(world.provider.log)
        world.switch(script=[{"path": f"{ABOUT_ALL}$", "times": 999, **LISTS[fault](ids)}])

        def asked_about(path: str) -> int:
            return sum(each["path"] == path for each in world.provider.log[before:])

        for path in (ABOUT_ALL, *(ABOUT_ONE + each for each in ids)):
            await until(lambda path=path: asked_about(path) > 0, what=lambda path=path: f"a question: {path}")
        for case in cases:
            assert world.job(case.card)["status"] == "running"
            assert world.entries(case.card) == HELD
        await world.rest()
        for case in cases:
            await ann.sees(case.card, "Done · 4 credits")
            assert case.titles(ann) == ["Queued", "Submitting", "Running", "Done"]
            assert world.entries(case.card) == PAID
