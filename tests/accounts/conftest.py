"""A fresh database for each test."""

from collections.abc import Iterator

import pytest

from tests.accounts.book import Book
from tests.engines import Engine


@pytest.fixture
def book(engine: Engine) -> Iterator[Book]:
    opened = Book(engine)
    yield opened
    opened.close()
