"""The bot's side of ``worker``: start it, ask one thing, and understand how it ended."""

import json
import logging
import subprocess
import sys
import threading
from pathlib import Path
from typing import cast

from domain.errors import Reason, Refusal
from domain.limits import MIB
from pictures.fit import Fitted, How
from pictures.inspect import MAX_DECODE_BYTES
from pictures.worker import Reply, Request

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[1]
_MEMORY = MAX_DECODE_BYTES + 128 * MIB
"""Bytes of address space: a decode, the interpreter and Pillow."""
_SECONDS = 30
"""Of processor time; the worst honest picture takes 4 on one slow core. Twice that by the wall's clock."""


class Exhausted(Exception):
    """A picture needs more memory or time than a child is given, or made it crash."""


class Stopped(Exception):
    """The child was ended because the bot stops."""


class Child:
    """Runs one worker process at a time; its methods block and are called from one thread."""

    def __init__(
        self, *, python: str = sys.executable, memory: int = _MEMORY, seconds: int = _SECONDS
    ) -> None:
        self._python = python
        self._memory = memory
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def prove(self, path: Path, *, thumbnail: Path | None) -> None:
        """Do what ``inspect.prove`` does.

        Raises
        ------
        Refusal
            The picture cannot be decoded; NOT_AN_IMAGE if trying takes more than any honest one does.
        Stopped
            ``stop`` was called.
        """
        try:
            self._ask("prove", path, thumbnail, limit=0)
        except Exhausted as error:
            raise Refusal(Reason.NOT_AN_IMAGE) from error

    def fit(self, path: Path, out: Path, *, limit: int) -> Fitted | None:
        """Do what ``fit.fit`` does; ``None`` also if the picture is too large for it.

        Raises
        ------
        Refusal
            The picture cannot be decoded.
        Stopped
            ``stop`` was called.
        """
        try:
            reply = self._ask("fit", path, out, limit=limit)
        except Exhausted:
            return None
        found = reply.get("fitted")
        return None if found is None else _fitted(found)

    def stop(self) -> None:
        """End the running worker, if there is one, and start no other."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def _ask(self, task: str, path: Path, out: Path | None, *, limit: int) -> Reply:
        request: Request = {
            "task": task,
            "path": str(path.absolute()),
            "out": "" if out is None else str(out.absolute()),
            "limit": limit,
            "memory": self._memory,
            "seconds": self._seconds,
        }
        reply = self._run(json.dumps(request).encode())
        if "refused" in reply:
            raise Refusal(Reason(reply["refused"]), **reply.get("values", {}))
        if reply.get("exhausted"):
            log.warning("a picture needs more memory than its process is given")
            raise Exhausted
        return reply

    def _run(self, request: bytes) -> Reply:
        with self._start() as process:
            try:
                output, errors = process.communicate(request, timeout=2 * self._seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                output, errors = process.communicate()
        if self._stopped:
            raise Stopped
        if process.returncode < 0:
            log.warning("a picture's process was ended by signal %d", -process.returncode)
            raise Exhausted
        if process.returncode > 0:
            raise RuntimeError(f"a picture's process failed: {errors[-500:].decode(errors='replace')}")
        return cast("Reply", json.loads(output))

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the worker without the bot's environment: it holds the token and the key."""
        with self._lock:
            if self._stopped:
                raise Stopped
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [self._python, "-s", "-m", "pictures.worker"],
                cwd=_ROOT,
                env={},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            return self._process


def _fitted(found: dict[str, str | int]) -> Fitted:
    return Fitted(
        path=Path(str(found["path"])),
        media_type=str(found["media_type"]),
        size=int(found["size"]),
        width=int(found["width"]),
        height=int(found["height"]),
        how=How(found["how"]),
    )
