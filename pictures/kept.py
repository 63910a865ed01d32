"""The bot's side of ``child``: one process, kept, asked one thing at a time, replaced when it fails."""

import asyncio
import json
import logging
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from domain.errors import Reason, Refusal
from domain.limits import MIB
from pictures.values import Reply, Request

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parents[1]
_MEMORY = 832 * MIB
"""Bytes of address space: the largest decode, the interpreter and Pillow."""
_PATIENCE = 4
"""Seconds of the wall's clock for each of processor time: on a busy machine the two drift apart."""
_TRIES = 2
"""A process may die of something else than its picture: the machine's memory, an operator's kill."""


class Exhausted(Exception):
    """A picture needs more memory or time than it is given, or made the process crash.

    ``lethal``: it did so for certain; not if the machine may only have been slow.
    """

    def __init__(self, *, lethal: bool = True) -> None:
        super().__init__()
        self.lethal = lethal


class Kept:
    """Whoever asks waits in line; a process that is ended harms only the picture that it was working on."""

    def __init__(self, *, python: str = sys.executable, memory: int = _MEMORY) -> None:
        self._command = (python, "-s", "-m", "pictures.child", str(memory))
        self._line = asyncio.Lock()
        self._process: Process | None = None
        self._requests: socket.socket | None = None
        self._closed = False

    async def ask(self, request: Request, pictures: Sequence[Path], outs: Sequence[Path] = ()) -> Reply:
        """Return the process's answer, which is no failure: about pictures, and what was written to ``outs``.

        Raises
        ------
        Refusal
            The picture is refused.
        OSError
            A file cannot be read or written.
        Exhausted
            The picture needs too much, or a process died of it, twice.
        asyncio.CancelledError
            ``close`` was called.
        """
        for _ in range(_TRIES):
            # Asked again, it stands behind the others: they do not wait for what may be the trouble.
            async with self._line:
                reply = await self._exchange(request, pictures, outs)
            if reply is not None:
                return _checked(reply)
        raise Exhausted

    async def close(self) -> None:
        """End the process at once; whoever awaits an answer sees ``asyncio.CancelledError``."""
        self._closed = True
        await self._end()

    async def _exchange(
        self, request: Request, pictures: Sequence[Path], outs: Sequence[Path]
    ) -> Reply | None:
        """Ask the process; ``None`` if it died."""
        process = await self._running()
        try:
            with _opened(pictures, outs) as descriptors:
                self._send({**request, "outs": len(outs)}, descriptors)
                async with asyncio.timeout(_PATIENCE * request["seconds"]):
                    answer = await _answer(process)
                    code = 0 if answer else await process.wait()
            reply: Reply | None = json.loads(answer) if answer else None
        except TimeoutError:
            log.warning("a picture took too long")
            await self._end()
            raise Exhausted(lethal=False) from None
        except OSError:
            # A file that could not be opened: nothing was asked.
            raise
        except BaseException:
            # Cancelled, say: it may be about to write a file that nobody waits for any more.
            await self._end()
            raise
        if reply is None:
            self._note_end(code)
        elif "last" in reply:
            await self._end()
        return reply

    def _send(self, request: Request, descriptors: Sequence[int]) -> None:
        if self._requests is None:
            raise RuntimeError("the picture process has no socket")
        # One request is under way at a time, and it is small: the socket always has room for it.
        with suppress(ConnectionError):
            socket.send_fds(self._requests, [json.dumps(request).encode() + b"\n"], descriptors)

    async def _running(self) -> Process:
        if not self._closed and (self._process is None or self._process.returncode is not None):
            await self._start()
        if self._closed or self._process is None:
            await self._end()
            raise asyncio.CancelledError
        return self._process

    async def _start(self) -> None:
        self._hang_up()
        self._requests, theirs = socket.socketpair()
        self._requests.setblocking(False)
        try:
            # Without the bot's environment: it holds the token and the key.
            self._process = await asyncio.create_subprocess_exec(
                *self._command, cwd=_ROOT, env={}, stdin=theirs.fileno(), stdout=PIPE, start_new_session=True
            )
        except BaseException:
            self._hang_up()
            raise
        finally:
            theirs.close()
        log.debug("picture process %d was started", self._process.pid)

    def _note_end(self, code: int) -> None:
        if self._closed:
            raise asyncio.CancelledError
        if code >= 0:
            raise RuntimeError(f"the picture process ended by itself ({code}); its errors are above")
        log.warning("the picture process was ended by signal %d", -code)
        if code == -signal.SIGXCPU:
            raise Exhausted

    async def _end(self) -> None:
        process, self._process = self._process, None
        self._hang_up()
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def _hang_up(self) -> None:
        if self._requests is not None:
            self._requests.close()
            self._requests = None


@contextmanager
def _opened(pictures: Sequence[Path], outs: Sequence[Path]) -> Generator[list[int]]:
    """Open all files of a request, those to be written first; what stayed empty is taken away again."""
    with ExitStack() as stack:
        written = [stack.enter_context(out.open("w+b")) for out in outs]
        read = [stack.enter_context(picture.open("rb")) for picture in pictures]
        yield [file.fileno() for file in (*written, *read)]
        for out, file in zip(outs, written, strict=True):
            if os.fstat(file.fileno()).st_size == 0:
                out.unlink(missing_ok=True)


async def _answer(process: Process) -> bytes:
    """Return a whole line, or nothing from a process that ended before."""
    if process.stdout is None:
        raise RuntimeError("the picture process has no pipe")
    answer = await process.stdout.readline()
    return answer if answer.endswith(b"\n") else b""


def _checked(reply: Reply) -> Reply:
    if "refused" in reply:
        raise Refusal(Reason(reply["refused"]), **reply.get("values", {}))
    if "exhausted" in reply:
        log.warning("a picture needs more memory than its process is given")
        raise Exhausted
    if "errno" in reply:
        raise OSError(reply["errno"], reply.get("failed", ""))
    if "failed" in reply:
        raise RuntimeError(f"the picture process failed: {reply['failed']}")
    return reply
