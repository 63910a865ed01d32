"""``docs/faults.md``: each row has its test, each test its row, and none leaves anybody without an answer."""

import ast
import importlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "faults.md"
TOLD = (
    *("submitting", "asking", "doubting", "results", "sources", "answering", "delivering", "gateway"),
    *("login", "starting", "stopping", "many_jobs", "storage", "stores", "clock", "pressing"),
)
"""The files whose tests stand in the table."""
FREE = "You were not charged."
"""What is added to a sentence."""
NOT_OURS = {"The application did not respond", "completed", "succeeded", "done"}
"""What Discord or the provider says."""
COLUMNS = ["what happens", "the member sees", "what is charged", "what happens next", "test"]


def rows() -> list[list[str]]:
    """Return the cells of all rows, headings apart."""
    lines = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row != COLUMNS and set(row) != {"---"}]


def keys_of(name: str, function: FunctionType) -> Iterator[str]:
    """Yield a test's keys: a parameter's first value where that is a word, else the test's name."""
    marks: list[Any] = [mark for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"]
    for mark in marks:
        for value in mark.args[1]:
            first = value[0] if isinstance(value, tuple) else value
            if re.fullmatch(r"[a-z0-9_]+", str(first)):
                yield str(first)
            else:
                yield name
    if not marks:
        yield name


def known_in(file: str) -> set[str]:
    """Return the keys of all tests of a file."""
    module = importlib.import_module(f"tests.faults.test_{file}")
    return {
        f"{file}::{key}"
        for name, function in vars(module).items()
        if name.startswith("test_") and isinstance(function, FunctionType)
        for key in keys_of(name.removeprefix("test_"), function)
    }


def test_every_row_has_its_test_and_every_test_its_row() -> None:
    named = {row[-1].strip("`") for row in rows()}
    known = set[str]().union(*map(known_in, TOLD))
    assert named - known == set(), "rows without a test"
    assert known - named == set(), "tests without a row"


def test_no_row_is_there_twice() -> None:
    assert [row for row, count in Counter(map(tuple, rows())).items() if count > 1] == []


def test_every_row_says_in_every_column_what_is_so() -> None:
    for row in rows():
        assert len(row) == len(COLUMNS), row
        assert all(row), row
        assert "nothing" not in " ".join(row[:-1]).lower(), row


def words_of_the_bot() -> str:
    """Return all that stands in quotes in what members are shown by."""
    sources = [path for folder in ("ui", "cogs") for path in sorted((HERE.parents[1] / folder).glob("*.py"))]
    nodes = (node for path in sources for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return "\n".join(
        node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_every_sentence_of_a_row_is_one_that_the_bot_says() -> None:
    said = words_of_the_bot()
    quoted = set(re.findall("“([^”]+)”", DOCUMENT.read_text(encoding="utf-8"))) - NOT_OURS
    parts = {part.strip() for each in quoted for part in re.split(rf"…|\d+|[:;] |{FREE}", each)}
    assert {part for part in parts if part not in said} == set()
