"""Processes forked by ``tests.e2e.fork_server``: as much of asyncio's own as tests use of a bot."""

import asyncio
import atexit
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Forked:
    """A running program; ``returncode`` is its exit status once it has ended, negative for a signal."""

    def __init__(self, pid: int, answers: asyncio.StreamReader, wishes: asyncio.StreamWriter) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ending = asyncio.create_task(self._end(answers, wishes))

    async def _end(self, answers: asyncio.StreamReader, wishes: asyncio.StreamWriter) -> int:
        self.returncode = int(await answers.readline())
        wishes.close()
        return self.returncode

    async def wait(self) -> int:
        return await asyncio.shield(self._ending)

    def send_signal(self, number: int) -> None:
        # It may have ended a moment ago.
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


async def start(
    program: Path, *arguments: str, environment: Mapping[str, str], log: Path, folder: Path = ROOT
) -> Forked:
    """Run a program of ours in a process of its own; what it prints is appended to a file."""
    answers, wishes = await asyncio.open_unix_connection(_server())
    wish = {
        "program": str(program),
        "arguments": arguments,
        "environment": dict(environment),
        "log": str(log),
        "folder": str(folder),
    }
    wishes.write(json.dumps(wish).encode() + b"\n")
    return Forked(int(await answers.readline()), answers, wishes)


@functools.cache
def _server() -> str:
    """Start the server that all tests of this process share; return its address."""
    address = f"{tempfile.mkdtemp(prefix='fork-')}/server"
    command: Sequence[str] = [sys.executable, "-m", "tests.e2e.fork_server", address]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    atexit.register(_end, server, address)
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    return address


def _end(server: "subprocess.Popen[str]", address: str) -> None:
    with server:
        server.kill()
    shutil.rmtree(Path(address).parent)
