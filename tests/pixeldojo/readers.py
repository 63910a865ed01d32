"""The parsers by the names that the sample payloads use."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from typing import Any, Final

from pixeldojo.catalogue import read_catalogue, read_model
from pixeldojo.replies import read_job, read_jobs, read_submitted
from pixeldojo.wire import Reply

JOB: Final = "job_abc123"
MODEL: Final = "gpt-image-1-5-edit"

READERS: Final[Mapping[str, Callable[[Reply], Any]]] = {
    "submit": read_submitted,
    "job": lambda reply: read_job(reply, JOB),
    "jobs": read_jobs,
    "models": read_catalogue,
    "model": lambda reply: read_model(reply, MODEL),
}
STATUSES: Final = (200, 202, 204, 302, 400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 451, 500, 503, 599)


def plain(value: Any) -> Any:
    """Turn a parsed value into what JSON can say, so that it compares with an expectation."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return value


def differences(expected: Any, found: Any, where: str = "$") -> list[str]:
    """Compare what is expected; fields of which the expectation says nothing may be anything."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [
            line
            for name, each in expected.items()
            for line in differences(each, found.get(name, "<absent>"), f"{where}.{name}")
        ]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        pairs = zip(expected, found, strict=True)
        return [line for n, (a, b) in enumerate(pairs) for line in differences(a, b, f"{where}[{n}]")]
    return [] if expected == found else [f"{where}: expected {expected!r}, found {found!r}"]
