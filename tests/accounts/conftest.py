"""A fresh database for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.accounts.book import Book, open_book


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    opened = open_book(tmp_path)
    yield opened
    opened.close()
