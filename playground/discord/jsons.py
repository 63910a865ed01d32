"""JSON as it goes over the wire, and careful ways into a body that anybody may have written."""

import json
from typing import Any, cast

JsonObject = dict[str, Any]
JsonList = list[Any]


def encode(value: object) -> str:
    """Write compact JSON text."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def as_object(value: object) -> JsonObject:
    """Return the value if it is an object, otherwise an empty one."""
    return cast("JsonObject", value) if isinstance(value, dict) else {}


def as_list(value: object) -> JsonList:
    """Return the value if it is a list, otherwise an empty one."""
    return cast("JsonList", value) if isinstance(value, list) else []


def objects(value: object) -> list[JsonObject]:
    """Return the objects in a list; anything else is left out."""
    return [cast("JsonObject", item) for item in as_list(value) if isinstance(item, dict)]


def as_text(value: object) -> str:
    """Return the value if it is a string, otherwise the empty one."""
    return value if isinstance(value, str) else ""


def as_id(value: object) -> int | None:
    """Read a snowflake, which may be a string of digits or an integer."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    return None
