"""What the documents point to is there: files, and headings of them."""

import re
from pathlib import Path

import pytest

from assembly.endings import ending
from storage.errors import DataDirLocked

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("tests/*/*.md"))
)
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)\s#]*)#?([^)\s]*)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def headings(document: Path) -> set[str]:
    """Return what the headings of a document are called in addresses, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in found}


def dead_links(document: Path, text: str) -> list[str]:
    """Return the links of a document's text that lead nowhere within this repository."""
    dead: list[str] = []
    for path, heading in LINK.findall(CODE.sub("", text)):
        target = (document.parent / path).resolve() if path else document
        there = target.exists() and target.is_relative_to(ROOT)
        if not there or (heading and heading not in headings(target)):
            dead.append(f"{path}#{heading}" if heading else path)
    return dead


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_within_the_repository_leads_somewhere(document: Path) -> None:
    assert dead_links(document, document.read_text(encoding="utf-8")) == []


def test_copies_of_the_database_end_within_the_days_that_are_promised() -> None:
    """``find`` counts whole days: what has more than N of them is N + 1 days old, and a day more by the next night."""
    promised = re.compile(r"an end of each after (\d+) days")
    found = 0
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for days in re.findall(r"find \S+ .*-mtime \+(\d+)", text):
            (most,) = promised.findall(text)
            assert int(days) + 1 + 1 <= int(most), document
            found += 1
    assert found


def test_a_data_directory_in_use_ends_a_bot_with_the_status_that_is_told() -> None:
    text = (ROOT / "docs" / "storage.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"a second bot, or `--rebuild` beside one, ends with status (\d+)", text)
    assert ending(DataDirLocked("It is in use."), "Darkroom cannot start") == (
        "Darkroom cannot start: It is in use.",
        int(told),
    )


def test_a_dead_link_is_found() -> None:
    text = "[a](README.md) [b](nowhere.md) [c](README.md#no-such-heading) [d](README.md#try-it) [e](#x)"
    assert dead_links(ROOT / "README.md", text) == ["nowhere.md", "README.md#no-such-heading", "#x"]
