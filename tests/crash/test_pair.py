"""Two bots on PostgreSQL and all that can happen to them: a sample here, all by ``python -m tests.crash``."""

from collections.abc import Callable, Sequence

import pytest

from playground.postgres import PostgresMissing, binaries
from tests.crash.campaign import FURTHER_OF_PAIRS, SHARES_OF_PAIRS, Campaign
from tests.crash.checks import CHECKS
from tests.crash.modes import MODES
from tests.crash.play import Plan
from tests.crash.touches import Order

pytestmark = pytest.mark.asyncio(loop_scope="module")

HASTE = 2.0
"""Leases of five seconds: what a take-over waits for is most of what it takes."""
POST = "POST /api/v1/models/gpt-image-1-5-edit/run"
SAMPLE = (
    (
        f"after sending {POST}#1",
        "crash@#31",
        "blink@before commit of job submitting#1",
        "restart@#17",
        f"stop@reading the answer to {POST}#1",
        "blink@#40",
        "crash@#52",
        "blink@#31",
        "restart@#45",
        "blink@#90",
        "crash@#27",
        "blink@#64",
    ),
    (
        "blink@before commit of insert jobs, insert aliases, insert images, insert entries#1",
        f"cut@after sending {POST}#1",
        "restart@#31",
        "after commit of job submitting#1",
        "crash@#60",
        "blink@before commit of job running, insert balances#1",
        "restart@#48",
        "blink@#120",
        "crash@#35",
        "blink@#75",
        "restart@#22",
        "blink@#64",
    ),
    (
        "crash@after commit of job submitting#2",
        "blink@#40",
        f"silence@reading the answer to {POST}#1",
        "blink@#29",
        "restart@#23",
        "#150",
        "blink@#37",
        "crash@#41",
        "restart@#66",
        "blink@#58",
        "crash@#24",
        "blink@#64",
    ),
)
"""What happens in each of three worlds, one after the other."""


@pytest.fixture(scope="module", autouse=True)
def _server() -> None:
    try:
        binaries()
    except PostgresMissing as missing:
        pytest.skip(str(missing))


def plan_of(orders: Sequence[str]) -> Plan:
    return Plan(
        mode=MODES["webhooks"], pair=True, haste=HASTE, orders=tuple(Order.read(order) for order in orders)
    )


@pytest.mark.timeout(400)
async def test_nothing_is_lost_or_doubled_whatever_happens_to_two_processes(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    campaign = Campaign(tmp_path_factory.mktemp("pair"), pair=True, lanes=len(SAMPLE))
    result = await campaign.play([plan_of(orders) for orders in SAMPLE])
    assert not result.bad, [(outcome.kills, outcome.tally.notes) for outcome in result.bad]
    assert {name: getattr(result.tally, name) for name in CHECKS} == dict.fromkeys(CHECKS, 0)
    assert len(result.kills) >= 30, "one that ended by itself takes with it what was to happen to it"


@pytest.mark.slow
@pytest.mark.timeout(14_400)
async def test_nothing_is_lost_or_doubled_by_a_thousand_faults(
    tmp_path_factory: pytest.TempPathFactory, record_property: Callable[[str, object], None]
) -> None:
    campaign = Campaign(tmp_path_factory.mktemp("pair"), pair=True)
    result = await campaign.prove_pair(SHARES_OF_PAIRS, further=FURTHER_OF_PAIRS)
    record_property("faults", len(result.kills))
    assert not result.bad, [(outcome.kills, outcome.tally.notes) for outcome in result.bad]
    assert len(result.kills) >= 1000
    assert result.take_overs[-(-len(result.take_overs) * 99 // 100) - 1] <= 15
