"""The switches of ``/control``: how the stand-in behaves from now on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

from playground.pixeldojo.endings import WORDINGS
from playground.pixeldojo.faults import FAULTS
from playground.pixeldojo.script import Script
from playground.pixeldojo.shapes import MODELS

Check = tuple[Callable[[object], bool], str]
MODEL_IDS = frozenset(model.api_id for model in MODELS)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _span(value: object) -> bool:
    return _number(value) and cast("float", value) >= 0


def _strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in cast("list[object]", value))


def _faults(value: object) -> bool:
    return _strings(value) and all(name in FAULTS for name in cast("list[str]", value))


def _costs(value: object) -> bool:
    return isinstance(value, dict) and all(_span(cost) for cost in cast("dict[str, object]", value).values())


def _of_models(value: object, fits: Callable[[object], bool]) -> bool:
    """Tell whether a value is an object of models of the catalogue and something that fits."""
    return isinstance(value, dict) and all(
        name in MODEL_IDS and fits(part) for name, part in cast("dict[str, object]", value).items()
    )


def _wordings(value: object) -> bool:
    return _of_models(value, lambda part: isinstance(part, str) and part in WORDINGS)


def _prices(value: object) -> bool:
    return _of_models(value, _span)


def _words(value: object) -> bool:
    return _strings(value) and bool(value)


def _one_of(*choices: object) -> Check:
    named = ", ".join(json.dumps(choice) for choice in choices)
    return (lambda value: any(value is choice or value == choice for choice in choices), f"one of {named}")


_SPAN: Check = (_span, "a number, not negative")
_FLAG: Check = (lambda value: isinstance(value, bool), "true or false")
_MAYBE_COUNT: Check = (lambda value: value is None or _count(value), "a whole number or null")
_STRINGS: Check = (_strings, "a list of strings")

CHECKS: dict[str, Check] = {
    "next": (_faults, f"a list of {', '.join(FAULTS)}"),
    "always": (lambda value: value is None or value in FAULTS, "null or one of the faults of 'next'"),
    "latency": _SPAN,
    "requests_per_minute": _MAYBE_COUNT,
    "submits_per_minute": _MAYBE_COUNT,
    "window": _one_of("sliding", "fixed"),
    "big_results": _MAYBE_COUNT,
    "huge_bytes": (_count, "a whole number of bytes"),
    "fast_results": _FLAG,
    "fetch_sources": _FLAG,
    "vary_repeats": _FLAG,
    "refund_failures": _FLAG,
    "webhooks": _one_of("on", "off", "twice", "late", "forged"),
    "webhook_delay": _SPAN,
    "dead_jobs": (_wordings, f"an object of models and one of {', '.join(WORDINGS)}"),
    "dead_runs": (_wordings, f"an object of models and one of {', '.join(WORDINGS)}"),
    "dead_status": _one_of(400, 404),
    "delist": _STRINGS,
    "remap": (_prices, "an object of models and credits per image"),
    "costs": (_costs, "an object of model ids and credits"),
    "surcharge": (_number, "a number of credits per image"),
    "blocked_words": _STRINGS,
    "error_shape": _one_of("object", "string", "list", "detail", "text", "html", "empty"),
    "job_error_shape": _one_of("object", "string", "list", "none"),
    "result_shape": _one_of("strings", "objects", "image", "assets"),
    "list_shape": _one_of("jobs", "summary", "unreadable", "missing"),
    "running_words": (_words, "a list of at least one string"),
    "failed_word": (lambda value: isinstance(value, str) and bool(value), "a string"),
    "result_seconds": _SPAN,
    "invalid_status": _one_of(400, 422),
    "refusal_status": _one_of(400, 422),
    "no_credits_status": _one_of(402, 403),
    "retry_after": _SPAN,
    "redirect_to": (lambda value: isinstance(value, str) and "://" in value, "a URL"),
    "drip_seconds": _SPAN,
}


@dataclass(slots=True)
class Switches:
    """How the stand-in behaves; see the playground's PROTOCOL.md for each. Spans are seconds."""

    latency: float = 1.0
    next: list[str] = field(default_factory=list[str])
    always: str | None = None
    requests_per_minute: int | None = 60
    submits_per_minute: int | None = 10
    window: str = "sliding"
    big_results: int | None = None
    huge_bytes: int = 2 * 1024**3
    fast_results: bool = False
    fetch_sources: bool = True
    vary_repeats: bool = False
    refund_failures: bool = True
    webhooks: str = "on"
    webhook_delay: float = 5.0
    dead_jobs: dict[str, str] = field(default_factory=dict[str, str])
    dead_runs: dict[str, str] = field(default_factory=dict[str, str])
    dead_status: int = 404
    delist: list[str] = field(default_factory=list[str])
    remap: dict[str, float] = field(default_factory=dict[str, float])
    costs: dict[str, float] = field(default_factory=dict[str, float])
    surcharge: float = 0.0
    blocked_words: list[str] = field(default_factory=lambda: ["forbidden"])
    error_shape: str = "object"
    job_error_shape: str = "object"
    result_shape: str = "strings"
    list_shape: str = "jobs"
    running_words: list[str] = field(default_factory=lambda: ["pending", "processing"])
    failed_word: str = "failed"
    result_seconds: float = 3600.0
    invalid_status: int = 422
    refusal_status: int = 422
    no_credits_status: int = 402
    retry_after: float = 2.0
    redirect_to: str = "http://169.254.169.254/latest/meta-data/"
    drip_seconds: float = 0.05
    script: Script = field(default_factory=Script)

    def merge(self, changes: Mapping[str, object]) -> None:
        """Change the switches that are named, or none of them.

        Raises
        ------
        ValueError
            A name or a value is unknown; the message lists every problem.
        """
        problems = [text for name, value in changes.items() if (text := _problem(name, value))]
        script = changes.get("script")
        lines = None if script is None else Script.read(script, problems)
        if problems:
            raise ValueError(" ".join(problems))
        for name, value in changes.items():
            if name != "script":
                setattr(self, name, value.copy() if isinstance(value, list | dict) else value)
        if lines is not None:
            self.script = lines

    def take_fault(self) -> str:
        """Return the fault of the submission that is coming in; a name in ``next`` is used up."""
        return self.next.pop(0) if self.next else self.always or "ok"

    def as_json(self) -> dict[str, Any]:
        """Return all switches as JSON."""
        plain = {entry.name: getattr(self, entry.name) for entry in fields(self) if entry.name != "script"}
        return {**plain, "script": self.script.as_json()}


def _problem(name: str, value: object) -> str:
    if name == "script":
        return ""
    if name not in CHECKS:
        return f"There is no switch '{name}'."
    fits, wanted = CHECKS[name]
    return "" if fits(value) else f"'{name}' must be {wanted}."
