"""The bot is killed wherever it touches the outside: a sample here, all by ``python -m tests.crash``."""

from collections.abc import Callable

import pytest

from tests.crash.campaign import FURTHER, SHARES, Campaign, Result
from tests.crash.checks import CHECKS
from tests.crash.modes import MODES
from tests.crash.play import Plan
from tests.crash.touches import Order

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAMPLE = {"webhooks": 85, "list": 340}
"""As ``SHARES``, for the normal suite: half a dozen runs."""
OFFSET = 41
WITHIN_A_JOB = [
    Order(1, "before commit of job submitting"),
    Order(2, "after sending POST /api/v1/models/gpt-image-1-5-edit/run"),
    Order(1, "reading the answer to POST /api/v1/models/gpt-image-1-5-edit/run"),
]
"""What an undisturbed run always passes."""


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return Campaign(tmp_path_factory.mktemp("crash"))


def assert_nothing_is_lost_or_doubled(result: Result) -> None:
    assert not result.bad, [(outcome.kills, outcome.tally.notes) for outcome in result.bad]
    tally = result.tally
    assert {name: getattr(tally, name) for name in CHECKS} == dict.fromkeys(CHECKS, 0)
    assert tally.surprises == 0
    assert tally.difference == tally.explained


@pytest.mark.timeout(300)
async def test_nothing_is_lost_or_doubled_wherever_the_bot_is_killed(campaign: Campaign) -> None:
    result = await campaign.prove(SAMPLE, further=1, offset=OFFSET)
    assert_nothing_is_lost_or_doubled(result)
    assert len(result.kills) >= 12
    assert result.tally.jobs >= 3 * len(result.outcomes)
    assert result.tally.charged > 0


async def test_an_undisturbed_run_passes_the_points_that_matter(campaign: Campaign) -> None:
    touches = await campaign.touches(MODES["webhooks"])
    assert set(WITHIN_A_JOB) <= set(touches)
    assert len(touches) > 400


async def test_a_bot_dies_exactly_where_it_is_told_to(campaign: Campaign) -> None:
    orders = (*WITHIN_A_JOB[1:], Order(30))
    result = await campaign.play([Plan(mode=MODES["silent"], orders=orders)])
    assert result.kills[0] == str(WITHIN_A_JOB[1])
    assert_nothing_is_lost_or_doubled(result)


@pytest.mark.slow
@pytest.mark.timeout(7200)
async def test_nothing_is_lost_or_doubled_by_a_thousand_kills(
    campaign: Campaign, record_property: Callable[[str, object], None]
) -> None:
    result = await campaign.prove(SHARES, further=FURTHER)
    record_property("kills", len(result.kills))
    assert_nothing_is_lost_or_doubled(result)
    assert len(result.kills) >= 1000
