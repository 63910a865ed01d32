"""A fresh database for each test."""

from collections.abc import Iterator
from unittest import TestCase

import pytest
from hypothesis import settings

from tests.accounts.book import Book, Opener
from tests.engines import Databases, Engine


@pytest.fixture
def book(engine: Engine) -> Iterator[Book]:
    opened = Book(engine)
    yield opened
    opened.close()


@pytest.fixture(scope="session", autouse=True)
def _opener(databases: Databases | None) -> None:
    Opener.databases = databases


@pytest.fixture(scope="module", autouse=True)
def _fewer_histories(request: pytest.FixtureRequest, databases: Databases | None) -> None:
    """Look at every identity after each step takes ten times as long on a server: some of the examples."""
    if databases is not None:
        for each in vars(request.module).values():
            if isinstance(each, type) and issubclass(each, TestCase) and hasattr(each, "settings"):
                each.settings = settings(each.settings, max_examples=3)
