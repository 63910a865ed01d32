"""A process in which pictures are decoded: ``python -m pictures.child MEMORY``.

Reads one JSON object a line from a socket, with the files that it is about as open descriptors, and answers
each with another line. It can open no file and no connection itself (``sandbox``), and memory (bytes of
address space) and processor time are capped: whatever a picture does to the decoder, the bot goes on.
"""

import json
import logging
import math
import os
import resource
import socket
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict

from PIL import Image

from domain.errors import Refusal
from domain.limits import MIB
from pictures import colours
from pictures.fit import fit
from pictures.handed import Handed
from pictures.inspect import inspect
from pictures.mask import Beside, mask
from pictures.opening import Larger
from pictures.publish import publish
from pictures.sandbox import enclose
from pictures.sheet import inspect_lone, load_font, sheet
from pictures.values import File, Fitted, FittedFields, Inspected, InspectedFields, Reply, Request

GROWN = 256 * MIB
"""A process that holds so much when it has answered ends: a fresh one holds 40 MB."""
MOST_FILES = 16
"""Files of one request; a sheet has eight pictures."""
_DESCRIPTORS = 64
_LARGEST = 128 * MIB
"""Bytes of a file that this process may write."""

log = logging.getLogger(__name__)


def main() -> None:
    """Answer until there are no more requests, or this process has grown too large."""
    logging.basicConfig(level=logging.WARNING)
    # What a decoder's library prints must not be taken for an answer.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _cap(resource.RLIMIT_AS, int(sys.argv[1]), for_good=True)
    _cap(resource.RLIMIT_CORE, 0, for_good=True)
    _cap(resource.RLIMIT_NOFILE, _DESCRIPTORS, for_good=True)
    _cap(resource.RLIMIT_FSIZE, _LARGEST, for_good=True)
    _volunteer()
    memory = _memory()
    with socket.socket(fileno=sys.stdin.fileno()) as requests:
        _load()
        if not enclose() and sys.platform == "linux":
            log.warning(
                "this kernel has neither seccomp nor Landlock: pictures are decoded without a sandbox"
            )
        for request, files in _requests(requests):
            _cap(resource.RLIMIT_CPU, _seconds_used() + request["seconds"])
            reply = answer(request, files)
            for file in files:
                file.close()
            if reply.get("exhausted") or _held(memory) > GROWN:
                reply["last"] = True
            try:
                answers.write(json.dumps(reply) + "\n")
                answers.flush()
            except BrokenPipeError:
                # The bot was killed: nobody is left to answer, or to read why.
                os._exit(0)
            if "last" in reply:
                return


def _requests(requests: socket.socket) -> Iterator[tuple[Request, list[Handed]]]:
    """Yield each request with its files, until the bot closes its end."""
    line, descriptors = b"", list[int]()
    while True:
        part, handed, _flags, _address = socket.recv_fds(requests, 65_536, MOST_FILES)
        if not part:
            return
        line, descriptors = line + part, [*descriptors, *handed]
        if line.endswith(b"\n"):
            yield json.loads(line), [Handed(descriptor) for descriptor in descriptors]
            line, descriptors = b"", []


def _load() -> None:
    """Load all that a picture may need: nothing can be loaded once this process is locked in."""
    Image.preinit()
    colours.load()
    load_font()
    # Pillow asks where it is when it saves, and may be told no more than this.
    os.chdir("/")


def answer(request: Request, files: Sequence[File]) -> Reply:
    """Do what was asked for; whatever goes wrong is said to whoever asked."""
    try:
        return _done(request, files[: request["outs"]], files[request["outs"] :])
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


def _done(request: Request, outs: Sequence[File], pictures: Sequence[File]) -> Reply:
    limit, sha256, pixels = request["limit"], request["sha256"], request["pixels"]
    match request["task"], [*outs], [*pictures]:
        case "inspect", [], [file]:
            return _described(inspect(file, limit=limit, sha256=sha256, pixels=pixels))
        case "inspect", [thumbnail, normal], [file]:
            found = inspect(
                file, thumbnail=thumbnail, normal=normal, limit=limit, sha256=sha256, pixels=pixels
            )
            return _described(found)
        case "inspect_lone", [target, normal], [file]:
            return _described(*inspect_lone(file, target, normal=normal, sha256=sha256, pixels=pixels))
        case "sheet", [target], files:
            return _described(sheet(files, target, pixels=pixels, masked=request["masked"]))
        case "mask", [target, *thumbnail], [file, *others]:
            beside = Beside(image=others[0], normal=others[1], thumbnail=thumbnail[0]) if others else None
            width, height = request["size"]
            return _described(mask(file, target, size=(width, height), beside=beside, pixels=pixels))
        case "fit", [target], [file]:
            return {
                "fitted": _fields(
                    fit(file, target, limit=limit, generated=request["generated"], pixels=pixels)
                )
            }
        case "publish", [target], [file]:
            return {"fitted": _fields(publish(file, target, limit=limit, pixels=pixels))}
        case task, _, _:
            raise ValueError(f"{task} does not go with {len(outs)} and {len(pictures)} files")


def _described(*found: Inspected) -> Reply:
    return {"inspected": [InspectedFields(**asdict(each)) for each in found]}


def _fields(fitted: Fitted | None) -> FittedFields | None:
    return None if fitted is None else FittedFields(**asdict(fitted))


def _seconds_used() -> int:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return math.ceil(used.ru_utime + used.ru_stime)


def _memory() -> int | None:
    """Open what tells how much memory this process holds, while it still can (Linux)."""
    with suppress(OSError):
        return os.open("/proc/self/statm", os.O_RDONLY)
    return None


def _held(memory: int | None) -> int:
    """Return the bytes that this process holds now; where that cannot be told, the most that it ever held.

    Linux counts among the most what the parent held when it started this process.
    """
    if memory is not None:
        return int(os.pread(memory, 200, 0).split()[1]) * resource.getpagesize()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _cap(what: int, limit: int, *, for_good: bool = False) -> None:
    _soft, hard = resource.getrlimit(what)
    try:
        resource.setrlimit(what, (limit, limit if for_good else hard))
    except (ValueError, OSError) as error:
        # macOS refuses a cap on address space; the time limit remains.
        log.debug("no cap: %s", error)


def _volunteer() -> None:
    """If the machine runs out of memory, let this process be ended and not the bot (Linux)."""
    with suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as score:  # noqa: PTH123
        score.write("1000")


if __name__ == "__main__":
    main()
