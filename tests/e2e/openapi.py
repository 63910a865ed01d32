"""Checks the bot's requests against Discord's own description of its interface (OpenAPI 3.1).

It catches too many options, buttons and attachments, over-long ids and wrong types; it cannot catch unknown
fields. Snowflakes are accepted as integers too: Discord takes them, and multipart bodies number files so.
"""

import functools
import json
import re
from pathlib import Path
from typing import Any, Self

from jsonschema import Draft202012Validator

PARAMETER = re.compile(r"\{[^}]*\}")
KINDS = ("multipart/form-data", "application/json")
SHORT, LONGEST_LABEL = 12, 120
"""Characters: up to the first a text may be a word with a meaning, up to the second its length counts."""
NUMBERS = 1000
"""From here on a number is an id or a size, not a choice of Discord's."""


class Description:
    """One copy of the description."""

    def __init__(self, document: dict[str, Any]) -> None:
        snowflake = document["components"]["schemas"]["SnowflakeType"]
        snowflake["type"] = ["string", "integer"]
        self._components = document["components"]
        self._operations = {
            (method.upper(), PARAMETER.sub("{}", path)): operation
            for path, item in document["paths"].items()
            for method, operation in item.items()
            if isinstance(operation, dict)
        }
        self._validators: dict[tuple[str, str, str], Draft202012Validator] = {}
        self._known_good: set[str] = set()

    @classmethod
    def named_by(cls, path: str | None) -> Self | None:
        """Return the copy at a path, read once; ``None`` without a path."""
        return None if not path else cls._read(Path(path))

    @classmethod
    @functools.cache
    def _read(cls, path: Path) -> Self:
        return cls(json.loads(path.read_text()))

    def problem_with(self, request: dict[str, Any]) -> str | None:
        """Say what is wrong with a request out of the log; one like it that was good before is good."""
        method, route, body, files = (request[name] for name in ("method", "route", "body", "files"))
        likeness = json.dumps([method, route, bool(files), shape(body)])
        if likeness in self._known_good:
            return None
        problem = self.problem(method, route, body, files=bool(files))
        if problem is None:
            self._known_good.add(likeness)
        return problem

    def problem(self, method: str, route: str, body: object, *, files: bool) -> str | None:
        """Say what is wrong with one request; ``None`` if nothing is."""
        operation = self._operations.get((method, PARAMETER.sub("{}", route)))
        if operation is None:
            return "no such operation"
        about = operation.get("requestBody", {})
        if not body and not about.get("required"):
            return None
        kind = KINDS[0] if files else KINDS[1]
        content = about.get("content", {})
        if kind not in content:
            return f"{kind} is not taken here"
        validator = self._validator(method, route, kind, content[kind]["schema"])
        found = next(iter(validator.iter_errors(body)), None)
        return None if found is None else f"{found.json_path}: {found.message[:400]}"

    def _validator(self, method: str, route: str, kind: str, schema: Any) -> Draft202012Validator:
        key = (method, route, kind)
        if key not in self._validators:
            self._validators[key] = Draft202012Validator({**schema, "components": self._components})
        return self._validators[key]


def shape(value: Any) -> Any:
    """Return a body as far as it matters here: long texts and numbers by their length, as all limits do."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value]
    if isinstance(value, str) and len(value) > SHORT:
        return [value.isdigit(), len(value) if len(value) <= LONGEST_LABEL else -(-len(value) // 500)]
    if isinstance(value, int) and value >= NUMBERS:
        return [True, len(str(value))]
    return value


def problems_of(requests: list[dict[str, Any]], description: Description) -> list[str]:
    """Return what is wrong with requests out of the log, one line each."""
    found: list[str] = []
    for each in requests:
        if each["status"] is None and each["body"] is None:
            # The connection was reset on purpose before the stand-in had read the request.
            continue
        problem = description.problem_with(each)
        if problem is not None:
            found.append(f"{each['method']} {each['route']} ({each['n']}): {problem}")
    return found
