"""A process in which pictures are decoded: ``python -m pictures.child MEMORY``.

Reads one JSON object a line and answers each with another. Memory (bytes of address space) and processor
time are capped: whatever a picture does to the decoder, the bot goes on.
"""

import json
import logging
import math
import os
import resource
import sys
import traceback
from dataclasses import asdict
from pathlib import Path

from domain.errors import Refusal
from domain.limits import MIB
from pictures.fit import fit, publish
from pictures.inspect import inspect
from pictures.opening import Larger
from pictures.sheet import inspect_lone, sheet
from pictures.values import Fitted, FittedFields, Inspected, InspectedFields, Reply, Request

GROWN = 256 * MIB
"""A process that holds so much when it has answered ends: a fresh one holds 40 MB."""


def main() -> None:
    """Answer until there are no more requests, or this process has grown too large."""
    logging.basicConfig(level=logging.WARNING)
    # What a decoder's library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _cap(resource.RLIMIT_AS, int(sys.argv[1]))
    _volunteer()
    for line in sys.stdin.buffer:
        request: Request = json.loads(line)
        _cap(resource.RLIMIT_CPU, _seconds_used() + request["seconds"])
        reply = answer(request)
        if reply.get("exhausted") or _held() > GROWN:
            reply["last"] = True
        answers.write(json.dumps(reply) + "\n")
        answers.flush()
        if "last" in reply:
            return


def answer(request: Request) -> Reply:
    """Do what was asked for; whatever goes wrong is said to whoever asked."""
    try:
        return _done(request)
    except Refusal as refusal:
        return {"refused": refusal.reason.value, "values": dict(refusal.values)}
    except Larger:
        return {"larger": True}
    except MemoryError:
        return {"exhausted": True}
    except OSError as error:
        return {"errno": error.errno or 0, "failed": error.strerror or str(error)}
    except Exception:  # noqa: BLE001 - a mistake of ours ends one request, and its author reads where
        return {"failed": traceback.format_exc()[-4_000:]}


def _done(request: Request) -> Reply:
    paths, out = [Path(path) for path in request["paths"]], Path(request["out"])
    path, limit, sha256, pixels = paths[0], request["limit"], request["sha256"], request["pixels"]
    match request["task"]:
        case "inspect":
            thumbnail = out if request["out"] else None
            return _described(inspect(path, thumbnail=thumbnail, limit=limit, sha256=sha256, pixels=pixels))
        case "inspect_lone":
            return _described(*inspect_lone(path, out, sha256=sha256, pixels=pixels))
        case "sheet":
            return _described(sheet(paths, out, pixels=pixels))
        case "fit":
            return {"fitted": _fields(fit(path, out, limit=limit, pixels=pixels))}
        case "publish":
            return {"fitted": _fields(publish(path, out, limit=limit, pixels=pixels))}


def _described(*found: Inspected) -> Reply:
    return {"inspected": [InspectedFields(**asdict(each)) for each in found]}


def _fields(fitted: Fitted | None) -> FittedFields | None:
    if fitted is None:
        return None
    return {
        "path": str(fitted.path),
        "media_type": fitted.media_type,
        "size": fitted.size,
        "width": fitted.width,
        "height": fitted.height,
        "how": fitted.how.value,
    }


def _seconds_used() -> int:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return math.ceil(used.ru_utime + used.ru_stime)


def _held() -> int:
    """Return the bytes that this process holds now; where that cannot be told, the most that it ever held.

    Linux counts among the most what the parent held when it started this process.
    """
    listed = Path("/proc/self/statm")
    if listed.exists():
        return int(listed.read_text().split()[1]) * resource.getpagesize()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _cap(what: int, limit: int) -> None:
    _soft, hard = resource.getrlimit(what)
    try:
        resource.setrlimit(what, (limit, hard))
    except (ValueError, OSError) as error:
        # macOS refuses a cap on address space; the time limit remains.
        logging.getLogger(__name__).debug("no cap: %s", error)


def _volunteer() -> None:
    """If the machine runs out of memory, let this process be ended and not the bot (Linux)."""
    score = Path("/proc/self/oom_score_adj")
    if score.exists():
        score.write_text("1000")


if __name__ == "__main__":
    main()
