"""The script: faults for any endpoint, used up in order."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from playground.pixeldojo.mischief import ACTIONS


@dataclass(slots=True)
class Line:
    """What happens to the next requests that match.

    A status replaces the reply by status, body and headers; an action spoils whatever the reply is;
    ``delay`` is seconds before anything else. ``url`` is where ``redirect`` leads, ``bytes`` how many
    ``huge`` sends.
    """

    path: str = ""
    method: str | None = None
    times: int = 1
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    delay: float = 0.0
    action: str = "none"
    url: str | None = None
    bytes: int | None = None

    def matches(self, method: str, path: str) -> bool:
        """Tell whether a request is meant."""
        return self.times > 0 and self.method in (None, method) and re.search(self.path, path) is not None


_TYPES: dict[str, tuple[type, ...]] = {
    "path": (str,),
    "method": (str, type(None)),
    "times": (int,),
    "status": (int, type(None)),
    "body": (object,),
    "headers": (dict,),
    "delay": (int, float),
    "action": (str,),
    "url": (str, type(None)),
    "bytes": (int, type(None)),
}


@dataclass(slots=True)
class Script:
    """Lines in the order in which they are used up."""

    lines: list[Line] = field(default_factory=list[Line])

    @classmethod
    def read(cls, value: object, problems: list[str]) -> Script:
        """Read a script from JSON; what is wrong with it is added to `problems`."""
        if not isinstance(value, list):
            problems.append("'script' must be a list.")
            return cls()
        lines = [_line(entry, problems) for entry in cast("list[object]", value)]
        return cls([line for line in lines if line is not None])

    def take(self, method: str, path: str) -> Line | None:
        """Use up one of the first line that matches a request."""
        for line in self.lines:
            if line.matches(method, path):
                line.times -= 1
                return line
        return None

    def as_json(self) -> list[dict[str, Any]]:
        """Return the lines that are not used up."""
        return [asdict(line) for line in self.lines if line.times > 0]


def _line(entry: object, problems: list[str]) -> Line | None:
    if not isinstance(entry, dict):
        problems.append("A line of 'script' must be an object.")
        return None
    fields = cast("Mapping[str, Any]", entry)
    found = [_problem(name, value) for name, value in fields.items()]
    problems += filter(None, found)
    return None if any(found) else Line(**fields)


def _problem(name: str, value: object) -> str:
    if name not in _TYPES:
        return f"A line of 'script' has no '{name}'."
    if not isinstance(value, _TYPES[name]):
        return f"'{name}' in 'script' has the wrong type."
    if name == "action" and value not in ACTIONS:
        return f"'action' in 'script' must be one of {', '.join(ACTIONS)}."
    if name == "path":
        try:
            re.compile(str(value))
        except re.error as error:
            return f"'path' in 'script' is no regular expression: {error}."
    return ""
