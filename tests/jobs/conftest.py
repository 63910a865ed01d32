"""A simulation for each test, on an event loop of its own."""

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import pytest

import jobs.accept
import jobs.giving_over
import storage.files
from tests.jobs.harness import Harness, opened
from tests.jobs.simulation import Simulation


@pytest.fixture(autouse=True)
def ids_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids that grow: where two jobs come in one millisecond chance would decide their order, run by run."""
    numbers = count(1)
    for module in (jobs.accept, jobs.giving_over):
        monkeypatch.setattr(module, "new_id", lambda: f"{next(numbers):020x}")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, migrated once and copied for each simulation."""
    return tmp_path_factory.mktemp("template") / "template.db"


@pytest.fixture
def sim(tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulation]:
    # What a crash of the machine would need is tested where files are.
    monkeypatch.setattr(storage.files.os, "fsync", lambda _handle: None)
    opened = Simulation(tmp_path / "data", template=template)
    yield opened
    opened.close()


@pytest.fixture
async def harness(tmp_path: Path) -> AsyncIterator[Harness]:
    async with opened(tmp_path) as made:
        yield made
