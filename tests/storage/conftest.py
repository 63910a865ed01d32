"""A database, opened as the bot opens it."""

from collections.abc import AsyncIterator

import pytest

from storage.database import Database
from tests.engines import Engine


@pytest.fixture
async def database(engine: Engine) -> AsyncIterator[Database]:
    opened = await engine.open()
    yield opened
    await opened.close()
