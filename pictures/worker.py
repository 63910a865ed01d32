"""A short-lived process of its own for a large picture: ``python -m pictures.worker``.

Reads one JSON object from its input, writes one to its output. Whatever a picture does to the decoder,
memory and processor time are capped here and the bot goes on.
"""

import json
import logging
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TypedDict

from domain.errors import Refusal
from pictures.fit import Fitted, fit
from pictures.inspect import prove, structure_of


class Request(TypedDict):
    """What to do: ``limit`` is bytes for "fit" and unused by "prove"; ``out`` may be empty for "prove".

    ``memory`` (bytes of address space) and ``seconds`` (of processor time) are caps.
    """

    task: str
    path: str
    out: str
    limit: int
    memory: int
    seconds: int


class Reply(TypedDict, total=False):
    """What came of it: nothing but ``done``, a fitted file, a refusal, or too little memory."""

    done: bool
    fitted: dict[str, str | int]
    refused: str
    values: dict[str, str | int]
    exhausted: bool


def main() -> None:
    """Answer the one request."""
    logging.basicConfig(level=logging.WARNING)
    request: Request = json.load(sys.stdin)
    _cap(resource.RLIMIT_AS, request["memory"])
    _cap(resource.RLIMIT_CPU, request["seconds"])
    _volunteer()
    json.dump(answer(request), sys.stdout)


def answer(request: Request) -> Reply:
    """Do what was asked for."""
    try:
        return _done(request)
    except Refusal as refusal:
        return {"refused": refusal.reason.value, "values": dict(refusal.values)}
    except MemoryError:
        return {"exhausted": True}


def _done(request: Request) -> Reply:
    path, out = Path(request["path"]), Path(request["out"])
    if request["task"] == "prove":
        prove(path, structure_of(path), thumbnail=out if request["out"] else None)
        return {"done": True}
    fitted = fit(path, out, limit=request["limit"])
    return {"done": True} if fitted is None else {"done": True, "fitted": _as_json(fitted)}


def _as_json(fitted: Fitted) -> dict[str, str | int]:
    return {name: str(value) if isinstance(value, Path) else value for name, value in asdict(fitted).items()}


def _cap(what: int, limit: int) -> None:
    _soft, hard = resource.getrlimit(what)
    try:
        resource.setrlimit(what, (limit, hard))
    except (ValueError, OSError) as error:
        # macOS refuses a cap on address space; the parent's time limit and the size estimates remain.
        logging.getLogger(__name__).debug("no cap: %s", error)


def _volunteer() -> None:
    """If the machine runs out of memory, let this process be ended and not the bot (Linux)."""
    score = Path("/proc/self/oom_score_adj")
    if score.exists():
        score.write_text("1000")


if __name__ == "__main__":
    main()
