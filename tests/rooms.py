"""The picture of the rooms in ``docs/architecture.md``, made from the imports: ``python -m tests.rooms``."""

import sys
from collections import Counter
from pathlib import Path

from tests.test_architecture import ROOT, imports, modules

DOCUMENT = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- rooms -->\n", "<!-- /rooms -->\n"
APART = {"playground", "benchmarks"}
"""Not of the product: the one imports nothing of it, the other all that it measures."""


def arrows() -> Counter[tuple[str, str]]:
    """Count the imports between rooms, those for types too."""
    rooms = {module.part for module in modules()} - APART
    found = ((each.module.part, each.top) for each in imports())
    return Counter((room, other) for room, other in found if room != other and {room, other} <= rooms)


def drawn() -> str:
    """Return the picture: an arrow for each pair of rooms that no longer way joins, with its imports."""
    counted = arrows()
    direct = {(room, other) for room, other in counted if not _by_way(room, other, set(counted))}
    files = Counter(module.part for module in modules())
    boxes = [
        f'    {room}["{room} · {files[room]}"]'
        for room in sorted({each for pair in counted for each in pair})
    ]
    lines = [f"    {room} --> {other}" for room, other in sorted(direct)]
    return "\n".join(["```mermaid", "flowchart TD", *boxes, *lines, "```", ""])


def _by_way(room: str, other: str, pairs: set[tuple[str, str]]) -> bool:
    between = {second for first, second in pairs if first == room} - {other}
    return any((each, other) in pairs or _by_way(each, other, pairs) for each in between)


def with_rooms(text: str) -> str:
    """Return the document with the picture of today."""
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}{drawn()}{END}{rest.split(END)[1]}"


def main() -> int:
    """Draw the picture anew."""
    Path(DOCUMENT).write_text(with_rooms(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
