"""A key that is refused is told of at the start, and another one while jobs are under way that it may not know."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from assembly.provider_key import NAME, look_at_key, tell_of_another_key
from config.settings import load_settings
from domain.job import Status
from playground.bot_process import NOTHING_AT_STAKE
from storage import facts
from tests.engines import Engine
from tests.jobs.harness import Harness, opened
from tests.jobs.model_messenger import Operator
from tests.storage.rows import put_job


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[Harness]:
    async with opened(tmp_path) as harness:
        yield harness


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (Status.QUEUED, False),
        (Status.SUBMITTING, True),
        (Status.UNKNOWN, True),
        (Status.RUNNING, True),
        (Status.DONE, False),
    ],
)
async def test_the_owner_hears_of_another_key_while_jobs_are_under_way(
    engine: Engine, status: Status, *, told: bool
) -> None:
    database, operator = await engine.open(), Operator()
    settings = load_settings(
        {
            **NOTHING_AT_STAKE,
            "DISCORD_TOKEN": "token",
            "PIXELDOJO_API_KEY": "one",
            "DATA_DIR": str(engine.folder),
        }
    )
    for _ in range(2):
        await tell_of_another_key(settings, database, operator)
    await database.run(put_job, "i1", status=status)
    await tell_of_another_key(settings, database, operator)
    assert operator.warned == []
    for _ in range(2):
        await tell_of_another_key(replace(settings, pixeldojo_api_key="other"), database, operator)
    assert operator.warned == [("another_key", {"count": 1})] * told
    noted = await database.read(facts.fact, NAME)
    assert noted is not None
    assert "other" not in noted
    await database.close()


@pytest.mark.parametrize(
    ("refusals", "told"), [(0, False), (1, False), (2, True)], ids=["taken", "wrong once", "refused"]
)
async def test_the_owner_hears_at_the_start_of_a_key_that_is_refused(
    harness: Harness, refusals: int, *, told: bool
) -> None:
    harness.provider.control.merge({"script": [{"path": "/jobs$", "status": 401, "times": refusals}]})
    await look_at_key(harness.parts)
    assert [key for key, _ in harness.operator.warned] == ["invalid_key"] * told


@pytest.mark.parametrize("status", [403, 404, 500])
async def test_a_list_that_is_not_promised_says_nothing_of_the_key(harness: Harness, status: int) -> None:
    harness.provider.control.merge({"script": [{"path": "/jobs$", "status": status, "times": 9}]})
    await look_at_key(harness.parts)
    assert harness.operator.warned == []
