"""Checks a request body against a model's JSON Schema, by hand and to the letter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from playground.pixeldojo.catalogue import Json, Model

_TYPES: dict[str, type] = {"string": str, "integer": int, "array": list, "object": dict, "boolean": bool}


def problems_of(body: object, model: Model) -> list[str]:
    """Return what is wrong with a body, in plain sentences; an empty list means nothing.

    ``webhook_url`` is taken besides what the schema lists.
    """
    if not isinstance(body, dict):
        return ["The body must be a JSON object."]
    fields = cast("Json", body)
    problems = [f"'{name}' is required." for name in model.required if name not in fields]
    for name, value in fields.items():
        if name == "webhook_url":
            problems += _uri_problems(name, value)
        elif name not in model.properties:
            problems.append(f"Unrecognized key: '{name}'.")
        else:
            problems += _value_problems(name, value, model.properties[name])
    if fields.get("background") == "transparent" and fields.get("output_format") == "jpeg":
        problems.append("'background' transparent needs 'output_format' png or webp.")
    return problems


def _value_problems(name: str, value: object, part: Mapping[str, Any]) -> list[str]:
    wanted = str(part["type"])
    if not isinstance(value, _TYPES[wanted]) or isinstance(value, bool) != (wanted == "boolean"):
        return [f"'{name}' must be of type {wanted}."]
    if "enum" in part and value not in part["enum"]:
        return [f"'{name}' must be one of {', '.join(part['enum'])}."]
    if isinstance(value, bool):
        return []
    if isinstance(value, int):
        return _range_problems(name, value, part)
    if isinstance(value, str):
        lengths = _length_problems(name, len(value), part, "Length", "characters")
        return lengths or (_uri_problems(name, value) if part.get("format") == "uri" else [])
    items = cast("list[object]", value)
    problems = _length_problems(name, len(items), part, "Items", "items")
    for number, item in enumerate(items):
        problems += _value_problems(f"{name}[{number}]", item, part["items"])
    return problems


def _range_problems(name: str, value: int, part: Mapping[str, Any]) -> list[str]:
    if part.get("minimum", value) <= value <= part.get("maximum", value):
        return []
    return [f"'{name}' must be between {part.get('minimum', 'any')} and {part.get('maximum', 'any')}."]


def _length_problems(name: str, length: int, part: Mapping[str, Any], of: str, unit: str) -> list[str]:
    least, most = part.get(f"min{of}", 0), part.get(f"max{of}")
    if length < least:
        return [f"'{name}' must have at least {least} {unit}."]
    if most is not None and length > most:
        return [f"'{name}' must have at most {most} {unit}."]
    return []


def _uri_problems(name: str, value: object) -> list[str]:
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return [f"'{name}' must be an http or https URL."]
    return []
