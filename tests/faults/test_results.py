"""Results that cannot be had, or are not what they should be: nobody pays for what they were not given."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from playground.pixeldojo.results import Results
from tests.e2e.member import Member
from tests.faults.conftest import Join
from tests.faults.fast_world import DAY, FREE, HELD, PAID, Case, FastWorld, ask_for

USELESS = {
    "no_images": "The image service finished without an image.",
    "not_an_image": "The image service finished without an image.",
    "html_result": "The image service finished without an image.",
    "image_bomb": "The image service finished without an image.",
    "huge_result": "The image service finished without an image.",
    "endless_result": "The image service finished without an image.",
    "foreign_result": "The image service finished without an image.",
    "redirect_result": "The image service finished without an image.",
    "missing_result": "The image service no longer had the image when it was fetched.",
    "forbidden_result": "The image service no longer had the image when it was fetched.",
}
"""What is no image for a member, and stays so."""
WAITED_OUT = (
    *("reset_before", "reset_after", "cut_body", "silence", "drip", "empty", "rate_limited", "html"),
    *("error_500", "error_502", "error_503", "error_504"),
)
ASKED_ABOUT = ("missing", "forbidden")
"""Only once for a job: one that met both would rightly fail."""
PASSING = (*WAITED_OUT, *ASKED_ABOUT)
"""Trouble with a file that is over when it is tried again."""
PRIVATE = (
    *("http://169.254.169.254/latest/meta-data", "http://127.0.0.1:1/x.png", "https://127.0.0.1/x.png"),
    *("https://10.0.0.1/x.png", "https://[::1]/x.png", "https://localhost/x.png", "https://2130706433/x.png"),
    *("file:///etc/passwd", "ftp://example.com/x.png"),
)


@dataclass(kw_only=True)
class Fetched:
    """Jobs whose results met one fault each."""

    member: Member
    cases: Mapping[str, Case]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def useless(shared_world: FastWorld, troupe: Join, small: Path) -> AsyncGenerator[Fetched]:
    world, ann = shared_world, await troupe()
    world.switch(redirect_to=PRIVATE[0], result_seconds=5.0)
    cases: dict[str, Case] = {}
    for number, fault in enumerate(USELESS):
        world.switch(next=[fault])
        [cases[fault]] = await ask_for(ann, [f"of no use {number}"], small)
        await world.status(cases[fault].card, "running", "failed")
    world.age(cases["no_images"].card, DAY + 1)
    yield Fetched(member=ann, cases=cases)


@pytest.mark.parametrize("fault", USELESS)
async def test_a_result_that_is_no_image_costs_nothing(
    shared_world: FastWorld, useless: Fetched, fault: str
) -> None:
    case = useless.cases[fault]
    await useless.member.sees(case.card, "Failed", USELESS[fault], "You were not charged.")
    assert shared_world.entries(case.card) == FREE
    kept = shared_world.query(
        "SELECT sha256 FROM images WHERE job_id = ? AND role = 'result'", shared_world.job(case.card)["id"]
    )
    assert kept == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def passing(shared_world: FastWorld, troupe: Join, small: Path) -> AsyncGenerator[Fetched]:
    ann = await troupe()
    cases: dict[str, Case] = {}
    for faults in (WAITED_OUT, *((fault,) for fault in ASKED_ABOUT)):
        cases |= await met(shared_world, ann, faults, small)
    yield Fetched(member=ann, cases=cases)


async def met(world: FastWorld, member: Member, faults: tuple[str, ...], small: Path) -> Mapping[str, Case]:
    """Let as many jobs as there are faults be fetched at once; return which job met which."""
    world.switch(always="stuck", drip_seconds=0.5, result_seconds=3600.0)
    listed = await ask_for(member, [f"file trouble {PASSING.index(fault)}" for fault in faults], small)
    for case in listed:
        await world.status(case.card, "running")
    world.switch(always=None, script=[{"path": "/temp/", "action": action} for action in faults])
    await world.finish()
    for case in listed:
        await world.status(case.card, "done", "failed")
    results = {case.prompt: results_of(world, case) for case in listed}
    seen = [(each["path"], each["fault"]) for each in world.provider.log if each.get("fault")]
    return {fault: case for case in listed for path, fault in seen if path in results[case.prompt]}


def results_of(world: FastWorld, case: Case) -> set[str]:
    """Return the paths of a job's results at the provider."""
    urls = world.job_at_provider(case.prompt)["results"]
    return {url.removeprefix(world.provider.origin) for url in urls}


@pytest.mark.parametrize("fault", PASSING)
async def test_a_file_that_does_not_come_whole_is_fetched_again(
    shared_world: FastWorld, passing: Fetched, fault: str
) -> None:
    case = passing.cases[fault]
    done = await passing.member.sees(case.card, "Done · 4 credits")
    assert shared_world.results_on(done) == await shared_world.provider_results(case.prompt)
    assert shared_world.entries(case.card) == PAID


async def test_a_file_that_never_comes_whole_costs_nothing(
    world: FastWorld, ann: Member, small: Path
) -> None:
    world.switch(next=["cut_result"], result_seconds=5.0)
    [case] = await ask_for(ann, ["cut again and again"], small)
    await world.logged("a result could not be fetched", times=2)
    assert world.entries(case.card) == HELD
    await ann.sees(case.card, "Failed", "You were not charged.")
    assert world.entries(case.card) == FREE


async def test_of_several_results_those_that_came_are_delivered_and_charged(
    world: FastWorld, ann: Member, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, added = Results.add, list[str]()

    def spoiling(self: Results, data: bytes, output_format: str, *, expires: float, action: str) -> str:
        added.append(action)
        action = "not_an_image" if len(added) == 2 else action
        return add(self, data, output_format, expires=expires, action=action)

    monkeypatch.setattr(Results, "add", spoiling)
    [case] = await ask_for(ann, ["one of three is spoilt"], small, count=3)
    done = await ann.sees(case.card, "Done · 8 credits", "2 of 3 images came; only they were charged.")
    assert len(world.results_on(done)) == 2
    assert world.entries(case.card) == [("reserve", 12000, 0), ("charge", -12000, 8000)]


@pytest.mark.parametrize("url", PRIVATE)
async def test_a_result_that_leads_to_a_private_address_is_not_fetched(
    world: FastWorld, ann: Member, small: Path, url: str
) -> None:
    world.switch(next=["redirect_result"], redirect_to=url, result_seconds=5.0)
    [case] = await ask_for(ann, ["leads astray"], small)
    await ann.sees(case.card, "Failed", "You were not charged.")
    assert world.entries(case.card) == FREE
    await world.logged("a result could not be fetched, or used (this address is not fetched:")
