"""Two bots on PostgreSQL and all that can happen to them: a sample here, all by ``python -m tests.crash``."""

from collections.abc import Callable

import pytest

from playground.postgres import PostgresMissing, binaries
from tests.crash.campaign import FURTHER, SHARES_OF_PAIRS, Campaign
from tests.crash.checks import CHECKS
from tests.crash.modes import MODES
from tests.crash.play import Plan
from tests.crash.touches import Order

pytestmark = pytest.mark.asyncio(loop_scope="module")

HASTE = 2.0
"""Leases of five seconds: what a take-over waits for is most of what it takes."""
POST = "POST /api/v1/models/gpt-image-1-5-edit/run"
SAMPLE = (
    ("before commit of job submitting#1", "blink kill crash blink stop blink"),
    (f"after sending {POST}#1", "crash cut blink restart kill blink"),
    ("after commit of job submitting#2", "stop blink crash blink kill restart"),
    (f"reading the answer to {POST}#1", "silence restart blink blink kill crash"),
    (
        "before commit of insert jobs, insert aliases, insert images, insert entries#1",
        "blink crash cut blink blink kill",
    ),
)
"""At which touch of the first one at work the first thing happens, and what happens, one after the other."""
STEPS = (1, 23, 31, 17, 29, 37)
"""After how many touches the next thing happens: there are more in every start."""


@pytest.fixture(scope="module", autouse=True)
def _server() -> None:
    try:
        binaries()
    except PostgresMissing as missing:
        pytest.skip(str(missing))


def plan_of(first: str, faults: str) -> Plan:
    kinds = faults.split()
    orders = [Order.read(f"{kinds[0]}@{first}")]
    orders += [Order(nth, fault=kind) for nth, kind in zip(STEPS[1:], kinds[1:], strict=True)]
    return Plan(mode=MODES["webhooks"], pair=True, haste=HASTE, orders=tuple(orders))


@pytest.mark.timeout(400)
@pytest.mark.parametrize("runs", [2, pytest.param(len(SAMPLE), marks=pytest.mark.slow)])
async def test_nothing_is_lost_or_doubled_whatever_happens_to_two_processes(
    tmp_path_factory: pytest.TempPathFactory, runs: int
) -> None:
    campaign = Campaign(tmp_path_factory.mktemp("pair"), pair=True, lanes=runs)
    result = await campaign.play([plan_of(first, faults) for first, faults in SAMPLE[:runs]])
    assert not result.bad, [(outcome.kills, outcome.tally.notes) for outcome in result.bad]
    assert {name: getattr(result.tally, name) for name in CHECKS} == dict.fromkeys(CHECKS, 0)
    assert len(result.kills) >= 4 * runs, "there is nothing left to do where a run ends before its last fault"


@pytest.mark.slow
@pytest.mark.timeout(14_400)
async def test_nothing_is_lost_or_doubled_by_a_thousand_faults(
    tmp_path_factory: pytest.TempPathFactory, record_property: Callable[[str, object], None]
) -> None:
    campaign = Campaign(tmp_path_factory.mktemp("pair"), pair=True)
    result = await campaign.prove_pair(SHARES_OF_PAIRS, further=FURTHER)
    record_property("faults", len(result.kills))
    assert not result.bad, [(outcome.kills, outcome.tally.notes) for outcome in result.bad]
    assert len(result.kills) >= 1000
    assert result.take_overs[-(-len(result.take_overs) * 99 // 100) - 1] <= 15
