"""Another key of the provider is told of while jobs are under way that it may not know."""

from dataclasses import replace

import pytest

from assembly.provider_key import NAME, tell_of_another_key
from config.settings import load_settings
from domain.job import Status
from playground.bot_process import NOTHING_AT_STAKE
from storage import facts
from tests.engines import Engine
from tests.jobs.model_messenger import Operator
from tests.storage.rows import put_job


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
