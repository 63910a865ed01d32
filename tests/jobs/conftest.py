"""A town for each test, on an event loop of its own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import jobs.files
from tests.jobs.kit import Kit, opened
from tests.jobs.town import Town


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, migrated once and copied for each town."""
    return tmp_path_factory.mktemp("template") / "template.db"


@pytest.fixture
def town(tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    # What a crash of the machine would need is tested where files are.
    monkeypatch.setattr(jobs.files.os, "fsync", lambda _handle: None)
    opened = Town(tmp_path / "data", template=template)
    yield opened
    opened.close()


@pytest.fixture
async def kit(tmp_path: Path) -> AsyncIterator[Kit]:
    async with opened(tmp_path) as made:
        yield made
